--- The event of a Lambda proxy integration, format 1.0.
local digest = require "host.digest"
local json = require "host.json"
local text = require "engine.local.services.apigateway.text"

local proxy_event = {}

local null <const> = json.null
local IDENTITY <const> = {
  "accessKey", "accountId", "caller", "cognitoAuthenticationProvider",
  "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId",
  "sourceIp", "user", "userAgent", "userArn",
}
local CONTEXT <const> = {
  "accountId", "apiId", "authorizer", "deploymentId", "domainName", "domainPrefix",
  "extendedRequestId", "httpMethod", "path", "protocol", "requestId", "requestTime",
  "requestTimeEpoch", "resourceId", "resourcePath", "stage",
}

local function some(map)
  return next(map) and map or null
end

--- `requestContext`, also of a REQUEST authorizer's event.
---@param exchange engine.local.services.apigateway.Exchange
---@return table
function proxy_event.request_context(exchange)
  local known = exchange:context()
  local identity, context = {}, {}
  for _, name in ipairs(IDENTITY) do
    local value = known.identity[name]
    identity[name] = value == nil and null or value
  end
  identity.apiKey, identity.apiKeyId = known.identity.apiKey, known.identity.apiKeyId
  for _, name in ipairs(CONTEXT) do
    context[name] = known[name]
  end
  context.identity = identity
  return context
end

--- What an event and a REQUEST authorizer's event have alike.
---@param exchange engine.local.services.apigateway.Exchange
---@return table
function proxy_event.request(exchange)
  local headers, all_headers = exchange:headers()
  local query, all_query = exchange:query()
  return {
    resource = exchange.method.resource_path,
    path = exchange.path,
    httpMethod = exchange.request.method,
    headers = headers,
    multiValueHeaders = all_headers,
    queryStringParameters = some(query),
    multiValueQueryStringParameters = some(all_query),
    pathParameters = some(exchange.parameters),
    stageVariables = some(exchange.stage.variables),
    requestContext = proxy_event.request_context(exchange),
  }
end

--- An event as JSON, whatever bytes came.
---@param event table
---@return string
function proxy_event.encode(event)
  return json.encode(event, { sorted = false }) or assert(json.encode(text.clean(event)))
end

--- The event's JSON.
---@param exchange engine.local.services.apigateway.Exchange
---@return string
function proxy_event.of(exchange)
  local event = proxy_event.request(exchange)
  local body = exchange:text()
  local is_binary = body ~= "" and exchange:is_binary()
  event.body = body == "" and null or is_binary and digest.to_base64(body) or body
  event.isBase64Encoded = is_binary
  return proxy_event.encode(event)
end

return proxy_event
