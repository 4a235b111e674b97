--- IAM's actions upon roles, and upon their tags.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local names = require "engine.local.services.iam.names"
local page = require("engine.local.services.iam.listing").page
local policy_document = require "engine.local.policy_document"
local roles = require "engine.local.services.iam.roles"
local tags = require "engine.local.services.iam.tags"
local uri = require "host.uri"

local actions = {}

local function shape_role(role)
  return {
    RoleName = role.RoleName,
    RoleId = role.RoleId,
    Arn = role.Arn,
    Path = role.Path,
    CreateDate = clock.iso8601(role.CreateDate),
    AssumeRolePolicyDocument = uri.encode(role.AssumeRolePolicyDocument),
    Description = role.Description,
    MaxSessionDuration = role.MaxSessionDuration,
    Tags = #role.Tags > 0 and role.Tags or nil,
    PermissionsBoundary = role.PermissionsBoundary and {
      PermissionsBoundaryType = "Policy",
      PermissionsBoundaryArn = role.PermissionsBoundary,
    } or nil,
    RoleLastUsed = "",
  }
end

local function session_duration(params)
  local seconds = math.tointeger(tonumber(params.MaxSessionDuration or 3600))
  if not seconds or seconds < 3600 or seconds > 43200 then
    fault.raise("ValidationError", "MaxSessionDuration must be between 3600 and 43200 seconds")
  end
  return seconds
end

function actions.CreateRole(_, params, cloud)
  local name, path = params.RoleName, params.Path or "/"
  names.check("roleName", name, 64)
  names.check_path(path)
  policy_document.check(params.AssumeRolePolicyDocument, true)
  if cloud.state:get(roles.document(name)) then
    fault.raise("EntityAlreadyExists", ("Role with name %s already exists."):format(name), 409)
  end
  local role = {
    RoleName = name,
    RoleId = identifier.unique "AROA",
    Arn = ("arn:aws:iam::%s:role%s%s"):format(cloud.account, path, name),
    Path = path,
    CreateDate = clock.now() // 1,
    AssumeRolePolicyDocument = params.AssumeRolePolicyDocument,
    Description = params.Description,
    MaxSessionDuration = session_duration(params),
    PermissionsBoundary = params.PermissionsBoundary,
    Tags = tags.merge(json.array {}, params.Tags),
    inline = json.object {},
    attached = json.array {},
  }
  roles.keep(cloud, role)
  return { Role = shape_role(role) }
end

function actions.GetRole(_, params, cloud)
  return { Role = shape_role(roles.find(params, cloud)) }
end

function actions.DeleteRole(_, params, cloud)
  local role = roles.find(params, cloud)
  if next(role.inline) then
    fault.raise("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
  elseif #role.attached > 0 then
    fault.raise("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
  end
  cloud.state:remove(roles.document(role.RoleName))
end

function actions.UpdateRole(_, params, cloud)
  local role = roles.find(params, cloud)
  role.Description = params.Description or role.Description
  role.MaxSessionDuration = session_duration(params) -- an hour, when it is not said anew
  roles.keep(cloud, role)
end

function actions.UpdateAssumeRolePolicy(_, params, cloud)
  local role = roles.find(params, cloud)
  policy_document.check(params.PolicyDocument, true)
  role.AssumeRolePolicyDocument = params.PolicyDocument
  roles.keep(cloud, role)
end

function actions.ListRoles(_, params, cloud)
  local prefix, list = params.PathPrefix or "/", {}
  for _, role in ipairs(roles.all(cloud)) do
    if role.Path:sub(1, #prefix) == prefix then
      table.insert(list, shape_role(role))
    end
  end
  return page(list, params, "Roles", function(role)
    return role.RoleName
  end)
end

function actions.ListInstanceProfilesForRole(_, params, cloud)
  roles.find(params, cloud)
  return { InstanceProfiles = "", IsTruncated = false } -- there are none here
end

function actions.TagRole(_, params, cloud)
  local role = roles.find(params, cloud)
  role.Tags = tags.merge(table.move(role.Tags, 1, #role.Tags, 1, json.array {}), params.Tags)
  roles.keep(cloud, role)
end

function actions.UntagRole(_, params, cloud)
  local role = roles.find(params, cloud)
  role.Tags = tags.without(role.Tags, params.TagKeys)
  roles.keep(cloud, role)
end

function actions.ListRoleTags(_, params, cloud)
  local list = table.move(roles.find(params, cloud).Tags, 1, tags.MOST, 1, {})
  table.sort(list, function(a, b)
    return a.Key < b.Key
  end)
  return page(list, params, "Tags", function(tag)
    return tag.Key
  end)
end

return actions
