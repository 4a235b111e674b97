--- The actions by which functions reach a WebSocket API's clients: POST, GET and DELETE of
--- `/@connections/<connection id>`, signed for execute-api.
local clock = require "host.clock"
local connections = require "engine.local.services.apigatewayv2.connections"
local json = require "host.json"
local signed = require "engine.local.http.signed"

local management = {}

local MOST_BYTES <const> = 128 * 1024
local NORMAL <const> = 1000

local function respond(request, status, value, kind)
  return {
    status = status,
    headers = {
      { "Content-Type", "application/json" },
      { "x-amzn-RequestId", request.id },
      kind and { "x-amzn-ErrorType", kind } or nil,
    },
    body = value and assert(json.encode(value)) or nil,
  }
end

local function refuse(request, status, kind, message)
  return respond(request, status, { message = message }, kind)
end

local function gone(request)
  return refuse(request, 410, "GoneException", nil)
end

local actions = {}

function actions.POST(request, connection)
  if request:size() > MOST_BYTES then
    return refuse(request, 413, "PayloadTooLargeException",
      "Messages have at most 131072 bytes")
  end
  local text = request:text(MOST_BYTES)
  if not utf8.len(text) then
    return refuse(request, 400, "BadRequestException", "The message is not in UTF-8")
  elseif connection.closing or not connections.send(connection, text) then
    return connection.link:ahead() > 0
      and refuse(request, 429, "LimitExceededException", "The client does not keep up")
      or gone(request)
  end
  return respond(request, 200)
end

function actions.GET(request, connection)
  return respond(request, 200, {
    connectedAt = clock.iso8601(connection.connected),
    identity = { sourceIp = connection.address, userAgent = connection.user_agent },
    lastActiveAt = clock.iso8601(connection.active),
  })
end

function actions.DELETE(request, connection)
  connections.finish(connection, NORMAL, "Connection Closed Normally")
  return respond(request, 204)
end

--- Answers one of them.
---@param cloud engine.local.Cloud
---@param api engine.local.services.apigatewayv2.Api
---@param request engine.local.Request
---@param stage engine.local.services.apigatewayv2.WebsocketStage
---@param id string  as it was sent, decoded
---@return table answer
function management.answer(cloud, api, request, stage, id)
  local action = actions[request.method]
  local identity, problem = signed.identify(cloud, request, "execute-api", api.region)
  if not identity then
    return refuse(request, 403, "ForbiddenException", problem or "Missing Authentication Token")
  elseif not action then
    return refuse(request, 403, "ForbiddenException", "Forbidden")
  elseif not connections.is_id(id) then
    return refuse(request, 400, "BadRequestException", "Invalid connectionId: " .. id)
  end
  local connection = connections.find(cloud, api.id, stage.name, id)
  if not connection then
    return gone(request)
  end
  return action(request, connection)
end

return management
