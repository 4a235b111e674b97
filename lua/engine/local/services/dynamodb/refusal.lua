--- How DynamoDB refuses what a request says: a ValidationException, in its own phrases.
local fault = require "engine.local.fault"

local refusal = {}

--- Refuses with these words.
---@param message string  for string.format
function refusal.invalid(message, ...)
  fault.raise("ValidationException", message:format(...))
end

--- Refuses parameters that do not fit together.
---@param message string  for string.format
function refusal.wrong(message, ...)
  refusal.invalid("One or more parameter values were invalid: " .. message, ...)
end

--- Refuses one parameter's value.
---@param value any
---@param member string      "limit", or "Limit"
---@param constraint string  "Member must have …", for string.format
function refusal.constraint(value, member, constraint, ...)
  refusal.invalid("1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s",
    value == nil and "null" or ("'%s'"):format(tostring(value)), member:gsub("^%u", string.lower),
    constraint:format(...))
end

return refusal
