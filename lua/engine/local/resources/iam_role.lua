--- AWS::IAM::Role, with its inline and its attached policies.
local adoption = require "engine.local.adoption"
local json = require "host.json"
local naming = require "engine.local.naming"

local role = {
  replacement = { Path = true, RoleName = true },
  name_property = "RoleName",
  taggable = true,
}

local GONE <const> = { NoSuchEntity = true }

local function call(job, action, params)
  return job.cloud:call("iam", action, params, { region = job.region })
end

local function document(value)
  return type(value) == "string" and value or assert(json.encode(value))
end

local function tags_of(job)
  local tags = {}
  for _, list in ipairs { job.tags, job.properties.Tags or {} } do
    for _, tag in ipairs(list) do
      if not tag.Key:find "^aws:" then
        table.insert(tags, { Key = tag.Key, Value = tag.Value })
      end
    end
  end
  return tags
end

local function put_policies(job, name)
  local kept = {}
  for _, policy in ipairs(job.properties.Policies or {}) do
    kept[policy.PolicyName] = true
    call(job, "PutRolePolicy", {
      RoleName = name,
      PolicyName = policy.PolicyName,
      PolicyDocument = document(policy.PolicyDocument),
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

function role.create(job)
  local properties = job.properties
  local name = properties.RoleName or naming.physical(job, 64)
  local made = adoption.create(job, { EntityAlreadyExists = true }, function()
    return call(job, "CreateRole", {
      RoleName = name,
      Path = properties.Path,
      AssumeRolePolicyDocument = document(properties.AssumeRolePolicyDocument),
      Description = properties.Description,
      MaxSessionDuration = properties.MaxSessionDuration,
      PermissionsBoundary = properties.PermissionsBoundary,
      Tags = tags_of(job),
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
    PolicyDocument = document(properties.AssumeRolePolicyDocument),
  })
  call(job, "UpdateRole", {
    RoleName = name,
    Description = properties.Description or "",
    MaxSessionDuration = properties.MaxSessionDuration,
  })
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
