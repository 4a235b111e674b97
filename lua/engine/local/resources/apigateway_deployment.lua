--- AWS::ApiGateway::Deployment: an API as it is now, frozen; with StageName also the stage that serves
--- it.
local canary = require "engine.local.services.apigateway.canary"
local clock = require "host.clock"
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local properties = require "engine.local.services.apigateway.properties"
local store = require "engine.local.services.apigateway.store"

local deployment = { replacement = { DeploymentCanarySettings = true, RestApiId = true } }

local function check_methods(api)
  local count = 0
  for _, resource in pairs(api.definition.resources) do
    for _, method in pairs(resource.resourceMethods) do
      count = count + 1
      if not method.methodIntegration then
        fault.raise("BadRequestException", "No integration defined for method")
      end
    end
  end
  if count == 0 then
    fault.raise("BadRequestException", "The REST API doesn't contain any methods")
  end
end

local function put_stage(api, job, id)
  local name = job.properties.StageName
  local stage = properties.small(job.properties.StageDescription or {})
  local old = api.stages[name]
  stage.stageName, stage.deploymentId = name, id
  stage.createdDate = old and old.createdDate or clock.now() // 1
  stage.lastUpdatedDate = clock.now() // 1
  stage.byDeployment = not old or old.byDeployment
  api.stages[name] = stage
end

-- Makes the deployment the canary of a stage, which goes on to serve its own.
local function put_canary(api, job, stage, id)
  local settings = properties.small(job.properties.DeploymentCanarySettings)
  settings.deploymentId, settings.byDeployment = id, true
  stage.canarySettings = canary.settings(api, stage, settings)
  stage.lastUpdatedDate = clock.now() // 1
  store.keep(job.cloud, "apis", api)
end

function deployment.create(job)
  local api = store.api(job.cloud, job.region, job.properties.RestApiId)
  local id = naming.digest(job, 6):lower()
  check_methods(api)
  local watched = job.properties.DeploymentCanarySettings
    and store.part(api.stages, job.properties.StageName, "stage")
  if job.properties.StageName and not watched then
    put_stage(api, job, id)
  end
  store.deploy(job.cloud, api, { id = id, description = job.properties.Description })
  if watched then
    put_canary(api, job, watched, id)
  end
  return id, { DeploymentId = id }
end

function deployment.update(job)
  local api = store.api(job.cloud, job.region, job.properties.RestApiId)
  store.part(api.deployments, job.physical_id, "Deployment").description =
    job.properties.Description
  if job.properties.StageName and not job.properties.DeploymentCanarySettings then
    put_stage(api, job, job.physical_id)
  end
  store.keep(job.cloud, "apis", api)
  return job.physical_id, job.attributes
end

-- Whether a stage or its canary, made by something else than this deployment, serves it.
local function is_needed(stage, id)
  local other = stage.canarySettings
  return stage.deploymentId == id and not stage.byDeployment
    or other and other.deploymentId == id and not other.byDeployment
end

function deployment.delete(job)
  local api, id = store.find_api(job.cloud, job.properties.RestApiId), job.physical_id
  if not api or not api.deployments[id] then
    return
  end
  for _, stage in pairs(api.stages) do
    if is_needed(stage, id) then
      fault.raise("BadRequestException", "Active stages pointing to this deployment must be moved "
        .. "or deleted")
    end
  end
  for name, stage in pairs(api.stages) do
    if stage.deploymentId == id then
      api.stages[name] = nil
    elseif (stage.canarySettings or {}).deploymentId == id then
      stage.canarySettings = nil
    end
  end
  store.remove_deployment(job.cloud, api, id)
end

return deployment
