--- AWS::ApiGatewayV2::Stage.
local access_log = require "engine.local.http.access_log"
local fault = require "engine.local.fault"
local own_properties = require "engine.local.services.apigatewayv2.own_properties"
local store = require "engine.local.services.apigatewayv2.store"

local stage = {
  replacement = { ApiId = true, StageName = true }, name_property = "StageName", taggable = true,
}

local function put(job)
  local api = store.get(job.cloud, job.region, job.properties.ApiId)
  local name = job.properties.StageName
  if type(name) ~= "string" or not (name == "$default" or name:find "^[%w_-]+$") then
    fault.raise("BadRequestException", "Stage names have letters, digits, - and _, or are $default")
  end
  local own = own_properties(job.properties)
  local logged = own.AccessLogSettings or {}
  local problem = access_log.problem(logged.DestinationArn, logged.Format)
  if problem then
    fault.raise("BadRequestException", problem)
  end
  own.AutoDeploy = tostring(own.AutoDeploy) == "true"
  if own.DeploymentId then
    store.part(api.deployments, own.DeploymentId, "Deployment")
  end
  api.stages[name] = own
  store.keep(job.cloud, api)
  return name, {}
end

stage.create, stage.update = put, put

function stage.delete(job)
  local api = store.find(job.cloud, job.properties.ApiId)
  if api and api.stages[job.physical_id] then
    api.stages[job.physical_id] = nil
    store.keep(job.cloud, api)
  end
end

return stage
