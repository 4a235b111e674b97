--- AWS::ApiGateway::Stage: a name under which a deployment is served, with its variables and limits.
local access_log = require "engine.local.http.access_log"
local canary = require "engine.local.services.apigateway.canary"
local clock = require "host.clock"
local fault = require "engine.local.fault"
local properties = require "engine.local.services.apigateway.properties"
local resource_tags = require "engine.local.resource_tags"
local store = require "engine.local.services.apigateway.store"

local stage = {
  replacement = { RestApiId = true, StageName = true },
  name_property = "StageName",
  taggable = true,
}

local function put(job)
  local api = store.api(job.cloud, job.region, job.properties.RestApiId)
  local name = job.properties.StageName or "default"
  if type(name) ~= "string" or not name:find "^[%w_-]+$" then
    fault.raise("BadRequestException", "Stage name only allows a-zA-Z0-9_-")
  end
  local wanted = properties.small(job.properties, { RestApiId = true, Tags = true })
  local logged = wanted.accessLogSetting or {}
  local problem = access_log.problem(logged.destinationArn, logged.format)
  if problem then
    fault.raise("BadRequestException", problem)
  end
  local old = api.stages[name]
  store.part(api.deployments, wanted.deploymentId, "Deployment")
  local made = old and old.canarySettings
  wanted.canarySettings = canary.settings(api, wanted, wanted.canarySetting)
    or made and made.byDeployment and made or nil
  wanted.canarySetting = nil
  wanted.stageName, wanted.tags = name, resource_tags.map(job)
  wanted.createdDate = old and old.createdDate or clock.now() // 1
  wanted.lastUpdatedDate = clock.now() // 1
  api.stages[name] = wanted
  store.keep(job.cloud, "apis", api)
  return name, {}
end

function stage.create(job)
  local api = store.api(job.cloud, job.region, job.properties.RestApiId)
  local name = job.properties.StageName
  if api.stages[name or "default"] and not job.resumed then
    fault.raise("AlreadyExists", ("%s already exists"):format(name), 409)
  end
  return put(job)
end

stage.update = put

function stage.delete(job)
  local api = store.find_api(job.cloud, job.properties.RestApiId)
  if api and api.stages[job.physical_id] then
    api.stages[job.physical_id] = nil
    store.keep(job.cloud, "apis", api)
  end
end

return stage
