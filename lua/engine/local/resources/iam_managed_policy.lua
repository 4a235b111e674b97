--- AWS::IAM::ManagedPolicy, attached to its roles.
local adoption = require "engine.local.adoption"
local naming = require "engine.local.naming"
local policy_document = require "engine.local.policy_document"

local managed_policy = {
  replacement = { Description = true, ManagedPolicyName = true, Path = true },
  name_property = "ManagedPolicyName",
}

local GONE <const> = { NoSuchEntity = true }

local function call(job, action, params)
  return job.cloud:call("iam", action, params, { region = job.region })
end

local function attach(job, arn)
  local kept = {}
  for _, role in ipairs(job.properties.Roles or {}) do
    kept[role] = true
    call(job, "AttachRolePolicy", { RoleName = role, PolicyArn = arn })
  end
  return kept
end

local function detach(job, properties, arn, kept)
  for _, role in ipairs(properties.Roles or {}) do
    if not kept[role] then
      adoption.delete(GONE, function()
        call(job, "DetachRolePolicy", { RoleName = role, PolicyArn = arn })
      end)
    end
  end
end

function managed_policy.create(job)
  local properties = job.properties
  local name = properties.ManagedPolicyName or naming.physical(job, 128)
  local path = properties.Path or "/"
  local arn = naming.arn("iam", "", job.account, "policy" .. path .. name)
  adoption.create(job, { EntityAlreadyExists = true }, function()
    return call(job, "CreatePolicy", {
      PolicyName = name,
      Path = properties.Path,
      Description = properties.Description,
      PolicyDocument = policy_document.text(properties.PolicyDocument),
    })
  end, function() end)
  attach(job, arn)
  return arn, { PolicyArn = arn }
end

function managed_policy.update(job)
  local arn = job.physical_id
  local versions = call(job, "ListPolicyVersions", { PolicyArn = arn })
  for _, version in ipairs(versions.Versions) do
    if not version.IsDefaultVersion then
      call(job, "DeletePolicyVersion", { PolicyArn = arn, VersionId = version.VersionId })
    end
  end
  call(job, "CreatePolicyVersion", {
    PolicyArn = arn,
    PolicyDocument = policy_document.text(job.properties.PolicyDocument),
    SetAsDefault = "true",
  })
  detach(job, job.previous, arn, attach(job, arn))
  return arn, job.attributes
end

function managed_policy.delete(job)
  local arn = job.physical_id
  detach(job, job.properties, arn, {})
  adoption.delete(GONE, function()
    for _, version in ipairs(call(job, "ListPolicyVersions", { PolicyArn = arn }).Versions) do
      if not version.IsDefaultVersion then
        call(job, "DeletePolicyVersion", { PolicyArn = arn, VersionId = version.VersionId })
      end
    end
    call(job, "DeletePolicy", { PolicyArn = arn })
  end)
end

return managed_policy
