--- What requests of several actions have in common: words out of a list, flags, and the parameters of
--- before there were expressions, which this cloud does not answer.
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local fault = require "engine.local.fault"
local json = require "host.json"

local parameters = {}

local LEGACY <const> = {
  "AttributeUpdates", "AttributesToGet", "ConditionalOperator", "Expected", "KeyConditions",
  "QueryFilter", "ScanFilter",
}

--- Refuses a word that is none of the list; an absent one is the first.
---@param params table
---@param name string
---@param words string[]
---@return string
function parameters.one_of(params, name, words)
  local said = params[name]
  if said == nil or said == json.null then
    return words[1]
  end
  for _, word in ipairs(words) do
    if said == word then
      return word
    end
  end
  constraint(said, name, "Member must satisfy enum value set: [%s]", table.concat(words, ", "))
end

--- Refuses the parameters that expressions have replaced, by name.
---@param params table
---@param action string
function parameters.refuse_legacy(params, action)
  for _, name in ipairs(LEGACY) do
    if params[name] ~= nil and params[name] ~= json.null then
      fault.raise("NotImplemented", ("laconic local does not answer DynamoDB's legacy parameter %s"
        .. " of %s: say it as an expression"):format(name, action), 501)
    end
  end
end

--- Refuses what is no structure.
---@param value any
---@param what string  "TransactItems"
---@return table
function parameters.structure(value, what)
  if type(value) ~= "table" then
    fault.raise("SerializationException", what .. ": a structure expected")
  end
  return value
end

--- A member; nil for null, too.
---@param params table
---@param name string
---@return any
function parameters.get(params, name)
  local value = params[name]
  if value == json.null then
    return nil
  end
  return value
end

return parameters
