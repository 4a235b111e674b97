--- What a caller must acknowledge before a template is acted upon.
local fault = require "engine.local.fault"
local of_iam = require("engine.capabilities").of_iam
local order = require "engine.order"

local capabilities = {}

--- The capabilities that a template requires, the reason in AWS's words, and the types that ask.
---@param value table
---@return string? capability  "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"
---@return string reason
function capabilities.required(value)
  local wanted, types = of_iam(value)
  if not wanted then
    return nil, ""
  end
  return wanted, ("The following resource(s) require capabilities: [%s]"):format(
    table.concat(order.keys(types), ", "))
end

--- Raises InsufficientCapabilitiesException unless the caller acknowledged what the template does.
---@param value table
---@param acknowledged string[]
function capabilities.check(value, acknowledged)
  local has = {}
  for _, name in ipairs(acknowledged) do
    has[name] = true
  end
  local wanted = capabilities.required(value)
  if wanted and not has.CAPABILITY_NAMED_IAM
    and not (wanted == "CAPABILITY_IAM" and has.CAPABILITY_IAM) then
    fault.raise("InsufficientCapabilitiesException",
      ("Requires capabilities : [%s]"):format(wanted))
  elseif value.Transform and not has.CAPABILITY_AUTO_EXPAND then
    fault.raise("InsufficientCapabilitiesException",
      "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
  end
end

return capabilities
