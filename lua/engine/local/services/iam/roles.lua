--- The roles, documents of the state.
local fault = require "engine.local.fault"
local names = require "engine.local.services.iam.names"

local roles = {}

---@class engine.local.services.iam.Role
---@field RoleName string
---@field RoleId string
---@field Arn string
---@field Path string
---@field CreateDate number
---@field AssumeRolePolicyDocument string
---@field Description? string
---@field MaxSessionDuration integer
---@field PermissionsBoundary? string
---@field Tags { Key: string, Value: string }[]
---@field inline table<string, string>  policy documents by name
---@field attached string[]             ARNs, in the order of attachment

--- Where the document of a role is.
---@return string
function roles.document(name)
  return "iam/roles/" .. name
end

--- The role that a request names.
---@return engine.local.services.iam.Role
function roles.find(params, cloud)
  local name = params.RoleName
  names.check("roleName", name, 64)
  return cloud.state:get(roles.document(name))
    or fault.raise("NoSuchEntity", ("The role with name %s cannot be found."):format(name), 404)
end

--- Writes down what has changed of a role.
---@param role engine.local.services.iam.Role
function roles.keep(cloud, role)
  cloud.state:put(roles.document(role.RoleName), role)
end

--- All roles, by their names.
---@return engine.local.services.iam.Role[]
function roles.all(cloud)
  local list = {}
  for _, name in ipairs(cloud.state:list "iam/roles") do
    table.insert(list, (cloud.state:get(roles.document(name))))
  end
  return list
end

--- Where in a role's list of attached policies one stands; nil when it is not attached.
---@param role engine.local.services.iam.Role
---@param arn string
---@return integer?
function roles.place_of(role, arn)
  for place, attached in ipairs(role.attached) do
    if attached == arn then
      return place
    end
  end
end

return roles
