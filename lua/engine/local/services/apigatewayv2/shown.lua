--- APIs and their parts as API Gateway's own answers show them: CloudFormation's names with a small
--- first letter, ids beside them.
local clock = require "host.clock"
local json = require "host.json"
local store = require "engine.local.services.apigatewayv2.store"

local shown = {}

local function small(name)
  return (name:gsub("^%u", string.lower))
end

local MAPS <const> = {
  RequestTemplates = true, RequestParameters = true, ResponseTemplates = true,
  ResponseParameters = true, StageVariables = true, RouteSettings = true, Tags = true,
}
local NUMBERS <const> = {
  AuthorizerResultTtlInSeconds = true, TimeoutInMillis = true, MaxAge = true,
  ThrottlingBurstLimit = true, ThrottlingRateLimit = true,
}
local TRUTHS <const> = {
  ApiKeyRequired = true, AutoDeploy = true, DisableExecuteApiEndpoint = true,
  EnableSimpleResponses = true, DisableSchemaValidation = true, DetailedMetricsEnabled = true,
  DataTraceEnabled = true, AllowCredentials = true,
}

local function fields_of(properties)
  local fields = {}
  for name, value in pairs(properties) do
    if MAPS[name] then
      fields[small(name)] = type(value) == "table" and json.object(value) or value
    elseif NUMBERS[name] then
      fields[small(name)] = tonumber(value) or value
    elseif TRUTHS[name] then
      fields[small(name)] = tostring(value) == "true"
    elseif type(value) == "table" and not json.is_array(value) and #value == 0 then
      fields[small(name)] = fields_of(value)
    else
      fields[small(name)] = value
    end
  end
  return fields
end

local HIDDEN <const> = { "target", "routeKey", "body", "bodyS3Location", "credentialsArn" }

--- An API.
---@param api engine.local.services.apigatewayv2.Api
---@param endpoint string
---@return table
function shown.api(api, endpoint)
  local fields = fields_of(api.properties)
  for _, name in ipairs(HIDDEN) do
    fields[name] = nil
  end
  fields.apiId, fields.apiEndpoint = api.id, endpoint
  fields.createdDate = clock.iso8601(api.created)
  fields.apiKeySelectionExpression = fields.apiKeySelectionExpression
    or "$request.header.x-api-key"
  fields.disableExecuteApiEndpoint = fields.disableExecuteApiEndpoint or false
  return fields
end

--- A part of its definition; `id_field` is what its id is called.
---@return table
function shown.part(properties, id_field, id)
  local fields = fields_of(properties)
  fields[id_field] = id
  return fields
end

--- A stage.
---@return table
function shown.stage(properties, name)
  local fields = fields_of(properties)
  fields.stageName = name
  fields.defaultRouteSettings = fields.defaultRouteSettings or json.object {}
  fields.stageVariables = fields.stageVariables or json.object {}
  fields.routeSettings = fields.routeSettings or json.object {}
  return fields
end

--- A deployment.
---@return table
function shown.deployment(deployment, id)
  return {
    deploymentId = id,
    createdDate = clock.iso8601(deployment.created),
    deploymentStatus = "DEPLOYED",
    description = deployment.description,
    autoDeployed = false,
  }
end

shown.domain = store.domain

return shown
