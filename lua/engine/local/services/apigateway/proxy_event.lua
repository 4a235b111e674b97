--- The event of a Lambda proxy integration, format 1.0.
---
--- It is put together as text: most of it is the same for every request to a method, and is written
--- once. Tables for all of it would take longer than everything else on the way.
local digest = require "host.digest"
local json = require "host.json"
local text = require "engine.local.services.apigateway.text"

local proxy_event = {}

local NOBODY <const> = '"accessKey":null,"accountId":null,"caller":null,'
  .. '"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,'
  .. '"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"user":null,'
  .. '"userArn":null'

-- A value as JSON, whatever bytes came in it.
local function quoted(value)
  return json.encode(value, { sorted = false }) or assert(json.encode(text.clean(value)))
end

local function quoted_text(value)
  return json.encode(value) or assert(json.encode(text.of(value)))
end

local function quoted_some(map)
  return next(map) and quoted(map) or "null"
end

-- Who signed, and by which key: null for all that is not known.
local function caller(exchange)
  local identity, key = exchange.identity, exchange.api_key
  if not identity and not key then
    return NOBODY
  end
  local known = json.decode("{" .. NOBODY .. "}")
  if identity then
    known.accessKey, known.accountId = identity.access_key_id, identity.account
    known.caller, known.user, known.userArn = identity.user_id, identity.user_id, identity.arn
  end
  if key then
    known.apiKey, known.apiKeyId = key.value, key.id
  end
  return quoted(known):sub(2, -2)
end

-- What requestContext says of every request to the method by the domain that it came to.
local function static_context(exchange)
  local stage, method = exchange.stage, exchange.method
  if method.event_domain ~= exchange.domain then
    method.event_domain = exchange.domain
    method.event_context = quoted({
      accountId = exchange.cloud.account,
      apiId = stage.api.id,
      deploymentId = stage.deployment_id,
      domainName = exchange.domain,
      domainPrefix = exchange.domain:match "^[^.]*",
      protocol = "HTTP/1.1",
      resourceId = method.resource_id,
      resourcePath = method.resource_path,
      stage = stage.name,
    }):sub(2, -2)
  end
  return method.event_context
end

local function request_context(exchange)
  local agent = exchange:header "user-agent"
  return "{" .. static_context(exchange)
    .. (exchange.authorizer and ',"authorizer":' .. quoted(exchange.authorizer) or "")
    .. ',"extendedRequestId":"' .. exchange.extended_id
    .. '","httpMethod":' .. quoted_text(exchange.request.method)
    .. ',"identity":{' .. caller(exchange)
    .. ',"sourceIp":"' .. exchange:source_ip()
    .. '","userAgent":' .. (agent and quoted_text(agent) or "null")
    .. '},"path":' .. quoted_text(exchange.full_path)
    .. ',"requestId":"' .. exchange.id
    .. '","requestTime":"' .. exchange:clf_time()
    .. '","requestTimeEpoch":' .. exchange:milliseconds() .. "}"
end

-- What an event and a REQUEST authorizer's event have alike, without the braces around it.
local function fields(exchange)
  local headers, all_headers = exchange:headers()
  local query, all_query = exchange:query()
  return '"resource":' .. quoted_text(exchange.method.resource_path)
    .. ',"path":' .. quoted_text(exchange.shown_path)
    .. ',"httpMethod":' .. quoted_text(exchange.request.method)
    .. ',"headers":' .. quoted(headers)
    .. ',"multiValueHeaders":' .. quoted(all_headers)
    .. ',"queryStringParameters":' .. quoted_some(query)
    .. ',"multiValueQueryStringParameters":' .. quoted_some(all_query)
    .. ',"pathParameters":' .. quoted_some(exchange.parameters)
    .. ',"stageVariables":' .. quoted_some(exchange.stage.variables)
    .. ',"requestContext":' .. request_context(exchange)
end

--- The JSON of a REQUEST authorizer's event.
---@param exchange engine.local.services.apigateway.Exchange
---@return string
function proxy_event.for_authorizer(exchange)
  return '{"type":"REQUEST","methodArn":' .. quoted_text(exchange:method_arn()) .. ","
    .. fields(exchange) .. "}"
end

local function body_of(exchange)
  local body = exchange:text()
  if body == "" then
    return "null", false
  elseif exchange:is_binary() then
    return '"' .. digest.to_base64(body) .. '"', true
  end
  return quoted_text(body), false
end

--- The event's JSON.
---@param exchange engine.local.services.apigateway.Exchange
---@return string
function proxy_event.of(exchange)
  local body, is_encoded = body_of(exchange)
  return "{" .. fields(exchange) .. ',"body":' .. body .. ',"isBase64Encoded":'
    .. tostring(is_encoded) .. "}"
end

return proxy_event
