--- A domain of an author's own, as all kinds of APIs say it: its name, and the path below it.
---@module "laconic.api_domain"
local api_domain = {}

api_domain.NAME = {
  type = "text",
  required = true,
  test = function(name)
    if type(name) == "string" and not (name .. "."):match "^[%l%d*][%l%d-]*%.[%l%d.-]+$" then
      return ("'%s' is no domain name such as 'api.example.com'"):format(name)
    end
  end,
}

api_domain.PATH = {
  type = "string",
  least = 1,
  most = 300,
  test = function(path)
    local plain = path:match "^[%w$_.+!*'()/-]+$"
    if not plain or path:find "^/" or path:find "/$" or path:find "//" then
      return ("'%s' is not a path below a domain such as 'v1' or 'shop/orders'"):format(path)
    end
  end,
}

return api_domain
