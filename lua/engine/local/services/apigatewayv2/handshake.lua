--- Lets a client connect to a WebSocket API, or not: its handshake, and the route $connect.
local api_keys = require "engine.local.services.apigateway.api_keys"
local authorizers = require "engine.local.services.apigatewayv2.authorizers"
local clock = require "host.clock"
local connections = require "engine.local.services.apigatewayv2.connections"
local json = require "host.json"
local log = require "host.log"
local received = require "engine.local.http.received"
local signed = require "engine.local.http.signed"
local websocket_access = require "engine.local.services.apigatewayv2.websocket_access"
local websocket_event = require "engine.local.services.apigatewayv2.websocket_event"

local handshake = {}

local MOST_CONNECTIONS <const> = 1000
local MAX_FRAME <const> = 32 * 1024
local MAX_MESSAGE <const> = 128 * 1024

local OBSTACLES <const> = {
  throttled = { 429, "Too Many Requests" },
  late = { 504, "Endpoint request timed out" },
}

local KEY_OBSTACLES <const> = {
  exhausted = { 429, "Limit Exceeded" },
  throttled = { 429, "Too Many Requests" },
}

local function say(request, status, message, headers)
  headers = headers or {}
  table.insert(headers, { "Content-Type", "application/json" })
  table.insert(headers, { "x-amzn-RequestId", request.id })
  return { status = status, headers = headers, body = assert(json.encode { message = message }) }
end

handshake.say = say

local function has_token(header, token)
  for word in (header or ""):lower():gmatch "[^,%s]+" do
    if word == token then
      return true
    end
  end
  return false
end

-- What is wrong with a request that ought to be a handshake; nil when it is one.
local function refuse(request)
  if not has_token(request:header "upgrade", "websocket") or request.method ~= "GET"
    or not has_token(request:header "connection", "upgrade") then
    return say(request, 426, "Upgrade Required", {
      { "Upgrade", "websocket" }, { "Connection", "Upgrade" },
    })
  elseif request:header "sec-websocket-version" ~= "13" then
    return say(request, 400, "Bad Request", { { "Sec-WebSocket-Version", "13" } })
  end
end

local function question_of(cloud, request, connection, stage)
  local method_arn = stage.arn .. "/$connect"
  return {
    cloud = cloud,
    request = request,
    headers = received.headers(request),
    query = received.query(request.query) or {},
    variables = stage.variables or {},
    context = { connectionId = connection.id, stage = stage.name, routeKey = "$connect" },
    method_arn = method_arn,
    event = function()
      return websocket_event.encode(
        websocket_event.authorizer(cloud, request, connection, stage, method_arn))
    end,
  }
end

-- Asks who it is, where the route wants to know; returns the answer that ends the handshake.
local function authorize(cloud, request, connection, stage, route)
  if route.authorization == "AWS_IAM" then
    local identity = signed.identify(cloud, request, "execute-api", stage.region)
    return not identity and say(request, 403, "Forbidden") or nil
  elseif route.authorization ~= "CUSTOM" then
    return nil
  elseif not route.authorizer then
    return say(request, 500, "Internal server error")
  end
  local verdict, obstacle =
    authorizers.ask(route.authorizer, question_of(cloud, request, connection, stage))
  if obstacle == "unauthorized" then
    return say(request, 401, "Unauthorized")
  elseif not verdict then
    return say(request, 500, "Internal server error")
  elseif not verdict.is_allowed then
    return say(request, 403, "User is not authorized to access this resource")
  end
  connection.usage_key = verdict.usage_key
  connection.authorizer = verdict.context or {}
  connection.authorizer.principalId = verdict.principal
end

-- Wants an API key, where the route does; returns the answer that ends the handshake.
local function check_key(cloud, request, connection, stage)
  local value = stage.names_key and connection.usage_key
  if not stage.names_key then
    value = request:header "x-api-key"
  end
  local api = { id = connection.api_id, region = stage.region }
  local granted = value and api_keys.of_stage(cloud, api, stage.name)[value]
  if not granted then
    return say(request, 403, "Forbidden")
  end
  connection.api_key = granted.key
  local obstacle = api_keys.take(cloud, granted, api.id, "$connect")
  return obstacle and say(request, table.unpack(KEY_OBSTACLES[obstacle])) or nil
end

local function check_parameters(request, route)
  local missing = route.missing(request)
  return #missing > 0 and say(request, 400,
    ("Missing required request parameters: [%s]"):format(table.concat(missing, ", "))) or nil
end

-- The function's word: nil and the headers of the handshake when the client may come in.
local function read_result(request, result)
  local value = not result.error and json.decode(result.payload)
  local status = type(value) == "table" and math.tointeger(tonumber(value.statusCode))
  if not status or status < 200 or status > 599 then
    return say(request, 502, "Internal server error")
  elseif status >= 300 then
    local body = type(value.body) == "string" and value.body or ""
    return { status = status, headers = { { "x-amzn-RequestId", request.id } }, body = body }
  end
  for name, text in pairs(type(value.headers) == "table" and value.headers or {}) do
    if type(name) == "string" and name:lower() == "sec-websocket-protocol"
      and type(text) == "string" and text:find "^[%w!#$%%&'*+%-.^_`|~]+$" then
      return nil, { { "Sec-WebSocket-Protocol", text } }
    end
  end
  return nil, {}
end

-- Asks the function behind $connect, where there is one. `seen` is for the access log.
local function ask(cloud, request, connection, stage, seen)
  local route = stage.routes["$connect"]
  if not route then
    return nil, {}
  elseif route.throttle and not route.throttle:take() then
    return say(request, 429, "Too Many Requests")
  end
  local refused = authorize(cloud, request, connection, stage, route)
    or route.wants_key and check_key(cloud, request, connection, stage)
    or route.missing and check_parameters(request, route) or nil
  if refused or route.behind.mock then
    return refused, {}
  elseif not route.behind.target then
    log.warn("a WebSocket API cannot answer", { because = route.behind.obstacle })
    return say(request, 501, route.behind.obstacle)
  end
  local event = websocket_event.connect(cloud, request, connection, stage)
  if seen then
    seen.context = event.requestContext
  end
  local result, obstacle = websocket_access.call(cloud, route.behind, event, seen)
  if not result then
    return say(request, table.unpack(OBSTACLES[obstacle] or { 500, "Internal server error" }))
  end
  return read_result(request, result)
end

-- Asks, and writes the line of the access log.
local function ask_logged(cloud, request, connection, stage)
  local seen = websocket_access.begin(stage,
    websocket_event.context(connection, stage, "CONNECT", "$connect"))
  local refused, headers = ask(cloud, request, connection, stage, seen)
  local said = refused and json.decode(refused.body)
  websocket_access.finish(stage, seen, refused and refused.status or 200,
    type(said) == "table" and not seen.function_status and said.message or nil)
  return refused, headers
end

--- Shakes hands.
---@param cloud engine.local.Cloud
---@param api engine.local.services.apigatewayv2.Api
---@param request engine.local.Request
---@param stage engine.local.services.apigatewayv2.WebsocketStage
---@return table? answer  why not
---@return engine.local.services.apigatewayv2.Connection? connection  nil, too, when the client has gone
function handshake.shake(cloud, api, request, stage)
  local refused = refuse(request)
  if refused then
    return refused
  elseif connections.count(cloud) >= MOST_CONNECTIONS then
    return say(request, 429, "Too Many Requests")
  end
  local connection = {
    id = connections.new_id(),
    api_id = api.id,
    stage = stage.name,
    address = received.address(request),
    user_agent = request:header "user-agent",
    connected = clock.now(),
    active = clock.now(),
    running = 0,
  }
  local answer, headers =
    (stage.access_log and ask_logged or ask)(cloud, request, connection, stage)
  if answer then
    return answer
  end
  local link, err = cloud.server:upgrade(request.exchange, {
    key = request:header "sec-websocket-key" or "",
    headers = headers,
    max_frame = MAX_FRAME,
    max_message = MAX_MESSAGE,
  })
  if not link then
    return err.kind == "input" and say(request, 400, "Bad Request") or nil
  end
  connection.link = link
  return nil, connection
end

return handshake
