--- A message of a WebSocket API of API Gateway, or that somebody connects or goes.
---
---     local websocket = require "laconic.event.websocket"
---
---     handler = function(event)
---       local request = websocket.request(event)
---       if request.event_type == "CONNECT" then
---         remember(request.connection_id)
---       end
---       return websocket.response { status = 200 }
---     end
---
--- AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html
---@module "laconic.event.websocket"
local http = require "laconic.event.http"
local shape = require "laconic.event.shape"

local websocket = {}

local SOURCE = "websocket"

--- A request has the fields of laconic.event.HttpRequest that a WebSocket knows, and these. Headers and
--- query come with CONNECT alone.
---@class laconic.event.WebsocketRequest: laconic.event.HttpRequest
---@field event_type "CONNECT"|"MESSAGE"|"DISCONNECT"
---@field connection_id string
---@field message_id? string
---@field connected_at? integer  milliseconds since 1970
---@field domain_name string
---@field endpoint string        where to post answers: "https://….amazonaws.com/production"

local FIELDS = {
  { "event_type", "string", "requestContext", "eventType" },
  { "route", "string", "requestContext", "routeKey" },
  { "connection_id", "string", "requestContext", "connectionId" },
  { "message_id", "string?", "requestContext", "messageId" },
  { "connected_at", "integer?", "requestContext", "connectedAt" },
  { "domain_name", "string", "requestContext", "domainName" },
  { "stage", "string", "requestContext", "stage" },
  { "stage_variables", "table?", "stageVariables" },
  { "context", "table", "requestContext" },
  { "authorizer", "table?", "requestContext", "authorizer" },
  { "identity", "table?", "requestContext", "identity" },
  { "source_ip", "string?", "requestContext", "identity", "sourceIp" },
}

local Request = http.class(SOURCE, function(source, event)
  return http.values(source, event, "queryStringParameters", "multiValueQueryStringParameters")
end)

--- Reads the message.
---@param event table
---@return laconic.event.WebsocketRequest
function websocket.request(event)
  local request = shape.read(SOURCE, "", event, FIELDS, Request)
  request.path_parameters = {}
  request.stage_variables = request.stage_variables or {}
  request.endpoint = ("https://%s/%s"):format(request.domain_name, request.stage)
  return request
end

--- What the handler has to return. The status decides whether a connection is accepted; a body goes to
--- the client where the route has a response.
---@param response laconic.event.HttpResponse  without cookies
---@return table
function websocket.response(response)
  local answer = http.answer(SOURCE, response)
  for name, list in pairs(answer.multiple) do
    answer.single[name] = table.concat(list, ", ")
  end
  return {
    statusCode = answer.status,
    headers = next(answer.single) and answer.single or nil,
    body = answer.body,
    isBase64Encoded = answer.is_base64 or nil,
  }
end

return websocket
