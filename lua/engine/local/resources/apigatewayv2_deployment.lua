--- AWS::ApiGatewayV2::Deployment: what an API is now, kept as it is.
local clock = require "host.clock"
local naming = require "engine.local.naming"
local store = require "engine.local.services.apigatewayv2.store"

local deployment = { replacement = { ApiId = true } }

function deployment.create(job)
  local api = store.get(job.cloud, job.region, job.properties.ApiId)
  local id = naming.digest(job, 6):lower()
  api.deployments[id] = {
    created = clock.now(),
    description = job.properties.Description,
    definition = store.freeze(api),
  }
  local stage = job.properties.StageName
  if stage then
    api.stages[stage] = api.stages[stage] or {}
    api.stages[stage].DeploymentId = id
  end
  store.keep(job.cloud, api)
  return id, { DeploymentId = id }
end

function deployment.update(job)
  local api = store.get(job.cloud, job.region, job.properties.ApiId)
  api.deployments[job.physical_id].description = job.properties.Description
  store.keep(job.cloud, api)
  return job.physical_id, job.attributes
end

function deployment.delete(job)
  local api = store.find(job.cloud, job.properties.ApiId)
  if api and api.deployments[job.physical_id] then
    api.deployments[job.physical_id] = nil
    store.keep(job.cloud, api)
  end
end

return deployment
