--- What can be said of CORS, by HTTP APIs and function URLs alike: which pages of other origins may call
--- from a browser.
---
---     cors = { allow_origins = { "https://example.com" }, allow_methods = { "GET", "POST" } }
---
---@module "laconic.cross_origin"
local check = require "engine.check"

local cross_origin = {}

---@class laconic.CorsOptions
---@field allow_origins? any[]       "https://example.com", "*"
---@field allow_methods? string[]    "GET", "*"
---@field allow_headers? string[]    that a page may send: "content-type", "*"
---@field expose_headers? string[]   that a page may read
---@field allow_credentials? boolean cookies and the like; not with "*"
---@field max_age? integer           seconds for which a browser remembers this, 86,400 at most

local function test_origin(origin)
  if type(origin) == "string" and origin ~= "*" and not origin:match "^%l[%l%d+.-]*://[^/%s]+$" then
    return ("'%s' is not an origin such as 'https://example.com': no path, no slash at its end")
      :format(origin)
  end
end

local function test_header(name)
  if not name:match "^[%w!#$%%&'*+%-.^_`|~]+$" then
    return ("'%s' cannot be a header's name"):format(name)
  end
end

local HEADERS = { each = { type = "string", test = test_header }, most = 100 }

--- The rules of its fields.
---@param methods string[]      that can be named, "*" among them
---@param least_age integer
---@return table<string, engine.Rule>
function cross_origin.rules(methods, least_age)
  return {
    allow_origins = { each = { type = "text", test = test_origin }, least = 1, most = 100 },
    allow_methods = { each = { one_of = methods }, least = 1 },
    allow_headers = HEADERS,
    expose_headers = HEADERS,
    allow_credentials = { type = "boolean" },
    max_age = { type = "integer", least = least_age, most = 86400, unit = "seconds" },
  }
end

local function names_all(list)
  for _, item in ipairs(list) do
    if item == "*" then
      return true
    end
  end
  return false
end

--- Checks what was said, and returns it complete; nil when there is none. `true` means that every page
--- may send everything that needs no credentials.
---@param name string
---@param value boolean|laconic.CorsOptions|nil
---@param rules table<string, engine.Rule>
---@return laconic.CorsOptions?
function cross_origin.read(name, value, rules)
  if not value then
    return nil
  elseif value == true then
    return { allow_headers = { "*" }, allow_methods = { "*" }, allow_origins = { "*" } }
  end
  check.fields(name, value, rules)
  if not value.allow_origins then
    check.fail("E102", ("%s: field 'allow_origins' is missing"):format(name))
  elseif value.allow_credentials and names_all(value.allow_origins) then
    check.fail("E104", name .. ".allow_origins: \"*\" does not go with allow_credentials",
      "name the origins one by one")
  end
  return value
end

return cross_origin
