--- What of a template CloudFormation wants acknowledged, for those who ask and for the local cloud, which
--- asks back.
local capabilities = {}

-- Resource types for which CloudFormation wants CAPABILITY_IAM; with the property that, when it is
-- given, makes it CAPABILITY_NAMED_IAM.
local IAM_TYPES = {
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

--- The capability for what a template does to IAM, and the types that ask for it; nil when none does.
---@param template table
---@return "CAPABILITY_IAM"|"CAPABILITY_NAMED_IAM"|nil
---@return table<string, true> types
function capabilities.of_iam(template)
  local named, types = false, {}
  for _, resource in pairs(template.Resources or {}) do
    local name_property = IAM_TYPES[resource.Type]
    if name_property ~= nil then
      types[resource.Type] = true
      named = named or name_property and (resource.Properties or {})[name_property] ~= nil
    end
  end
  if next(types) == nil then
    return nil, types
  end
  return named and "CAPABILITY_NAMED_IAM" or "CAPABILITY_IAM", types
end

return capabilities
