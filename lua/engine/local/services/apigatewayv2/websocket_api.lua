--- Answers the clients of a WebSocket API: lets them connect, takes their messages to functions, and
--- tells when they have gone.
local connections = require "engine.local.services.apigatewayv2.connections"
local handshake = require "engine.local.services.apigatewayv2.handshake"
local json = require "host.json"
local log = require "host.log"
local loop = require "engine.local.loop"
local management = require "engine.local.services.apigatewayv2.management"
local received = require "engine.local.http.received"
local selection = require "engine.local.services.apigatewayv2.selection"
local store = require "engine.local.services.apigatewayv2.store"
local websocket_access = require "engine.local.services.apigatewayv2.websocket_access"
local websocket_attendance = require "engine.local.services.apigatewayv2.websocket_attendance"
local websocket_event = require "engine.local.services.apigatewayv2.websocket_event"
local websocket_stage = require "engine.local.services.apigatewayv2.websocket_stage"

local websocket_api = {}

local MOST_RUNNING <const> = 32 -- messages of one client; then it waits

local MESSAGES <const> = {
  throttled = "Too Many Requests",
  late = "Endpoint request timed out",
}

local STATUSES <const> = { throttled = 429, late = 504 }

-- What API Gateway itself says to a client whose message it could not deliver. Returns what an access log
-- tells of it.
local function complain(connection, event, status, message)
  connections.send(connection, assert(json.encode {
    message = message, connectionId = connection.id, requestId = event.requestContext.requestId,
  }))
  return status, message
end

-- What a function returned, where its route answers.
local function answer(connection, event, result)
  local value = json.decode(result.payload)
  if type(value) ~= "table" then
    return
  end
  local body = value.body
  if type(body) == "table" then
    body = json.encode(body)
  end
  if body ~= nil and body ~= json.null then
    local text = tostring(body)
    if not utf8.len(text) or not connections.send(connection, text) then
      log.warn("a WebSocket's client did not get its answer", { connection = connection.id })
    end
  elseif value.statusCode == nil then
    return complain(connection, event, 500, "Internal server error")
  end
end

-- Hands a message to what stands behind its route. Returns nothing, or the status and the words of what
-- the client was told instead.
local function hand_over(cloud, connection, route, message, event, seen)
  if not route then
    return complain(connection, event, 403, "Forbidden")
  elseif route.throttle and not route.throttle:take() then
    return complain(connection, event, 429, "Too Many Requests")
  elseif route.is_fit and not route.is_fit(message) then
    return complain(connection, event, 400, "Invalid request body")
  elseif route.behind.mock then
    return nil
  elseif not route.behind.target then
    log.warn("a WebSocket API cannot answer", { because = route.behind.obstacle })
    return complain(connection, event, 501, route.behind.obstacle)
  end
  local result, obstacle = websocket_access.call(cloud, route.behind, event, seen)
  if not result or result.error then
    return complain(connection, event, STATUSES[obstacle] or 500,
      MESSAGES[obstacle] or "Internal server error")
  elseif route.answers then
    return answer(connection, event, result)
  end
end

local function deliver(cloud, connection, stage, text)
  local message = selection.message(text, stage)
  local route = websocket_stage.route_of(stage, message)
  local event = websocket_event.message(connection, stage, route and route.key, text)
  local seen = websocket_access.begin(stage, event.requestContext)
  local status, problem = hand_over(cloud, connection, route, message, event, seen)
  websocket_access.finish(stage, seen, status or 200, problem)
end

local function stage_of(cloud, connection)
  local api = store.find(cloud, connection.api_id)
  return api and websocket_stage.of(cloud, api, connection.stage)
end

-- Messages are worked on beside each other, as at AWS: an answer may overtake another.
local function take(cloud, connection, text)
  local stage = stage_of(cloud, connection)
  if not stage then
    websocket_attendance.dismiss(connection)
    return
  end
  if connection.running >= MOST_RUNNING then
    deliver(cloud, connection, stage, text)
    return
  end
  connection.running = connection.running + 1
  loop.spawn(function()
    local ok, problem = pcall(deliver, cloud, connection, stage, text)
    connection.running = connection.running - 1
    if not ok then
      error(problem, 0)
    end
  end)
end

local function tell_end(cloud, connection, code, reason)
  local stage = stage_of(cloud, connection)
  local route = stage and stage.routes["$disconnect"]
  local behind = route and route.behind.target and route.behind
  if not stage or not behind and not stage.access_log then
    return
  end
  local event = websocket_event.disconnect(connection, stage, code, reason)
  local seen = websocket_access.begin(stage, event.requestContext)
  local result = not behind or websocket_access.call(cloud, behind, event, seen)
  websocket_access.finish(stage, seen, result and 200 or 500)
end

local function serve(cloud, connection)
  local code, reason
  do
    local _ <close> = connection.link
    code, reason = websocket_attendance.attend(connection, function(text)
      take(cloud, connection, text)
    end)
    connections.remove(cloud, connection)
  end
  if connection.closing then -- the client only answered
    code, reason = connection.code, connection.reason
  end
  tell_end(cloud, connection, code, received.unicode(reason))
end

--- Answers a request: a handshake, or one of the API's own actions.
---@param api engine.local.services.apigatewayv2.Api
---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param segment string  of the path: the stage
---@param rest string     what follows, with its slash
---@param domain? table   the custom domain that was asked
---@return table? answer
function websocket_api.answer(api, request, cloud, segment, rest, domain)
  local stage = websocket_stage.of(cloud, api, received.decoded(segment))
  local closed = not domain and tostring(api.properties.DisableExecuteApiEndpoint) == "true"
  if not stage or closed then
    return handshake.say(request, 403, "Forbidden")
  end
  local connection_id = received.decoded(rest):match "^/@connections/(.+)$"
  if connection_id then
    return management.answer(cloud, api, request, stage, connection_id)
  elseif rest ~= "" and rest ~= "/" then
    return handshake.say(request, 403, "Forbidden")
  end
  local refused, connection = handshake.shake(cloud, api, request, stage)
  if connection then
    connections.add(cloud, connection)
    loop.spawn(serve, cloud, connection)
  end
  return refused
end

return websocket_api
