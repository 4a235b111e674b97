--- AWS::ApiGateway::Method: a verb of a resource, with its integration.
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local properties = require "engine.local.services.apigateway.properties"
local store = require "engine.local.services.apigateway.store"

local method = {
  replacement = { HttpMethod = true, ResourceId = true, RestApiId = true },
}

local VERBS <const> = {
  ANY = true, DELETE = true, GET = true, HEAD = true, OPTIONS = true, PATCH = true, POST = true,
  PUT = true,
}
local TYPES <const> = {
  AWS = true, AWS_PROXY = true, HTTP = true, HTTP_PROXY = true, MOCK = true,
}

local function check(api, wanted)
  local integration = wanted.methodIntegration
  local definition = api.definition
  if not VERBS[wanted.httpMethod] then
    fault.raise("BadRequestException", "Invalid HttpMethod specified. "
      .. "Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
  elseif integration and not TYPES[integration.type] then
    fault.raise("BadRequestException",
      "Enumeration value for integrationType must be AWS, AWS_PROXY, HTTP, HTTP_PROXY or MOCK")
  elseif wanted.authorizerId and not definition.authorizers[wanted.authorizerId] then
    fault.raise("BadRequestException", "Invalid authorizer ID specified. Setting the authorization "
      .. "type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
  elseif wanted.requestValidatorId
    and not definition.requestValidators[wanted.requestValidatorId] then
    fault.raise("BadRequestException", "Invalid Request Validator identifier specified")
  end
end

local function put(job)
  local api = store.api(job.cloud, job.region, job.properties.RestApiId)
  local resource =
    store.part(api.definition.resources, job.properties.ResourceId, "Resource")
  local wanted = properties.method(job.properties)
  check(api, wanted)
  resource.resourceMethods[wanted.httpMethod] = wanted
  store.keep(job.cloud, "apis", api)
  return job.physical_id or naming.digest(job, 10):lower(), {}
end

method.create = put
method.update = put

function method.delete(job)
  local api = store.find_api(job.cloud, job.properties.RestApiId)
  local resource = api and api.definition.resources[job.properties.ResourceId]
  if resource then
    resource.resourceMethods[job.properties.HttpMethod] = nil
    store.keep(job.cloud, "apis", api)
  end
end

return method
