--- API Gateway's actions that tell of REST APIs, API keys and usage plans, and the one that empties a
--- stage's cache.
local caching = require "engine.local.services.apigateway.caching"
local fault = require "engine.local.fault"
local json = require "host.json"
local order = require "engine.order"
local refusal = require "engine.local.services.apigateway.refusal"
local store = require "engine.local.services.apigateway.store"

local actions = {}

local DEFAULT_LIMIT <const>, MAX_LIMIT <const> = 25, 500

-- One page of a list; the position is the number of items before it.
local function page(list, params)
  local limit = math.tointeger(tonumber(params.limit)) or DEFAULT_LIMIT
  local from = math.tointeger(tonumber(params.position or 0))
  if not from or from < 0 then
    fault.raise("BadRequestException", "Invalid position parameter specified")
  end
  limit = math.max(1, math.min(limit, MAX_LIMIT))
  local item = table.move(list, from + 1, math.min(from + limit, #list), 1, json.array {})
  return { item = item, position = from + limit < #list and tostring(from + limit) or nil }
end

local function values(map)
  local list = {}
  for _, key in ipairs(order.keys(map)) do
    table.insert(list, map[key])
  end
  return list
end

local function shown_api(api)
  return {
    id = api.id,
    name = api.name,
    description = api.description,
    createdDate = api.createdDate,
    version = api.version,
    apiKeySource = api.definition.apiKeySource,
    binaryMediaTypes = #api.definition.binaryMediaTypes > 0 and api.definition.binaryMediaTypes
      or nil,
    disableExecuteApiEndpoint = api.disableExecuteApiEndpoint or false,
    endpointConfiguration = api.endpointConfiguration,
    minimumCompressionSize = api.definition.minimumCompressionSize,
    policy = type(api.policy) == "table" and json.encode(api.policy) or api.policy,
    rootResourceId = api.rootResourceId,
    tags = api.tags,
  }
end

local function shown_list(list, show)
  local shown = {}
  for _, item in ipairs(list) do
    table.insert(shown, show(item))
  end
  return shown
end

local function find_api(request, params, cloud)
  return store.api(cloud, request.region, params.restApiId)
end

function actions.GetRestApis(request, params, cloud)
  return page(shown_list(store.all(cloud, "apis", request.region), shown_api), params)
end

function actions.GetRestApi(request, params, cloud)
  return shown_api(find_api(request, params, cloud))
end

-- Methods are told whole when they are asked for by embed=methods, else by their names.
local function shown_resource(resource, params)
  local methods = json.object {}
  for verb, method in pairs(resource.resourceMethods) do
    methods[verb] = params.embed == "methods" and method or json.object {}
  end
  return {
    id = resource.id,
    parentId = resource.parentId,
    pathPart = resource.pathPart,
    path = resource.path,
    resourceMethods = next(methods) and methods or nil,
  }
end

function actions.GetResources(request, params, cloud)
  local resources = values(find_api(request, params, cloud).definition.resources)
  return page(shown_list(resources, function(resource)
    return shown_resource(resource, params)
  end), params)
end

local function find_resource(request, params, cloud)
  local api = find_api(request, params, cloud)
  return store.part(api.definition.resources, params.resourceId, "Resource")
end

function actions.GetResource(request, params, cloud)
  return shown_resource(find_resource(request, params, cloud), params)
end

function actions.GetMethod(request, params, cloud)
  local methods = find_resource(request, params, cloud).resourceMethods
  return store.part(methods, params.httpMethod, "Method")
end

function actions.GetDeployments(request, params, cloud)
  return page(values(find_api(request, params, cloud).deployments), params)
end

function actions.GetDeployment(request, params, cloud)
  local api = find_api(request, params, cloud)
  return store.part(api.deployments, params.deploymentId, "Deployment")
end

-- The settings of methods by their place: "*/*", "~1pets/GET".
local function settings_of(stage)
  local settings = json.object {}
  for _, setting in ipairs(stage.methodSettings or {}) do
    local path = tostring(setting.resourcePath):gsub("^/", "")
    local shown = json.object {}
    for name, value in pairs(setting) do
      shown[name] = name ~= "resourcePath" and name ~= "httpMethod" and value or nil
    end
    settings[path .. "/" .. tostring(setting.httpMethod)] = shown
  end
  return settings
end

local function shown_canary(settings)
  return settings and {
    percentTraffic = settings.percentTraffic,
    deploymentId = settings.deploymentId,
    stageVariableOverrides = settings.stageVariableOverrides,
    useStageCache = settings.useStageCache,
  }
end

local function shown_stage(stage)
  local shown = {}
  for name, value in pairs(stage) do
    shown[name] = value
  end
  shown.byDeployment = nil
  shown.canarySettings = shown_canary(stage.canarySettings)
  shown.accessLogSetting, shown.accessLogSettings = nil, stage.accessLogSetting
  shown.methodSettings = settings_of(stage)
  shown.cacheClusterEnabled = stage.cacheClusterEnabled or false
  shown.cacheClusterStatus = stage.cacheClusterEnabled and "AVAILABLE" or "NOT_AVAILABLE"
  shown.tracingEnabled = stage.tracingEnabled or false
  return shown
end

function actions.GetStages(request, params, cloud)
  local api = find_api(request, params, cloud)
  return { item = json.array(shown_list(values(api.stages), shown_stage)) }
end

function actions.GetStage(request, params, cloud)
  local api = find_api(request, params, cloud)
  return shown_stage(store.part(api.stages, params.stageName, "stage"))
end

function actions.FlushStageCache(request, params, cloud)
  local api = find_api(request, params, cloud)
  store.part(api.stages, params.stageName, "stage")
  caching.flush(cloud, api, params.stageName)
end

-- The actions that list a part of a definition alike.
for action, where in pairs {
  GetAuthorizers = "authorizers", GetModels = "models",
  GetRequestValidators = "requestValidators",
} do
  actions[action] = function(request, params, cloud)
    return page(values(find_api(request, params, cloud).definition[where]), params)
  end
end

-- The whole list: it has no pages.
function actions.GetGatewayResponses(request, params, cloud)
  local defined = find_api(request, params, cloud).definition.gatewayResponses
  return { item = json.array(values(refusal.told(defined))) }
end

local function is_true(value)
  return value == "true" or value == true
end

local function shown_key(key, with_value)
  return {
    id = key.id,
    name = key.name,
    value = with_value and key.value or nil,
    description = key.description,
    customerId = key.customerId,
    enabled = key.enabled,
    createdDate = key.createdDate,
    lastUpdatedDate = key.lastUpdatedDate,
    stageKeys = json.array {},
    tags = key.tags,
  }
end

function actions.GetApiKeys(request, params, cloud)
  local list = {}
  for _, key in ipairs(store.all(cloud, "keys", request.region)) do
    local is_wanted = not params.name or key.name:sub(1, #params.name) == params.name
    table.insert(list, is_wanted and shown_key(key, is_true(params.includeValues)) or nil)
  end
  return page(list, params)
end

function actions.GetApiKey(request, params, cloud)
  local key = store.find(cloud, "keys", params.apiKey)
  if not key or key.region ~= request.region then
    fault.raise("NotFoundException", "Invalid API Key identifier specified", 404)
  end
  return shown_key(key, is_true(params.includeValue))
end

local function shown_plan(plan)
  return {
    id = plan.id,
    name = plan.name,
    description = plan.description,
    apiStages = plan.apiStages or json.array {},
    throttle = plan.throttle,
    quota = plan.quota,
    tags = plan.tags,
  }
end

local function find_plan(request, params, cloud)
  local plan = store.find(cloud, "plans", params.usagePlanId)
  if not plan or plan.region ~= request.region then
    fault.raise("NotFoundException", "Invalid Usage Plan ID specified", 404)
  end
  return plan
end

function actions.GetUsagePlans(request, params, cloud)
  return page(shown_list(store.all(cloud, "plans", request.region), shown_plan), params)
end

function actions.GetUsagePlan(request, params, cloud)
  return shown_plan(find_plan(request, params, cloud))
end

function actions.GetUsagePlanKeys(request, params, cloud)
  local list = {}
  for _, id in ipairs(order.keys(find_plan(request, params, cloud).keys)) do
    local key = store.find(cloud, "keys", id)
    table.insert(list, key and { id = id, type = "API_KEY", name = key.name } or nil)
  end
  return page(list, params)
end

return actions
