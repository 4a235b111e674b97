--- What requests of several actions have in common: words out of a list, flags, and the parameters of
--- before there were expressions, which this cloud does not answer.
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local fault = require "engine.local.fault"

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
  if said == nil then
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
    if params[name] ~= nil then
      fault.raise("NotImplemented", ("laconic local does not answer DynamoDB's legacy parameter %s"
        .. " of %s: say it as an expression"):format(name, action), 501)
    end
  end
end

return parameters
