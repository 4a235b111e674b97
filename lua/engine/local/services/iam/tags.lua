--- Tags, of roles and policies.
local fault = require "engine.local.fault"
local json = require "host.json"

local tags = {}

tags.MOST = 50

local LENGTH <const> = "1 validation error detected: Value at 'tags.%d.member.%s' failed to "
  .. "satisfy constraint: Member must have length %s than or equal to %d"

local function check_length(text, place, field, least, most)
  local length = utf8.len(text) or math.huge
  if length > most then
    fault.raise("ValidationError", LENGTH:format(place, field, "less", most))
  elseif length < least then
    fault.raise("ValidationError", LENGTH:format(place, field, "greater", least))
  end
end

-- Keys are told apart without regard to case, and no request may name one twice.
local function check(list)
  local seen = {}
  for place, tag in ipairs(list) do
    check_length(tag.Key, place, "key", 1, 128)
    check_length(tag.Value or "", place, "value", 0, 256)
    local key = tag.Key:lower()
    if seen[key] then
      fault.raise("InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    end
    seen[key] = true
  end
end

--- Adds tags to others, the later of one key in the earlier's place.
---@param list { Key: string, Value: string }[]  changed
---@param more? { Key: string, Value?: string }[]
---@return { Key: string, Value: string }[] list
function tags.merge(list, more)
  check(more or {})
  for _, tag in ipairs(more or {}) do
    local place = #list + 1
    for i, other in ipairs(list) do
      place = other.Key:lower() == tag.Key:lower() and i or place
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
    gone[key:lower()] = true
  end
  for _, tag in ipairs(list) do
    table.insert(kept, not gone[tag.Key:lower()] and tag or nil)
  end
  return kept
end

return tags
