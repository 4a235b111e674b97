--- AWS::IAM::Policy: an inline policy, put into each of its roles. This cloud has no users and no
--- groups, so those are kept in the record alone.
local adoption = require "engine.local.adoption"
local naming = require "engine.local.naming"
local policy_document = require "engine.local.policy_document"

local policy = { replacement = {} }

local GONE <const> = { NoSuchEntity = true }

local function call(job, action, params)
  return job.cloud:call("iam", action, params, { region = job.region })
end

local function put(job)
  for _, role in ipairs(job.properties.Roles or {}) do
    call(job, "PutRolePolicy", {
      RoleName = role,
      PolicyName = job.properties.PolicyName,
      PolicyDocument = policy_document.text(job.properties.PolicyDocument),
    })
  end
end

local function remove(job, properties, kept)
  for _, role in ipairs(properties.Roles or {}) do
    if not kept[role] then
      adoption.delete(GONE, function()
        call(job, "DeleteRolePolicy", { RoleName = role, PolicyName = properties.PolicyName })
      end)
    end
  end
end

function policy.create(job)
  put(job)
  return naming.physical(job, 128), {}
end

function policy.update(job)
  put(job)
  local kept = {}
  if job.previous.PolicyName == job.properties.PolicyName then
    for _, role in ipairs(job.properties.Roles or {}) do
      kept[role] = true
    end
  end
  remove(job, job.previous, kept)
  return job.physical_id, {}
end

function policy.delete(job)
  remove(job, job.properties, {})
end

function policy.attribute(record, name)
  return name == "Id" and record.physical_id or nil
end

return policy
