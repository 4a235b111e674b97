--- AWS::ApiGatewayV2::Api: an HTTP API or a WebSocket API. With `Target` it is made at once, with one
--- route, one integration and the stage $default.
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local store = require "engine.local.services.apigatewayv2.store"

local api_resource = { replacement = { ProtocolType = true }, taggable = true }

local DEFAULT <const> = "$default"
local SELECTIONS <const> = {
  HTTP = "$request.method $request.path",
  WEBSOCKET = "$request.body.action",
}

local function refuse(message)
  fault.raise("BadRequestException", message)
end

-- CloudFormation gives truth values and numbers as texts.
local function cors_of(rules)
  if not rules then
    return nil
  end
  local made = {}
  for name, value in pairs(rules) do
    made[name] = value
  end
  made.MaxAge = math.tointeger(tonumber(made.MaxAge))
  if made.AllowCredentials ~= nil then
    made.AllowCredentials = tostring(made.AllowCredentials) == "true"
  end
  return made
end

local function properties_of(job)
  local given = job.properties
  if given.Body or given.BodyS3Location then
    refuse "laconic local does not import definitions (Body, BodyS3Location) yet"
  elseif not SELECTIONS[given.ProtocolType or ""] then
    refuse("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]")
  elseif type(given.Name) ~= "string" then
    refuse "Name is required"
  elseif given.ProtocolType == "WEBSOCKET" and not given.RouteSelectionExpression then
    refuse "RouteSelectionExpression is required for WEBSOCKET protocol"
  elseif given.ProtocolType == "WEBSOCKET" and given.CorsConfiguration then
    refuse "CORS configuration is not supported for WEBSOCKET protocol"
  end
  local own = {}
  for name, value in pairs(given) do
    own[name] = value
  end
  own.CorsConfiguration = cors_of(given.CorsConfiguration)
  own.RouteSelectionExpression = given.RouteSelectionExpression or SELECTIONS[given.ProtocolType]
  return own
end

-- What quick create adds: the parts have ids of their own, so that an update finds them.
local function set_target(job, api)
  local given = job.properties
  if not given.Target then
    return
  end
  local is_function = tostring(given.Target):find "^arn:" ~= nil
  api.definition.integrations.quick = {
    IntegrationType = is_function and "AWS_PROXY" or "HTTP_PROXY",
    IntegrationUri = given.Target,
    PayloadFormatVersion = is_function and "2.0" or "1.0",
  }
  api.definition.routes.quick = {
    RouteKey = given.RouteKey or DEFAULT, Target = "integrations/quick",
  }
  api.stages[DEFAULT] = api.stages[DEFAULT] or { AutoDeploy = true }
end

local function attributes(api)
  local scheme = api.properties.ProtocolType == "WEBSOCKET" and "wss" or "https"
  return { ApiId = api.id, ApiEndpoint = ("%s://%s"):format(scheme, store.domain(api)) }
end

function api_resource.create(job)
  local id = naming.digest(job, 10):lower()
  local api = store.find(job.cloud, id) or store.new(id, job.region)
  api.properties = properties_of(job)
  set_target(job, api)
  store.keep(job.cloud, api)
  return id, attributes(api)
end

function api_resource.update(job)
  local api = store.get(job.cloud, job.region, job.physical_id)
  api.properties = properties_of(job)
  set_target(job, api)
  store.keep(job.cloud, api)
  return job.physical_id, attributes(api)
end

function api_resource.delete(job)
  store.remove(job.cloud, job.physical_id)
end

return api_resource
