--- AWS::ApiGateway::UsagePlan: which API keys may use which stages, and how much.
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local properties = require "engine.local.services.apigateway.properties"
local resource_tags = require "engine.local.resource_tags"
local store = require "engine.local.services.apigateway.store"
local store_v2 = require "engine.local.services.apigatewayv2.store"

local usage_plan = { replacement = {}, taggable = true }

local PERIODS <const> = { DAY = true, MONTH = true, WEEK = true }

-- A REST API, or a WebSocket API: HTTP APIs have no keys.
local function find_api(cloud, plan, id)
  local api = not store.find_api(cloud, id) and store_v2.find(cloud, id)
  if api and api.region == plan.region and api.properties.ProtocolType == "WEBSOCKET" then
    return api
  end
  return store.api(cloud, plan.region, id)
end

local function check(cloud, plan)
  for _, of_stage in ipairs(plan.apiStages or {}) do
    local api = find_api(cloud, plan, of_stage.apiId)
    store.part(api.stages, of_stage.stage, "stage")
  end
  if plan.quota and not PERIODS[plan.quota.period] then
    fault.raise("BadRequestException", "Usage Plan quota period must be DAY, WEEK or MONTH")
  end
end

local function put(job)
  local id = job.physical_id or naming.digest(job, 6):lower()
  local old = store.find(job.cloud, "plans", id)
  local plan = properties.small(job.properties, { Tags = true, UsagePlanName = true })
  plan.id, plan.region = id, job.region
  plan.name = job.properties.UsagePlanName or naming.physical(job, 64)
  plan.keys = old and old.keys or {}
  plan.tags = resource_tags.map(job)
  check(job.cloud, plan)
  store.keep(job.cloud, "plans", plan)
  return id, { Id = id }
end

usage_plan.create = put
usage_plan.update = put

function usage_plan.delete(job)
  store.remove(job.cloud, "plans", job.physical_id)
end

return usage_plan
