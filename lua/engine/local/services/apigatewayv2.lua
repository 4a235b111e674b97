--- HTTP APIs and WebSocket APIs (API Gateway's version 2): their clients' requests, and the actions
--- that tell of them. What makes them are CloudFormation's resource types.
local addresses = require "engine.local.addresses"
local http_api = require "engine.local.services.apigatewayv2.http_api"
local json = require "host.json"
local order = require "engine.order"
local shown = require "engine.local.services.apigatewayv2.shown"
local store = require "engine.local.services.apigatewayv2.store"
local websocket_api = require "engine.local.services.apigatewayv2.websocket_api"

local actions = {}

local API <const> = "/v2/apis/{ApiId}"

--- The API of that id, or nil.
local function find(cloud, id)
  return store.find(cloud, id)
end

--- Answers a client's request; see fronts/apis.lua, and fronts/domains.lua for `domain`.
local function answer(api, request, cloud, segment, path, domain)
  local kind = api.properties.ProtocolType == "WEBSOCKET" and websocket_api or http_api
  return kind.answer(api, request, cloud, segment, path, domain)
end

local function show_api(cloud, api)
  local scheme = api.properties.ProtocolType == "WEBSOCKET" and "wss" or "https"
  local url = ("%s://%s"):format(scheme, store.domain(api))
  return shown.api(api, addresses.reachable(cloud, url))
end

local function list_of(parts, show)
  local items = json.array {}
  for _, id in ipairs(order.keys(parts)) do
    table.insert(items, show(parts[id], id))
  end
  return { items = items }
end

function actions.GetApis(request, _, cloud)
  local items = json.array {}
  for _, api in ipairs(store.all(cloud, request.region)) do
    table.insert(items, show_api(cloud, api))
  end
  return { items = items }
end

function actions.GetApi(request, params, cloud)
  return show_api(cloud, store.get(cloud, request.region, params.ApiId))
end

-- GetRoutes and GetRoute, and so on: a part's name, where it stands, what its id is called.
for _, row in ipairs {
  { "Route", "routes", "RouteId" },
  { "Integration", "integrations", "IntegrationId" },
  { "Authorizer", "authorizers", "AuthorizerId" },
  { "Model", "models", "ModelId" },
} do
  local name, where, id_name = table.unpack(row)
  local id_field = id_name:gsub("^%u", string.lower)
  local function show(part, id)
    return shown.part(part, id_field, id)
  end
  actions["Get" .. name .. "s"] = function(request, params, cloud)
    return list_of(store.get(cloud, request.region, params.ApiId).definition[where], show)
  end
  actions["Get" .. name] = function(request, params, cloud)
    local parts = store.get(cloud, request.region, params.ApiId).definition[where]
    return show(store.part(parts, params[id_name], name), params[id_name])
  end
end

function actions.GetStages(request, params, cloud)
  return list_of(store.get(cloud, request.region, params.ApiId).stages, shown.stage)
end

function actions.GetStage(request, params, cloud)
  local stages = store.get(cloud, request.region, params.ApiId).stages
  return shown.stage(store.part(stages, params.StageName, "Stage"), params.StageName)
end

function actions.GetDeployments(request, params, cloud)
  return list_of(store.get(cloud, request.region, params.ApiId).deployments, shown.deployment)
end

function actions.GetDeployment(request, params, cloud)
  local deployments = store.get(cloud, request.region, params.ApiId).deployments
  return shown.deployment(store.part(deployments, params.DeploymentId, "Deployment"),
    params.DeploymentId)
end

return {
  protocol = "rest_json",
  routes = {
    { "GET", "/v2/apis", "GetApis" },
    { "GET", API, "GetApi" },
    { "GET", API .. "/routes", "GetRoutes" },
    { "GET", API .. "/routes/{RouteId}", "GetRoute" },
    { "GET", API .. "/integrations", "GetIntegrations" },
    { "GET", API .. "/integrations/{IntegrationId}", "GetIntegration" },
    { "GET", API .. "/authorizers", "GetAuthorizers" },
    { "GET", API .. "/authorizers/{AuthorizerId}", "GetAuthorizer" },
    { "GET", API .. "/models", "GetModels" },
    { "GET", API .. "/models/{ModelId}", "GetModel" },
    { "GET", API .. "/stages", "GetStages" },
    { "GET", API .. "/stages/{StageName}", "GetStage" },
    { "GET", API .. "/deployments", "GetDeployments" },
    { "GET", API .. "/deployments/{DeploymentId}", "GetDeployment" },
  },
  actions = actions,
  find = find,
  answer = answer,
}
