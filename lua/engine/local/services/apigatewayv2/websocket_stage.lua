--- A stage of a WebSocket API, worked out for its messages: routes by key, and how a message says its.
local authorizers = require "engine.local.services.apigatewayv2.authorizers"
local integration = require "engine.local.services.apigatewayv2.integration"
local request_models = require "engine.local.services.apigatewayv2.request_models"
local required_parameters = require "engine.local.services.apigatewayv2.required_parameters"
local selection = require "engine.local.services.apigatewayv2.selection"
local store = require "engine.local.services.apigatewayv2.store"
local throttle = require "engine.local.services.apigatewayv2.throttle"
local websocket_access = require "engine.local.services.apigatewayv2.websocket_access"

local websocket_stage = {}

local SECONDS <const> = 29
local NAMED_KEY <const> = "$context.authorizer.usageIdentifierKey"

---@class engine.local.services.apigatewayv2.WebsocketRoute
---@field key string
---@field behind engine.local.services.apigatewayv2.Behind
---@field answers boolean    what the function returns goes to the client
---@field is_fit? fun(message: engine.local.services.apigatewayv2.Message): boolean  by its models
---@field missing? fun(request: engine.local.Request): string[]  what $connect requires
---@field wants_key boolean   an API key; of $connect alone
---@field authorization "NONE"|"AWS_IAM"|"CUSTOM"
---@field authorizer? engine.local.services.apigatewayv2.Authorizer
---@field throttle? engine.local.TokenBucket

---@class engine.local.services.apigatewayv2.WebsocketStage
---@field name string
---@field region string
---@field arn string
---@field domain string
---@field variables? table<string, string>
---@field routes table<string, engine.local.services.apigatewayv2.WebsocketRoute>
---@field account string
---@field access_log? engine.local.http.AccessLog
---@field names_key boolean  the authorizer says which API key a client has, not the client
---@field select fun(message: engine.local.services.apigatewayv2.Message): string?  the route of a message

local function find_part(parts, target, kind)
  local id = type(target) == "string" and target:match("^" .. kind .. "/(.+)$")
  return id and parts[id]
end

local function compile_route(cloud, api, stage, definition, words, settings)
  local authorizer = words.AuthorizerId and definition.authorizers[words.AuthorizerId]
  return {
    key = words.RouteKey,
    behind = integration.compile(
      find_part(definition.integrations, words.Target, "integrations"),
      {
        variables = stage.variables,
        source_arn = ("%s/%s"):format(stage.arn, words.RouteKey),
        seconds = SECONDS,
      }
    ),
    answers = words.RouteResponseSelectionExpression == "$default",
    is_fit = request_models.compile(words, definition),
    missing = required_parameters.compile(words.RequestParameters),
    wants_key = tostring(words.ApiKeyRequired) == "true",
    authorization = words.AuthorizationType or "NONE",
    authorizer = authorizer and authorizers.compile(authorizer,
      ("%s/authorizers/%s"):format(store.execute_arn(cloud, api), words.AuthorizerId)),
    throttle = throttle.new(settings),
  }
end

--- Works a stage out.
---@param cloud engine.local.Cloud
---@param api engine.local.services.apigatewayv2.Api
---@param name string
---@return engine.local.services.apigatewayv2.WebsocketStage
function websocket_stage.compile(cloud, api, name)
  local words = api.stages[name]
  local definition = store.served(api, words)
  local stage = {
    name = name,
    region = api.region,
    arn = ("%s/%s"):format(store.execute_arn(cloud, api), name),
    domain = store.domain(api),
    account = cloud.account,
    access_log = websocket_access.open(cloud, api, name),
    variables = next(words.StageVariables or {}) and words.StageVariables or nil,
    routes = {},
    names_key = api.properties.ApiKeySelectionExpression == NAMED_KEY,
    select = selection.compile(tostring(api.properties.RouteSelectionExpression)),
  }
  for _, route in pairs(definition and definition.routes or {}) do
    local settings = (words.RouteSettings or {})[route.RouteKey] or words.DefaultRouteSettings
    stage.routes[route.RouteKey] =
      compile_route(cloud, api, stage, definition, route, settings)
  end
  return stage
end

--- The stage of that name, worked out; nil when there is none.
---@return engine.local.services.apigatewayv2.WebsocketStage?
function websocket_stage.of(cloud, api, name)
  return api.stages[name] and store.compiled(cloud, api, name, function()
    return websocket_stage.compile(cloud, api, name)
  end)
end

local OWN <const> = { ["$connect"] = true, ["$disconnect"] = true }

--- The route of a message: the one that it names, else $default; nil when there is neither.
---@param stage engine.local.services.apigatewayv2.WebsocketStage
---@param message engine.local.services.apigatewayv2.Message
---@return engine.local.services.apigatewayv2.WebsocketRoute?
function websocket_stage.route_of(stage, message)
  local key = stage.select(message)
  return key and not OWN[key] and stage.routes[key] or stage.routes["$default"]
end

return websocket_stage
