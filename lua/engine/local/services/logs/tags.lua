--- Tags, of log groups.
local fault = require "engine.local.fault"
local invalid = require("engine.local.services.logs.refusal").invalid
local json = require "host.json"
local order = require "engine.order"

local tags = {}

local MOST <const> = 50
local LONGEST_NAME <const>, LONGEST_VALUE <const> = 128, 256

local CONSTRAINT <const> = "1 validation error detected: Value at 'tags' failed to satisfy "
  .. "constraint: Map %s must satisfy constraint: [Member must have length less than or equal to "
  .. "%d, Member must have length greater than or equal to %d]"

local function check_length(text, what, least, most)
  local length = utf8.len(text)
  if not length or length < least or length > most then
    invalid(CONSTRAINT:format(what, most, least))
  end
end

--- The tags with others added, which take the place of those of the same name.
---@param had table<string, string>
---@param more table<string, string>
---@return table<string, string>
function tags.merge(had, more)
  local merged = json.object {}
  for name, value in pairs(had) do
    merged[name] = value
  end
  for name, value in pairs(more) do
    value = tostring(value)
    check_length(name, "keys", 1, LONGEST_NAME)
    check_length(value, "values", 0, LONGEST_VALUE)
    merged[name] = value
  end
  if #order.keys(merged) > MOST then
    fault.raise("TooManyTagsException", "A resource can have no more than 50 tags.")
  end
  return merged
end

return tags
