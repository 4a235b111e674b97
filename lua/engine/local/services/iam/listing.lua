--- Lists in IAM's form.
local fault = require "engine.local.fault"
local pages = require "engine.local.pages"

local listing = {}

--- One page of a list: `member` holds it, with Marker and IsTruncated beside.
---@param list any[]
---@param params { Marker?: string, MaxItems?: string }
---@param member string  "Roles"
---@param name_of fun(item: any): string  that by which the list is sorted
---@return table
function listing.page(list, params, member, name_of)
  local limit = math.tointeger(tonumber(params.MaxItems or 100))
  local items, marker
  if limit and limit >= 1 and limit <= 1000 then
    items, marker = pages.cut(list, params.Marker, limit, name_of)
  end
  if not items then
    fault.raise("ValidationError", "MaxItems must be 1 to 1000, and Marker one that was given out")
  end
  return { [member] = items, Marker = marker, IsTruncated = marker ~= nil }
end

return listing
