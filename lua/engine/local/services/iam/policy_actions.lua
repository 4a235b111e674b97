--- IAM's actions upon policies and their versions.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local names = require "engine.local.services.iam.names"
local no_such = require("engine.local.services.iam.refusal").no_such
local order = require "engine.order"
local page = require("engine.local.services.iam.listing").page
local policies = require "engine.local.services.iam.policies"
local policy_document = require "engine.local.policy_document"
local tags = require "engine.local.services.iam.tags"
local uri = require "host.uri"

local actions = {}

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
    AttachmentCount = policies.attachments(cloud, policy.Arn),
    IsAttachable = true,
    Tags = #(policy.Tags or {}) > 0 and policy.Tags or nil,
  }
end

function actions.CreatePolicy(_, params, cloud)
  names.check("policyName", params.PolicyName, 128)
  local path = params.Path or "/"
  names.check_path(path)
  policy_document.check(params.PolicyDocument, false)
  local arn = ("arn:aws:iam::%s:policy%s%s"):format(cloud.account, path, params.PolicyName)
  if policies.at(arn, cloud) then
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
    Tags = tags.merge(json.array {}, params.Tags),
    default = "v1",
    last = 1,
    versions = { v1 = { document = params.PolicyDocument, made = now } },
  }
  policies.keep(cloud, policy)
  return { Policy = shape_policy(policy, cloud) }
end

function actions.GetPolicy(_, params, cloud)
  return { Policy = shape_policy(policies.find(params, cloud), cloud) }
end

-- A list tells less of a policy than GetPolicy does.
local function shape_listed(policy, cloud)
  local shape = shape_policy(policy, cloud)
  shape.Description, shape.Tags = nil, nil
  return shape
end

local function is_listed(policy, params, cloud)
  local prefix = params.PathPrefix or "/"
  return params.Scope ~= "AWS" and policy.Path:sub(1, #prefix) == prefix
    and (tostring(params.OnlyAttached) ~= "true" or policies.attachments(cloud, policy.Arn) > 0)
end

function actions.ListPolicies(_, params, cloud)
  local list = {}
  for _, arn in ipairs(cloud.state:list "iam/policies") do
    local policy = policies.at(arn, cloud)
    if policy and is_listed(policy, params, cloud) then
      table.insert(list, shape_listed(policy, cloud))
    end
  end
  return page(list, params, "Policies", function(policy)
    return policy.Arn
  end)
end

function actions.DeletePolicy(_, params, cloud)
  local policy = policies.find(params, cloud)
  if policies.attachments(cloud, policy.Arn) > 0 then
    fault.raise("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
  elseif next(policy.versions, next(policy.versions)) then
    fault.raise("DeleteConflict", "This policy has more than one version. Before you delete a"
      .. " policy, you must delete the policy's versions.", 409)
  end
  policies.remove(cloud, policy)
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
  local policy, id = policies.find(params, cloud), params.VersionId or ""
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
  local policy = policies.find(params, cloud)
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
  local policy = policies.find(params, cloud)
  policy_document.check(params.PolicyDocument, false)
  if #order.keys(policy.versions) >= 5 then
    fault.raise("LimitExceeded", "A managed policy can have up to 5 versions. Before you create a"
      .. " new version, you must delete an existing version.", 409)
  end
  policy.last = policy.last + 1
  local id = "v" .. policy.last
  policy.versions[id] = { document = params.PolicyDocument, made = clock.now() // 1 }
  policy.default = params.SetAsDefault == "true" and id or policy.default
  policies.keep(cloud, policy)
  return { PolicyVersion = shape_version(policy, id) }
end

function actions.SetDefaultPolicyVersion(_, params, cloud)
  local policy, id = find_version(params, cloud)
  policy.default = id
  policies.keep(cloud, policy)
end

function actions.DeletePolicyVersion(_, params, cloud)
  local policy, id = find_version(params, cloud)
  if policy.default == id then
    fault.raise("DeleteConflict", "Cannot delete the default version of a policy.", 409)
  end
  policy.versions[id] = nil
  policies.keep(cloud, policy)
end

return actions
