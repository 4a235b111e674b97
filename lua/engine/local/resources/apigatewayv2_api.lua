--- AWS::ApiGatewayV2::Api: an HTTP API or a WebSocket API. With `Target` it is made at once, with one
--- route, one integration and the stage $default; with a definition, with all that this says.
local api_definition = require "engine.local.api_definition"
local fault = require "engine.local.fault"
local import = require "engine.local.services.apigatewayv2.import"
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

local function check(given)
  if not SELECTIONS[given.ProtocolType or ""] then
    refuse("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]")
  elseif type(given.Name) ~= "string" then
    refuse "Name is required"
  elseif given.ProtocolType == "WEBSOCKET" and not given.RouteSelectionExpression then
    refuse "RouteSelectionExpression is required for WEBSOCKET protocol"
  elseif given.ProtocolType == "WEBSOCKET" and given.CorsConfiguration then
    refuse "CORS configuration is not supported for WEBSOCKET protocol"
  end
end

-- A definition says itself what stands beside it in other templates. It is not kept: what it says is.
local function with_definition(given, said)
  local own = {}
  for name, value in pairs(given) do
    own[name] = value
  end
  if said then
    for name, value in pairs(said) do
      own[name] = own[name] == nil and value or own[name]
    end
    own.ProtocolType = given.ProtocolType or "HTTP"
    own.Body, own.BodyS3Location = nil, nil
  end
  return own
end

local function check_definition(given)
  if given.ProtocolType == "WEBSOCKET" or given.Target or given.RouteKey then
    refuse "Body and BodyS3Location define HTTP APIs, without Target and RouteKey"
  elseif given.BasePath and given.BasePath ~= "ignore" then
    refuse("laconic local imports definitions with BasePath 'ignore' alone")
  end
end

-- Makes of the API what the template says, or changes nothing.
local function apply(job, api)
  local body, definition, said = api_definition.read(job), api.definition, nil
  if body then
    check_definition(job.properties)
    definition, said = import.read(api.id, body)
  end
  local own = with_definition(job.properties, said)
  check(own)
  own.CorsConfiguration = cors_of(own.CorsConfiguration)
  own.RouteSelectionExpression = own.RouteSelectionExpression or SELECTIONS[own.ProtocolType]
  api.properties, api.definition = own, definition
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
  apply(job, api)
  set_target(job, api)
  store.keep(job.cloud, api)
  return id, attributes(api)
end

function api_resource.update(job)
  local api = store.get(job.cloud, job.region, job.physical_id)
  apply(job, api)
  set_target(job, api)
  store.keep(job.cloud, api)
  return job.physical_id, attributes(api)
end

function api_resource.delete(job)
  store.remove(job.cloud, job.physical_id)
end

return api_resource
