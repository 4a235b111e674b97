--- How CloudWatch Logs refuses.
local fault = require "engine.local.fault"

local refusal = {}

--- Refuses a request for what a parameter says.
---@param message string
function refusal.invalid(message)
  fault.raise("InvalidParameterException", message)
end

--- Refuses a token that was not given out.
function refusal.bad_token()
  refusal.invalid "The specified nextToken is invalid."
end

function refusal.no_group()
  fault.raise("ResourceNotFoundException", "The specified log group does not exist.")
end

return refusal
