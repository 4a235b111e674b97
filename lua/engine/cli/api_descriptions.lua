--- What commands tell of the APIs' descriptions that are too large for the template, and go to S3.
local json = require "host.json"
local order = require "engine.order"

local api_descriptions = {}

--- For an answer in JSON; nil when there are none.
---@param build engine.Build
---@return { api: string, path: string, bytes: integer, key: string }[]?
function api_descriptions.listed(build)
  if not build.descriptions then
    return nil
  end
  local list = json.array {}
  for i, id in ipairs(order.keys(build.descriptions)) do
    local one = build.descriptions[id]
    list[i] = { api = id, path = one.path, bytes = one.bytes, key = one.key }
  end
  return list
end

--- A line for each.
---@param build engine.Build
---@return string[]
function api_descriptions.lines(build)
  local lines = {}
  for i, one in ipairs(api_descriptions.listed(build) or {}) do
    lines[i] = ("%s  %d bytes  goes to S3, the template refers to it"):format(one.path, one.bytes)
  end
  return lines
end

return api_descriptions
