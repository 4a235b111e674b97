--- API Gateway's REST APIs (v1), as the local cloud answers for them: the actions that tell of them, and
--- the requests of their own clients, which the front `apis` hands over.
local answering = require "engine.local.services.apigateway.answering"
local read_actions = require "engine.local.services.apigateway.read_actions"
local store = require "engine.local.services.apigateway.store"

local apigateway = {
  protocol = "rest_json",
  actions = read_actions,
  routes = {
    { "GET", "/restapis", "GetRestApis" },
    { "GET", "/restapis/{restApiId}", "GetRestApi" },
    { "GET", "/restapis/{restApiId}/resources", "GetResources" },
    { "GET", "/restapis/{restApiId}/resources/{resourceId}", "GetResource" },
    { "GET", "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}", "GetMethod" },
    { "GET", "/restapis/{restApiId}/deployments", "GetDeployments" },
    { "GET", "/restapis/{restApiId}/deployments/{deploymentId}", "GetDeployment" },
    { "GET", "/restapis/{restApiId}/stages", "GetStages" },
    { "GET", "/restapis/{restApiId}/stages/{stageName}", "GetStage" },
    {
      "DELETE", "/restapis/{restApiId}/stages/{stageName}/cache/data", "FlushStageCache",
      status = 202,
    },
    { "GET", "/restapis/{restApiId}/models", "GetModels" },
    { "GET", "/restapis/{restApiId}/authorizers", "GetAuthorizers" },
    { "GET", "/restapis/{restApiId}/requestvalidators", "GetRequestValidators" },
    { "GET", "/restapis/{restApiId}/gatewayresponses", "GetGatewayResponses" },
    { "GET", "/apikeys", "GetApiKeys" },
    { "GET", "/apikeys/{apiKey}", "GetApiKey" },
    { "GET", "/usageplans", "GetUsagePlans" },
    { "GET", "/usageplans/{usagePlanId}", "GetUsagePlan" },
    { "GET", "/usageplans/{usagePlanId}/keys", "GetUsagePlanKeys" },
  },
}

--- The API of that id, or nil.
apigateway.find = store.find_api

--- Answers a request to an API.
apigateway.answer = answering.answer

function apigateway.open(cloud)
  cloud:memory("apigateway").compiled = {}
end

return apigateway
