--- AWS::ApiGateway::UsagePlanKey: an API key of a usage plan.
local fault = require "engine.local.fault"
local store = require "engine.local.services.apigateway.store"

local usage_plan_key = {
  replacement = { KeyId = true, KeyType = true, UsagePlanId = true },
}

function usage_plan_key.create(job)
  local given = job.properties
  local plan = store.find(job.cloud, "plans", given.UsagePlanId)
  local key = store.find(job.cloud, "keys", given.KeyId)
  if not plan then
    fault.raise("NotFoundException", "Invalid Usage Plan ID specified", 404)
  elseif not key then
    fault.raise("NotFoundException", "Invalid API Key identifier specified", 404)
  end
  plan.keys[key.id] = true
  store.keep(job.cloud, "plans", plan)
  local id = key.id .. ":" .. plan.id
  return id, { Id = id }
end

function usage_plan_key.update(job)
  return job.physical_id, job.attributes
end

function usage_plan_key.delete(job)
  local plan = store.find(job.cloud, "plans", job.properties.UsagePlanId)
  if plan then
    plan.keys[job.properties.KeyId] = nil
    store.keep(job.cloud, "plans", plan)
  end
end

return usage_plan_key
