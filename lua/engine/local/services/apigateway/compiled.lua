--- A stage made ready to be asked: its routes, and of each method everything that can be worked out
--- before a request comes. Made once for a deployment and a stage, and kept in memory until any of the
--- cloud's APIs, keys or plans changes.
local access_log = require "engine.local.http.access_log"
local access_variables = require "engine.local.services.apigateway.access_variables"
local addresses = require "engine.local.addresses"
local api_keys = require "engine.local.services.apigateway.api_keys"
local authorizers = require "engine.local.services.apigateway.authorizers"
local caching = require "engine.local.services.apigateway.caching"
local canary = require "engine.local.services.apigateway.canary"
local folder = require "engine.folder"
local log = require "host.log"
local media_types = require "engine.local.services.apigateway.media_types"
local naming = require "engine.local.naming"
local order = require "engine.order"
local refusal = require "engine.local.services.apigateway.refusal"
local resource_policy = require "engine.local.services.apigateway.resource_policy"
local routes = require "engine.local.services.apigateway.routes"
local store = require "engine.local.services.apigateway.store"
local throttle = require "engine.local.services.apigateway.throttle"
local validation = require "engine.local.services.apigateway.validation"

local compiled = {}

local MOST_VERBS <const> = 16 -- whose texts are kept

local INTEGRATIONS <const> = "engine.local.services.apigateway.integrations"

---@class engine.local.services.apigateway.Stage
---@field api engine.local.services.apigateway.Api
---@field name string
---@field region string
---@field account string
---@field domain string                     AWS's host of the API
---@field port string                       of this cloud
---@field deployment_id string
---@field definition engine.local.services.apigateway.Definition  what the deployment froze
---@field variables table<string, string>
---@field routes engine.local.services.apigateway.Routes
---@field is_binary fun(kind: string?): boolean
---@field policy? engine.local.services.apigateway.ResourcePolicy
---@field believes_tokens? boolean          tokens that nobody can check were let in, and the log told
---@field access_log? engine.local.http.AccessLog
---@field settings table[]                  of its methods: see method_settings.lua
---@field cache? engine.local.services.apigateway.ResponseCache
---@field is_canary? boolean                nil where the stage has none
---@field canary? engine.local.services.apigateway.Stage
---@field canary_percent? number            of the requests are the canary's

---@class engine.local.services.apigateway.Method
---@field resource_id string
---@field resource_path string
---@field source_arn fun(verb: string): string  the ARN that a function's permission names
---@field limit? { key: string, rate: number, burst: number }
---@field authorize? fun(exchange: engine.local.services.apigateway.Exchange)
---@field check_key? fun(exchange: engine.local.services.apigateway.Exchange)
---@field validate? fun(exchange: engine.local.services.apigateway.Exchange)
---@field integrate fun(exchange: engine.local.services.apigateway.Exchange): table

local function no_integration(stage, method, why)
  return function()
    log.warn("laconic local does not answer a method of an API", {
      api = stage.api.id, resource = method.resource_path, problem = why,
    })
    refusal.internal()
  end
end

local function compile_integration(integration, method, stage)
  local kind = integration and integration.type
  local module = kind and folder.find(INTEGRATIONS, kind:lower())
  if not module then
    return no_integration(stage, method, kind and "integrations of type " .. kind
      .. " are not answered yet" or "it has no integration")
  end
  return module.compile(integration, method, stage)
end

local function open_access_log(cloud, api, name, said)
  local settings = said.accessLogSetting or {}
  return access_log.open(cloud, {
    arn = settings.destinationArn,
    format = settings.format,
    stage = api.id .. "/" .. name,
  }, access_variables)
end

-- One text for each verb, made when it is first asked for.
local function source_arns(stage, path)
  local known, count = {}, 0
  return function(verb)
    if known[verb] then
      return known[verb]
    end
    count = count + 1
    if count > MOST_VERBS then
      known, count = {}, 1
    end
    known[verb] = naming.arn("execute-api", stage.region, stage.account,
      ("%s/%s/%s%s"):format(stage.api.id, stage.name, verb, path))
    return known[verb]
  end
end

local function compile_method(stage, resource, said, verb)
  local method = {
    resource_id = resource.id,
    resource_path = resource.path,
    definition = said,
    source_arn = source_arns(stage, resource.path),
  }
  method.limit = throttle.of_method(stage, resource.path, verb)
  method.authorize = authorizers.compile(said, stage)
  method.check_key = said.apiKeyRequired and api_keys.check or nil
  method.validate = validation.compile(said, stage.definition)
  method.integrate = caching.behind(stage, method, verb,
    compile_integration(said.methodIntegration, method, stage))
  return method
end

local function compile_routes(stage)
  local list = {}
  for _, id in ipairs(order.keys(stage.definition.resources)) do
    local resource = stage.definition.resources[id]
    local methods = {}
    for verb, said in pairs(resource.resourceMethods) do
      methods[verb] = compile_method(stage, resource, said, verb)
    end
    table.insert(list, { path = resource.path, methods = methods })
  end
  return routes.new(list)
end

-- What a deployment serves on a stage. `release` is the stage's own, or its canary.
local function compile_release(cloud, api, said, release)
  local deployed = store.deployed(cloud, api, release.deployment_id)
  local definition = addresses.reachable(cloud, deployed)
  local stage = {
    api = api,
    name = said.stageName,
    region = api.region,
    account = cloud.account,
    domain = ("%s.execute-api.%s.amazonaws.com"):format(api.id, api.region),
    port = cloud.port,
    deployment_id = release.deployment_id,
    is_canary = release.is_canary,
    definition = definition,
    settings = said.methodSettings or {},
    variables = release.variables,
    is_binary = media_types.matcher(definition.binaryMediaTypes),
    keys = api_keys.of_stage(cloud, api, said.stageName),
    access_log = open_access_log(cloud, api, said.stageName, said),
    cache = release.cache,
  }
  stage.policy = resource_policy.compile(stage)
  stage.routes = compile_routes(stage)
  return stage
end

local function compile_canary(cloud, api, said, stage)
  local settings = said.canarySettings
  local id = settings.deploymentId
  return compile_release(cloud, api, said, {
    deployment_id = id,
    is_canary = true,
    variables = canary.variables(said),
    cache = settings.useStageCache and stage.cache
      or caching.of_stage(cloud, api, said, id, true),
  })
end

local function compile(cloud, api, name)
  local said = api.stages[name]
  local stage = compile_release(cloud, api, said, {
    deployment_id = said.deploymentId,
    variables = said.variables or {},
    cache = caching.of_stage(cloud, api, said, said.deploymentId),
  })
  if said.canarySettings then
    stage.is_canary = false
    stage.canary = compile_canary(cloud, api, said, stage)
    stage.canary_percent = said.canarySettings.percentTraffic
  end
  return stage
end

--- A stage, ready; nil when the API has none of that name, or it serves nothing yet.
---@param cloud engine.local.Cloud
---@param api engine.local.services.apigateway.Api
---@param name string
---@return engine.local.services.apigateway.Stage?
function compiled.stage(cloud, api, name)
  local memory = cloud:memory "apigateway"
  local stages = memory.compiled[api]
  if not stages then
    stages = {}
    memory.compiled[api] = stages
  end
  if not stages[name] and api.stages[name] and api.stages[name].deploymentId then
    stages[name] = compile(cloud, api, name)
  end
  return stages[name]
end

return compiled
