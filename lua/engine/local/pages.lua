--- Lists, page after page: the token of the next page names the last item of this one, so that items
--- that come or go in between neither repeat nor hide others.
local digest = require "host.digest"

local pages = {}

--- Cuts a page out of a list that is sorted by `name_of(item)`.
---@generic T
---@param list T[]
---@param token? string  from the page before
---@param limit integer
---@param name_of fun(item: T): string
---@return T[]? page     nil when the token is none of ours
---@return string? next  the token of the next page
function pages.cut(list, token, limit, name_of)
  local after = type(token) == "string" and digest.from_base64(token)
  if token and not after then
    return nil
  end
  local page = {}
  for place, item in ipairs(list) do
    local name = name_of(item)
    if not after or name > after then
      table.insert(page, item)
      if #page == limit then
        return page, list[place + 1] and digest.to_base64(name) or nil
      end
    end
  end
  return page
end

return pages
