--- What a caller must acknowledge before a template is acted upon.
local fault = require "engine.local.fault"
local order = require "engine.order"

local capabilities = {}

local IAM_TYPES <const> = {
  ["AWS::IAM::AccessKey"] = false,
  ["AWS::IAM::Group"] = "GroupName",
  ["AWS::IAM::GroupPolicy"] = false,
  ["AWS::IAM::InstanceProfile"] = "InstanceProfileName",
  ["AWS::IAM::ManagedPolicy"] = "ManagedPolicyName",
  ["AWS::IAM::Policy"] = false,
  ["AWS::IAM::Role"] = "RoleName",
  ["AWS::IAM::RolePolicy"] = false,
  ["AWS::IAM::User"] = "UserName",
  ["AWS::IAM::UserPolicy"] = false,
  ["AWS::IAM::UserToGroupAddition"] = false,
}

--- The capabilities that a template requires, the reason in AWS's words, and the types that ask.
---@param value table
---@return string? capability  "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"
---@return string reason
function capabilities.required(value)
  local named, types = false, {}
  for _, resource in pairs(value.Resources) do
    local name_property = IAM_TYPES[resource.Type]
    if name_property ~= nil then
      types[resource.Type] = true
      named = named or name_property and (resource.Properties or {})[name_property] ~= nil
    end
  end
  if next(types) == nil then
    return nil, ""
  end
  return named and "CAPABILITY_NAMED_IAM" or "CAPABILITY_IAM",
    ("The following resource(s) require capabilities: [%s]"):format(
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
