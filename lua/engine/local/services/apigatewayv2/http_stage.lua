--- A stage of an HTTP API, worked out for its requests: routes by path, and what each leads to.
local addresses = require "engine.local.addresses"
local authorizers = require "engine.local.services.apigatewayv2.authorizers"
local http_access = require "engine.local.services.apigatewayv2.http_access"
local integration = require "engine.local.services.apigatewayv2.integration"
local jwt_authorizer = require "engine.local.services.apigatewayv2.jwt_authorizer"
local order = require "engine.order"
local paths = require "engine.local.services.apigatewayv2.paths"
local store = require "engine.local.services.apigatewayv2.store"
local throttle = require "engine.local.services.apigatewayv2.throttle"

local http_stage = {}

local SECONDS <const> = 30

---@class engine.local.services.apigatewayv2.HttpRoute
---@field key string
---@field resource string    its path, or "$default"
---@field behind engine.local.services.apigatewayv2.Behind
---@field authorization "NONE"|"AWS_IAM"|"CUSTOM"|"JWT"
---@field authorizer? engine.local.services.apigatewayv2.Authorizer|engine.local.services.apigatewayv2.JwtAuthorizer
---@field scopes? string[]   of which a token has to hold one
---@field throttle? engine.local.TokenBucket
---@field arn string

---@class engine.local.services.apigatewayv2.HttpStage
---@field name string
---@field region string
---@field prefix string      "/prod"; "" of $default
---@field tree engine.local.services.apigatewayv2.Node
---@field default? engine.local.services.apigatewayv2.HttpRoute
---@field cors? engine.local.http.Cors
---@field place engine.local.http.Place
---@field arn string
---@field access_log? engine.local.http.AccessLog

local function find_part(parts, target, kind)
  local id = type(target) == "string" and target:match("^" .. kind .. "/(.+)$")
  return id and parts[id]
end

local function compile_route(words, definition, stage, made)
  local key = words.RouteKey
  local method, path = key:match "^(%u+) (/.*)$"
  local arn = method and ("%s/%s%s"):format(stage.arn, method == "ANY" and "*" or method, path)
    or ("%s/%s"):format(stage.arn, key)
  local settings = made.settings[key] or made.default_settings
  return {
    key = key,
    resource = path or key,
    arn = arn,
    behind = integration.compile(
      find_part(definition.integrations, words.Target, "integrations"),
      { variables = stage.place.variables, source_arn = arn, seconds = SECONDS, maps = true }
    ),
    authorization = words.AuthorizationType or "NONE",
    authorizer = words.AuthorizerId and made.authorizers[words.AuthorizerId],
    scopes = words.AuthorizationScopes and words.AuthorizationScopes[1]
      and words.AuthorizationScopes,
    throttle = throttle.new(settings),
  }, method, path
end

local function compile_authorizers(definition, api_arn)
  local made = {}
  for id, words in pairs(definition.authorizers) do
    made[id] = words.AuthorizerType == "JWT" and jwt_authorizer.compile(words)
      or authorizers.compile(words, ("%s/authorizers/%s"):format(api_arn, id))
  end
  return made
end

--- Works a stage out.
---@param cloud engine.local.Cloud
---@param api engine.local.services.apigatewayv2.Api
---@param name string
---@return engine.local.services.apigatewayv2.HttpStage
function http_stage.compile(cloud, api, name)
  local words = api.stages[name]
  local definition = store.served(api, words)
  local api_arn = store.execute_arn(cloud, api)
  local stage = {
    name = name,
    region = api.region,
    prefix = name == "$default" and "" or "/" .. name,
    tree = paths.new(),
    cors = addresses.reachable(cloud, api.properties.CorsConfiguration),
    arn = ("%s/%s"):format(api_arn, name),
    access_log = http_access.open(cloud, api, name),
    place = {
      account = cloud.account,
      api_id = api.id,
      domain = store.domain(api),
      stage = name,
      variables = next(words.StageVariables or {}) and words.StageVariables or nil,
    },
  }
  local made = {
    authorizers = definition and compile_authorizers(definition, api_arn),
    settings = words.RouteSettings or {},
    default_settings = words.DefaultRouteSettings,
  }
  for _, id in ipairs(definition and order.keys(definition.routes) or {}) do
    local route, method, path = compile_route(definition.routes[id], definition, stage, made)
    if path then
      paths.add(stage.tree, method, path, route)
    else
      stage.default = route
    end
  end
  return stage
end

return http_stage
