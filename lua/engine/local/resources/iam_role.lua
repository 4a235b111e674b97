--- AWS::IAM::Role, with its inline and its attached policies.
local adoption = require "engine.local.adoption"
local naming = require "engine.local.naming"
local policy_document = require "engine.local.policy_document"
local resource_tags = require "engine.local.resource_tags"

local role = {
  replacement = { Path = true, RoleName = true },
  name_property = "RoleName",
  taggable = true,
}

local GONE <const> = { NoSuchEntity = true }

local function call(job, action, params)
  return job.cloud:call("iam", action, params, { region = job.region })
end

local function put_policies(job, name)
  local kept = {}
  for _, policy in ipairs(job.properties.Policies or {}) do
    kept[policy.PolicyName] = true
    call(job, "PutRolePolicy", {
      RoleName = name,
      PolicyName = policy.PolicyName,
      PolicyDocument = policy_document.text(policy.PolicyDocument),
    })
  end
  for _, policy in ipairs(job.previous and job.previous.Policies or {}) do
    if not kept[policy.PolicyName] then
      adoption.delete(GONE, function()
        call(job, "DeleteRolePolicy", { RoleName = name, PolicyName = policy.PolicyName })
      end)
    end
  end
end

local function attach_policies(job, name)
  local kept = {}
  for _, arn in ipairs(job.properties.ManagedPolicyArns or {}) do
    kept[arn] = true
    call(job, "AttachRolePolicy", { RoleName = name, PolicyArn = arn })
  end
  for _, arn in ipairs(job.previous and job.previous.ManagedPolicyArns or {}) do
    if not kept[arn] then
      adoption.delete(GONE, function()
        call(job, "DetachRolePolicy", { RoleName = name, PolicyArn = arn })
      end)
    end
  end
end

local function retag(job, name)
  local wanted, had = resource_tags.map(job, true), {}
  for _, tag in ipairs(call(job, "ListRoleTags", { RoleName = name }).Tags) do
    had[tag.Key] = tag.Value
  end
  call(job, "UntagRole", { RoleName = name, TagKeys = resource_tags.gone(had, wanted) })
  call(job, "TagRole", { RoleName = name, Tags = resource_tags.list(job, true) })
end

function role.create(job)
  local properties = job.properties
  local name = properties.RoleName or naming.physical(job, 64)
  local made = adoption.create(job, { EntityAlreadyExists = true }, function()
    return call(job, "CreateRole", {
      RoleName = name,
      Path = properties.Path,
      AssumeRolePolicyDocument = policy_document.text(properties.AssumeRolePolicyDocument),
      Description = properties.Description,
      MaxSessionDuration = properties.MaxSessionDuration,
      PermissionsBoundary = properties.PermissionsBoundary,
      Tags = resource_tags.list(job, true),
    })
  end, function()
    return call(job, "GetRole", { RoleName = name })
  end)
  put_policies(job, name)
  attach_policies(job, name)
  return name, { Arn = made.Role.Arn, RoleId = made.Role.RoleId }
end

function role.update(job)
  local properties, name = job.properties, job.physical_id
  call(job, "UpdateAssumeRolePolicy", {
    RoleName = name,
    PolicyDocument = policy_document.text(properties.AssumeRolePolicyDocument),
  })
  call(job, "UpdateRole", {
    RoleName = name,
    Description = properties.Description or "",
    MaxSessionDuration = properties.MaxSessionDuration,
  })
  retag(job, name)
  put_policies(job, name)
  attach_policies(job, name)
  return name, job.attributes
end

local function remove_policies(job)
  local inline = call(job, "ListRolePolicies", { RoleName = job.physical_id })
  for _, name in ipairs(inline.PolicyNames) do
    call(job, "DeleteRolePolicy", { RoleName = job.physical_id, PolicyName = name })
  end
  local attached = call(job, "ListAttachedRolePolicies", { RoleName = job.physical_id })
  for _, policy in ipairs(attached.AttachedPolicies) do
    call(job, "DetachRolePolicy", { RoleName = job.physical_id, PolicyArn = policy.PolicyArn })
  end
end

function role.delete(job)
  adoption.delete(GONE, function()
    remove_policies(job)
    call(job, "DeleteRole", { RoleName = job.physical_id })
  end)
end

return role
