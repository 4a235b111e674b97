--- Tags, of roles.
local fault = require "engine.local.fault"
local json = require "host.json"

local tags = {}

tags.MOST = 50

--- Adds tags to others, the later of one key in the earlier's place.
---@param list { Key: string, Value: string }[]  changed
---@param more? { Key: string, Value?: string }[]
---@return { Key: string, Value: string }[] list
function tags.merge(list, more)
  for _, tag in ipairs(more or {}) do
    if type(tag) ~= "table" or not tag.Key or #tag.Key > 128 or #(tag.Value or "") > 256 then
      fault.raise("InvalidInput", "A tag has a Key of 1 to 128 and a Value of 0 to 256 characters")
    end
    local place = #list + 1
    for i, other in ipairs(list) do
      place = other.Key == tag.Key and i or place
    end
    list[place] = { Key = tag.Key, Value = tag.Value or "" }
  end
  if #list > tags.MOST then
    fault.raise("LimitExceeded", "The number of tags has reached the maximum limit of 50.", 409)
  end
  return list
end

--- The tags whose keys are not among those.
---@param list { Key: string, Value: string }[]
---@param keys? string[]
---@return { Key: string, Value: string }[]
function tags.without(list, keys)
  local gone, kept = {}, json.array {}
  for _, key in ipairs(keys or {}) do
    gone[key] = true
  end
  for _, tag in ipairs(list) do
    table.insert(kept, not gone[tag.Key] and tag or nil)
  end
  return kept
end

return tags
