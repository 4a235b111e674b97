--- IAM: roles and policies, kept and checked as AWS checks them. They allow and deny nothing here:
--- whoever can sign may do all.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local order = require "engine.order"
local pages = require "engine.local.pages"
local part = require("engine.local.state").part
local policy_document = require "engine.local.policy_document"
local uri = require "host.uri"

local iam = {
  protocol = "query",
  namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
  actions = {},
  members = require "engine.local.services.iam.members",
}
local actions = iam.actions

local MOST_ATTACHED = 10
local MOST_TAGS = 50

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

local function check_name(field, name, most)
  if type(name) ~= "string" or not name:match "^[%w_+=,.@-]+$" or #name > most then
    fault.raise("ValidationError", ("1 validation error detected: Value at '%s' failed to satisfy"
      .. " constraint: 1 to %d characters of [\\w+=,.@-]"):format(field, most))
  end
end

local function no_such(what, name)
  fault.raise("NoSuchEntity", ("The %s %s cannot be found."):format(what, name), 404)
end

local function role_document(name)
  return "iam/roles/" .. name
end

local function find_role(params, cloud)
  local name = params.RoleName
  check_name("roleName", name, 64)
  return cloud.state:get(role_document(name))
    or fault.raise("NoSuchEntity", ("The role with name %s cannot be found."):format(name), 404)
end

local function keep_role(cloud, role)
  cloud.state:put(role_document(role.RoleName), role)
end

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

local function check_path(path)
  if path ~= "/" and not path:match "^/[!-~]*/$" then
    fault.raise("ValidationError", "The specified value for path is invalid. It must begin and end"
      .. " with / and contain only alphanumeric characters and/or / characters.")
  end
end

-- Tags by key, the later of one key in the earlier's place.
local function merge_tags(tags, more)
  for _, tag in ipairs(more or {}) do
    if type(tag) ~= "table" or not tag.Key or #tag.Key > 128 or #(tag.Value or "") > 256 then
      fault.raise("InvalidInput", "A tag has a Key of 1 to 128 and a Value of 0 to 256 characters")
    end
    local place = #tags + 1
    for i, other in ipairs(tags) do
      place = other.Key == tag.Key and i or place
    end
    tags[place] = { Key = tag.Key, Value = tag.Value or "" }
  end
  if #tags > MOST_TAGS then
    fault.raise("LimitExceeded", "The number of tags has reached the maximum limit of 50.", 409)
  end
  return tags
end

local function without_tags(tags, keys)
  local gone, kept = {}, json.array {}
  for _, key in ipairs(keys or {}) do
    gone[key] = true
  end
  for _, tag in ipairs(tags) do
    table.insert(kept, not gone[tag.Key] and tag or nil)
  end
  return kept
end

function actions.CreateRole(_, params, cloud)
  local name, path = params.RoleName, params.Path or "/"
  check_name("roleName", name, 64)
  check_path(path)
  policy_document.check(params.AssumeRolePolicyDocument, true)
  if cloud.state:get(role_document(name)) then
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
    Tags = merge_tags(json.array {}, params.Tags),
    inline = json.object {},
    attached = json.array {},
  }
  keep_role(cloud, role)
  return { Role = shape_role(role) }
end

function actions.GetRole(_, params, cloud)
  return { Role = shape_role(find_role(params, cloud)) }
end

function actions.DeleteRole(_, params, cloud)
  local role = find_role(params, cloud)
  if next(role.inline) then
    fault.raise("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
  elseif #role.attached > 0 then
    fault.raise("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
  end
  cloud.state:remove(role_document(role.RoleName))
end

function actions.UpdateRole(_, params, cloud)
  local role = find_role(params, cloud)
  role.Description = params.Description or role.Description
  if params.MaxSessionDuration then
    role.MaxSessionDuration = session_duration(params)
  end
  keep_role(cloud, role)
end

function actions.UpdateAssumeRolePolicy(_, params, cloud)
  local role = find_role(params, cloud)
  policy_document.check(params.PolicyDocument, true)
  role.AssumeRolePolicyDocument = params.PolicyDocument
  keep_role(cloud, role)
end

-- One page of a list in IAM's form: `member` holds it, with Marker and IsTruncated beside.
local function page(list, params, member, name_of)
  local limit = math.tointeger(tonumber(params.MaxItems or 100))
  local items, marker
  if limit and limit >= 1 and limit <= 1000 then
    items, marker = pages.cut(list, params.Marker, limit, name_of)
  end
  if not items then
    fault.raise("ValidationError", "MaxItems must be 1 to 1000, and Marker one that was given out")
  end
  return { [member] = items, Marker = marker, IsTruncated = marker ~= nil }
end

local function itself(name)
  return name
end

function actions.ListRoles(_, params, cloud)
  local prefix, list = params.PathPrefix or "/", {}
  for _, name in ipairs(cloud.state:list "iam/roles") do
    local role = cloud.state:get(role_document(name))
    if role and role.Path:sub(1, #prefix) == prefix then
      table.insert(list, shape_role(role))
    end
  end
  return page(list, params, "Roles", function(role)
    return role.RoleName
  end)
end

function actions.PutRolePolicy(_, params, cloud)
  local role = find_role(params, cloud)
  check_name("policyName", params.PolicyName, 128)
  policy_document.check(params.PolicyDocument, false)
  role.inline[params.PolicyName] = params.PolicyDocument
  keep_role(cloud, role)
end

local function find_inline(role, name)
  check_name("policyName", name, 128)
  return role.inline[name] or no_such("role policy with name", name)
end

function actions.GetRolePolicy(_, params, cloud)
  local role = find_role(params, cloud)
  return {
    RoleName = role.RoleName,
    PolicyName = params.PolicyName,
    PolicyDocument = uri.encode(find_inline(role, params.PolicyName)),
  }
end

function actions.DeleteRolePolicy(_, params, cloud)
  local role = find_role(params, cloud)
  find_inline(role, params.PolicyName)
  role.inline[params.PolicyName] = nil
  keep_role(cloud, role)
end

function actions.ListRolePolicies(_, params, cloud)
  return page(order.keys(find_role(params, cloud).inline), params, "PolicyNames", itself)
end

local function policy_document_of(arn)
  return "iam/policies/" .. part(arn)
end

local function policy_of(arn, cloud)
  return cloud.state:get(policy_document_of(arn))
end

-- AWS's own policies are taken as there, whatever their name: their texts are not known here.
local function is_managed_by_aws(arn)
  return arn:match "^arn:aws:iam::aws:policy/" ~= nil
end

local function check_policy_arn(arn, cloud)
  if type(arn) ~= "string" or #arn < 20 then
    fault.raise("ValidationError", "PolicyArn must be an ARN of at least 20 characters")
  elseif not is_managed_by_aws(arn) and not policy_of(arn, cloud) then
    fault.raise("NoSuchEntity", ("Policy %s does not exist or is not attachable."):format(arn), 404)
  end
end

local function place_of(list, value)
  for place, item in ipairs(list) do
    if item == value then
      return place
    end
  end
end

function actions.AttachRolePolicy(_, params, cloud)
  local role = find_role(params, cloud)
  check_policy_arn(params.PolicyArn, cloud)
  if place_of(role.attached, params.PolicyArn) then
    return
  elseif #role.attached >= MOST_ATTACHED then
    fault.raise("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", 409)
  end
  table.insert(role.attached, params.PolicyArn)
  keep_role(cloud, role)
end

function actions.DetachRolePolicy(_, params, cloud)
  local role = find_role(params, cloud)
  local place = place_of(role.attached, params.PolicyArn)
  if not place then
    no_such("attached policy", tostring(params.PolicyArn))
  end
  table.remove(role.attached, place)
  keep_role(cloud, role)
end

function actions.ListAttachedRolePolicies(_, params, cloud)
  local list = {}
  for _, arn in ipairs(find_role(params, cloud).attached) do
    table.insert(list, { PolicyArn = arn, PolicyName = arn:match "([^/]+)$" })
  end
  table.sort(list, function(a, b)
    return a.PolicyArn < b.PolicyArn
  end)
  return page(list, params, "AttachedPolicies", function(policy)
    return policy.PolicyArn
  end)
end

function actions.ListInstanceProfilesForRole(_, params, cloud)
  find_role(params, cloud)
  return { InstanceProfiles = "", IsTruncated = false } -- there are none here
end

function actions.TagRole(_, params, cloud)
  local role = find_role(params, cloud)
  role.Tags = merge_tags(table.move(role.Tags, 1, #role.Tags, 1, json.array {}), params.Tags)
  keep_role(cloud, role)
end

function actions.UntagRole(_, params, cloud)
  local role = find_role(params, cloud)
  role.Tags = without_tags(role.Tags, params.TagKeys)
  keep_role(cloud, role)
end

function actions.ListRoleTags(_, params, cloud)
  local tags = table.move(find_role(params, cloud).Tags, 1, MOST_TAGS, 1, {})
  table.sort(tags, function(a, b)
    return a.Key < b.Key
  end)
  return page(tags, params, "Tags", function(tag)
    return tag.Key
  end)
end

---@class engine.local.services.iam.Policy
---@field PolicyName string
---@field PolicyId string
---@field Arn string
---@field Path string
---@field CreateDate number
---@field Description? string
---@field default string                 the version in force: "v1"
---@field last integer                   the number of the newest version ever
---@field versions table<string, { document: string, made: number }>

local function attachments(cloud, arn)
  local count = 0
  for _, name in ipairs(cloud.state:list "iam/roles") do
    local role = cloud.state:get(role_document(name))
    count = role and place_of(role.attached, arn) and count + 1 or count
  end
  return count
end

local function shape_policy(policy, cloud)
  return {
    PolicyName = policy.PolicyName,
    PolicyId = policy.PolicyId,
    Arn = policy.Arn,
    Path = policy.Path,
    CreateDate = clock.iso8601(policy.CreateDate),
    UpdateDate = clock.iso8601(policy.versions[policy.default].made),
    Description = policy.Description,
    DefaultVersionId = policy.default,
    AttachmentCount = attachments(cloud, policy.Arn),
    IsAttachable = true,
  }
end

local function find_policy(params, cloud)
  local arn = params.PolicyArn or ""
  if is_managed_by_aws(arn) then
    fault.not_answered "questions about AWS's own policies"
  end
  return policy_of(arn, cloud)
    or fault.raise("NoSuchEntity", ("Policy %s was not found."):format(arn), 404)
end

local function keep_policy(cloud, policy)
  cloud.state:put(policy_document_of(policy.Arn), policy)
end

function actions.CreatePolicy(_, params, cloud)
  check_name("policyName", params.PolicyName, 128)
  local path = params.Path or "/"
  check_path(path)
  policy_document.check(params.PolicyDocument, false)
  local arn = ("arn:aws:iam::%s:policy%s%s"):format(cloud.account, path, params.PolicyName)
  if policy_of(arn, cloud) then
    fault.raise("EntityAlreadyExists",
      ("A policy called %s already exists. Duplicate names are not allowed."):format(
        params.PolicyName), 409)
  end
  local now = clock.now() // 1
  local policy = {
    PolicyName = params.PolicyName,
    PolicyId = identifier.unique "ANPA",
    Arn = arn,
    Path = path,
    CreateDate = now,
    Description = params.Description,
    default = "v1",
    last = 1,
    versions = { v1 = { document = params.PolicyDocument, made = now } },
  }
  keep_policy(cloud, policy)
  return { Policy = shape_policy(policy, cloud) }
end

function actions.GetPolicy(_, params, cloud)
  return { Policy = shape_policy(find_policy(params, cloud), cloud) }
end

function actions.ListPolicies(_, params, cloud)
  local list = {}
  for _, arn in ipairs(cloud.state:list "iam/policies") do
    local policy = policy_of(arn, cloud)
    table.insert(list, policy and params.Scope ~= "AWS" and shape_policy(policy, cloud) or nil)
  end
  return page(list, params, "Policies", function(policy)
    return policy.Arn
  end)
end

function actions.DeletePolicy(_, params, cloud)
  local policy = find_policy(params, cloud)
  if attachments(cloud, policy.Arn) > 0 then
    fault.raise("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
  elseif next(policy.versions, next(policy.versions)) then
    fault.raise("DeleteConflict", "This policy has more than one version. Before you delete a"
      .. " policy, you must delete the policy's versions.", 409)
  end
  cloud.state:remove(policy_document_of(policy.Arn))
end

local function shape_version(policy, id)
  local version = policy.versions[id]
  return {
    VersionId = id,
    Document = uri.encode(version.document),
    IsDefaultVersion = policy.default == id,
    CreateDate = clock.iso8601(version.made),
  }
end

local function find_version(params, cloud)
  local policy, id = find_policy(params, cloud), params.VersionId or ""
  if not policy.versions[id] then
    no_such("policy version", id)
  end
  return policy, id
end

function actions.GetPolicyVersion(_, params, cloud)
  local policy, id = find_version(params, cloud)
  return { PolicyVersion = shape_version(policy, id) }
end

function actions.ListPolicyVersions(_, params, cloud)
  local policy = find_policy(params, cloud)
  local list = {}
  for _, id in ipairs(order.keys(policy.versions)) do
    local version = shape_version(policy, id)
    version.Document = nil
    table.insert(list, version)
  end
  return page(list, params, "Versions", function(version)
    return version.VersionId
  end)
end

function actions.CreatePolicyVersion(_, params, cloud)
  local policy = find_policy(params, cloud)
  policy_document.check(params.PolicyDocument, false)
  if #order.keys(policy.versions) >= 5 then
    fault.raise("LimitExceeded", "A managed policy can have up to 5 versions.", 409)
  end
  policy.last = policy.last + 1
  local id = "v" .. policy.last
  policy.versions[id] = { document = params.PolicyDocument, made = clock.now() // 1 }
  policy.default = params.SetAsDefault == "true" and id or policy.default
  keep_policy(cloud, policy)
  return { PolicyVersion = shape_version(policy, id) }
end

function actions.DeletePolicyVersion(_, params, cloud)
  local policy, id = find_version(params, cloud)
  if policy.default == id then
    fault.raise("DeleteConflict", "Cannot delete the default version of a policy.", 409)
  end
  policy.versions[id] = nil
  keep_policy(cloud, policy)
end

return iam
