--- Access logs of WebSocket APIs: a line for each connection's beginning, each message and each end. Most
--- of what their variables tell stands in the context of the event that functions get.
---
---     local seen = websocket_access.begin(stage, event.requestContext) -- nil: nothing is logged
---     local result, obstacle = websocket_access.call(cloud, route.behind, event, seen)
---     websocket_access.finish(stage, seen, 200)
local access_log = require "engine.local.http.access_log"
local clock = require "host.clock"
local json = require "host.json"
local websocket_event = require "engine.local.services.apigatewayv2.websocket_event"

local websocket_access = {}

local milliseconds = access_log.milliseconds

---@class engine.local.services.apigatewayv2.SeenMessage
---@field context table         requestContext of its event
---@field account string         the API's owner
---@field status integer
---@field message? string       what the API itself says to the client
---@field is_invoked? boolean   a function ran
---@field integration_error? string
---@field function_status? integer
---@field began number          of the monotonic clock, as the rest
---@field finished number
---@field sent? number
---@field returned? number

-- Two levels are enough: "identity.sourceIp", "authorizer.cups".
local function in_context(seen, name)
  local first, second = name:match "^(%w+)%.(.+)$"
  if not first then
    return seen.context[name]
  end
  local group = seen.context[first]
  return type(group) == "table" and group[second] or nil
end

local function integration_error(seen)
  return seen.integration_error
end

local function integration_latency(seen)
  return milliseconds(seen.sent, seen.returned)
end

local function integration_status(seen)
  return seen.is_invoked and 200 or nil
end

local function lambda_request_id(seen)
  return seen.is_invoked and seen.context.requestId or nil
end

local VARIABLES <const> = {
  named = {
    accountId = function(seen)
      return seen.account
    end,
    awsEndpointRequestId = lambda_request_id,
    domainPrefix = function(seen)
      return seen.context.domainName:match "^[^.]*"
    end,
    ["error.message"] = function(seen)
      return seen.message
    end,
    ["integration.error"] = integration_error,
    ["integration.integrationStatus"] = integration_status,
    ["integration.latency"] = integration_latency,
    ["integration.requestId"] = lambda_request_id,
    ["integration.status"] = function(seen)
      return seen.function_status
    end,
    integrationErrorMessage = integration_error,
    integrationLatency = integration_latency,
    integrationStatus = integration_status,
    responseLatency = function(seen)
      return milliseconds(seen.began, seen.finished)
    end,
    status = function(seen)
      return seen.status
    end,
  },
  other = in_context,
}

--- Opens the log of a stage; nil when it has none.
---@param name string  of the stage
---@return engine.local.http.AccessLog?
function websocket_access.open(cloud, api, name)
  local settings = api.stages[name].AccessLogSettings or {}
  return access_log.open(cloud, {
    arn = settings.DestinationArn,
    format = settings.Format,
    stage = api.id .. "/" .. name,
  }, VARIABLES)
end

--- Begins a line; nil when the stage has no log.
---@param stage engine.local.services.apigatewayv2.WebsocketStage
---@param context table  requestContext of the event
---@return engine.local.services.apigatewayv2.SeenMessage?
function websocket_access.begin(stage, context)
  return stage.access_log
    and { context = context, account = stage.account, began = clock.monotonic() }
end

local function note_result(seen, result)
  local value = json.decode(result.payload)
  value = type(value) == "table" and value or {}
  if result.error then
    seen.integration_error = tostring(value.errorMessage)
  else
    seen.function_status = math.tointeger(tonumber(value.statusCode))
  end
end

--- Asks the function behind a route.
---@param behind engine.local.services.apigatewayv2.Behind  with a target
---@param event table
---@param seen? engine.local.services.apigatewayv2.SeenMessage
---@return engine.local.services.lambda.Result?
---@return string? obstacle
function websocket_access.call(cloud, behind, event, seen)
  local text, id = websocket_event.encode(event), event.requestContext.requestId
  if not seen then
    return behind.target:call(cloud, text, id)
  end
  seen.sent = clock.monotonic()
  local result, obstacle = behind.target:call(cloud, text, id)
  seen.returned, seen.is_invoked = clock.monotonic(), result ~= nil
  if result then
    note_result(seen, result)
  else
    seen.integration_error = obstacle
  end
  return result, obstacle
end

--- Writes the line.
---@param seen? engine.local.services.apigatewayv2.SeenMessage
---@param status integer
---@param message? string  what the API itself says to the client
function websocket_access.finish(stage, seen, status, message)
  if seen then
    seen.status, seen.message, seen.finished = status, message, clock.monotonic()
    stage.access_log:write(seen)
  end
end

return websocket_access
