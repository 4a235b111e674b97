--- What a WebSocket API tells a function: somebody connects, sends a message, or goes.
local identifier = require "engine.local.identifier"
local json = require "host.json"
local received = require "engine.local.http.received"

local websocket_event = {}

local UNSORTED <const> = { sorted = false }

--- What every event's context has.
---@param kind "CONNECT"|"MESSAGE"|"DISCONNECT"
---@return table
function websocket_event.context(connection, stage, kind, route_key)
  local milliseconds, time = received.now()
  local request_id, key = identifier.uuid(), connection.api_key or {}
  return {
    routeKey = route_key,
    eventType = kind,
    extendedRequestId = request_id,
    requestId = request_id,
    requestTime = time,
    requestTimeEpoch = milliseconds,
    messageDirection = "IN",
    stage = stage.name,
    connectedAt = connection.connected * 1000 // 1 | 0,
    identity = {
      apiKey = key.value,
      apiKeyId = key.id,
      sourceIp = connection.address,
      userAgent = connection.user_agent,
    },
    domainName = stage.domain,
    connectionId = connection.id,
    apiId = connection.api_id,
    authorizer = connection.authorizer,
  }
end

local function some(values)
  return next(values) and values or nil
end

--- Somebody wants to connect.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@return table
function websocket_event.connect(cloud, request, connection, stage)
  local headers, all_headers = received.gathered(received.each_header(cloud, request))
  local query, all_query = received.gathered(received.parameters(request.query))
  return {
    headers = headers,
    multiValueHeaders = all_headers,
    queryStringParameters = some(query),
    multiValueQueryStringParameters = some(all_query),
    requestContext = websocket_event.context(connection, stage, "CONNECT", "$connect"),
    stageVariables = stage.variables,
    isBase64Encoded = false,
  }
end

--- What the authorizer of $connect is asked with.
---@return table
function websocket_event.authorizer(cloud, request, connection, stage, method_arn)
  local event = websocket_event.connect(cloud, request, connection, stage)
  event.type, event.methodArn, event.isBase64Encoded = "REQUEST", method_arn, nil
  return event
end

--- A client sent a text.
---@return table
function websocket_event.message(connection, stage, route_key, text)
  local context = websocket_event.context(connection, stage, "MESSAGE", route_key)
  context.messageId = context.requestId
  return {
    requestContext = context,
    stageVariables = stage.variables,
    body = text,
    isBase64Encoded = false,
  }
end

--- A client has gone.
---@return table
function websocket_event.disconnect(connection, stage, code, reason)
  local context = websocket_event.context(connection, stage, "DISCONNECT", "$disconnect")
  context.disconnectStatusCode, context.disconnectReason = code, reason
  local headers = { Host = stage.domain, ["x-api-key"] = "", ["x-restapi"] = "" }
  local all = {}
  for name, value in pairs(headers) do
    all[name] = { value }
  end
  return {
    headers = headers,
    multiValueHeaders = all,
    requestContext = context,
    stageVariables = stage.variables,
    isBase64Encoded = false,
  }
end

--- An event as JSON.
---@return string
function websocket_event.encode(event)
  return assert(json.encode(event, UNSORTED))
end

return websocket_event
