--- Access logs of HTTP APIs: a line for each request, and what their variables can tell.
---
--- What the way finds out gathers in `request.seen`, of a stage with a log alone: without one nothing of
--- this costs anything.
local access_log = require "engine.local.http.access_log"
local clock = require "host.clock"
local json = require "host.json"
local received = require "engine.local.http.received"
local upstream = require "engine.local.http.upstream"

local http_access = {}

local milliseconds = access_log.milliseconds

-- What the refusals are called.
local KINDS <const> = {
  [401] = "UNAUTHORIZED", [403] = "ACCESS_DENIED", [404] = "RESOURCE_NOT_FOUND",
  [413] = "REQUEST_TOO_LARGE", [429] = "THROTTLED", [431] = "REQUEST_TOO_LARGE",
}

-- What API Gateway writes of functions that cannot answer: integrationErrorMessage.
local FUNCTION_FAILED <const> = "The Lambda function returned the following error: %s. Check your "
  .. "Lambda function code and try again."
local WRONG_FORMAT <const> = "The response from the Lambda function doesn't match the format that "
  .. "API Gateway expects."
local UNASKED <const> = {
  missing = "There is no such function",
  forbidden = "The IAM role configured on the integration or API Gateway doesn't have permissions "
    .. "to call the integration. Check the permissions and try again.",
  failed = "Internal server error",
  throttled = "Rate exceeded",
  late = "Endpoint request timed out",
}

---@class engine.local.services.apigatewayv2.Seen
---@field request engine.local.Request
---@field stage engine.local.services.apigatewayv2.HttpStage
---@field place engine.local.http.Place  with the domain that was asked
---@field path string                 as events tell it
---@field base_path? string           of a domain of the author's
---@field parts? engine.local.http.Parts  once a route is found
---@field message? string             what the API itself says to the client
---@field kind? string                the type of gateway response that it would be
---@field integration_error? string
---@field function_status? integer   what a function said
---@field endpoint_status? integer   … or a server
---@field came number                 seconds since 1970
---@field began number                of the monotonic clock, as the rest
---@field sent? number                the function, or the server, is asked
---@field is_invoked? boolean         … and ran
---@field returned? number            … and has answered
---@field finished number
---@field answer table

local function integration_error(seen)
  return seen.integration_error
end

local function integration_latency(seen)
  return milliseconds(seen.sent, seen.returned)
end

-- Lambda's own status, not the function's.
local function integration_status(seen)
  return seen.endpoint_status or seen.is_invoked and 200 or nil
end

local function lambda_request_id(seen)
  return seen.is_invoked and seen.request.id or nil
end

local function response_length(seen)
  return #(seen.answer.body or "")
end

local function said_by_authorizer(seen)
  return seen.parts and seen.parts.authorizer or {}
end

local function signer(name)
  return function(seen)
    local iam = said_by_authorizer(seen).iam
    return iam and iam[name]
  end
end

local function authorizer_error(seen)
  local failed = seen.kind == "UNAUTHORIZED" or seen.kind == "ACCESS_DENIED"
  return failed and seen.message or nil
end

-- "claims.sub" of a token, "cups" of what a function said; see http_api for the two forms.
local function authorizer_value(seen, name)
  local said = said_by_authorizer(seen)
  local claim = name:match "^claims%.(.+)$"
  if claim then
    local claims = (type(said.jwt) == "table" and said.jwt or said).claims
    return type(claims) == "table" and claims[claim] or nil
  end
  return (type(said.lambda) == "table" and said.lambda or said)[name]
end

local NAMED <const> = {
  accountId = function(seen)
    return seen.place.account
  end,
  apiId = function(seen)
    return seen.place.api_id
  end,
  ["authorizer.error"] = authorizer_error,
  awsEndpointRequestId = lambda_request_id,
  ["customDomain.basePathMatched"] = function(seen)
    return seen.base_path
  end,
  dataProcessed = function(seen)
    return seen.request:size() + response_length(seen)
  end,
  domainName = function(seen)
    return seen.place.domain
  end,
  domainPrefix = function(seen)
    return seen.place.domain:match "^[^.]*"
  end,
  ["error.message"] = function(seen)
    return seen.message
  end,
  ["error.responseType"] = function(seen)
    return seen.kind
  end,
  extendedRequestId = function(seen)
    return seen.request.id
  end,
  httpMethod = function(seen)
    return seen.request.method
  end,
  ["identity.accountId"] = signer "accountId",
  ["identity.caller"] = signer "callerId",
  ["identity.sourceIp"] = function(seen)
    return received.address(seen.request)
  end,
  ["identity.user"] = signer "userId",
  ["identity.userAgent"] = function(seen)
    return seen.request:header "user-agent"
  end,
  ["identity.userArn"] = signer "userArn",
  ["integration.error"] = integration_error,
  ["integration.integrationStatus"] = integration_status,
  ["integration.latency"] = integration_latency,
  ["integration.requestId"] = lambda_request_id,
  ["integration.status"] = function(seen)
    return seen.endpoint_status or seen.function_status
  end,
  integrationErrorMessage = integration_error,
  integrationLatency = integration_latency,
  integrationStatus = integration_status,
  path = function(seen)
    return seen.path
  end,
  protocol = function()
    return "HTTP/1.1"
  end,
  requestId = function(seen)
    return seen.request.id
  end,
  requestTime = function(seen)
    return received.clf_time(seen.came)
  end,
  requestTimeEpoch = function(seen)
    return seen.came * 1000 // 1 | 0
  end,
  responseLatency = function(seen)
    return milliseconds(seen.began, seen.finished)
  end,
  responseLength = response_length,
  routeKey = function(seen)
    return seen.parts and seen.parts.route_key
  end,
  stage = function(seen)
    return seen.stage.name
  end,
  status = function(seen)
    return seen.answer.status
  end,
}

local VARIABLES <const> = {
  named = NAMED,
  other = function(seen, name)
    local said = name:match "^authorizer%.(.+)$"
    return said and authorizer_value(seen, said)
  end,
}

--- Opens the log of a stage; nil when it has none.
---@param name string  of the stage
---@return engine.local.http.AccessLog?
function http_access.open(cloud, api, name)
  local settings = api.stages[name].AccessLogSettings or {}
  return access_log.open(cloud, {
    arn = settings.DestinationArn,
    format = settings.Format,
    stage = api.id .. "/" .. name,
  }, VARIABLES)
end

--- Begins the line of a request.
---@param request engine.local.Request
---@param stage engine.local.services.apigatewayv2.HttpStage  with a log
---@param seen { place: engine.local.http.Place, path: string, base_path?: string }
function http_access.begin(request, stage, seen)
  seen.request, seen.stage = request, stage
  seen.came, seen.began = clock.now(), clock.monotonic()
  request.seen = seen
end

--- Notes which route a request takes, and what an authorizer will say of it: `parts.authorizer`.
---@param parts engine.local.http.Parts
function http_access.routed(request, parts)
  if request.seen then
    request.seen.parts = parts
  end
end

--- Notes what the API itself says to the client.
function http_access.refused(request, status, message)
  local seen = request.seen
  if seen then
    seen.message = message
    seen.kind = seen.sent and "INTEGRATION_FAILURE" or KINDS[status] or "DEFAULT_5XX"
  end
end

local function note_result(seen, result, obstacle)
  if not result then
    seen.integration_error = UNASKED[obstacle]
    return
  end
  local value = json.decode(result.payload)
  value = type(value) == "table" and value or {}
  if result.error then
    seen.integration_error = FUNCTION_FAILED:format(tostring(value.errorMessage))
  else
    seen.function_status = math.tointeger(tonumber(value.statusCode)) or 200
  end
end

--- Asks the function behind a route.
---@param behind engine.local.http.Target
---@param event string
---@return engine.local.services.lambda.Result?
---@return string? obstacle
function http_access.call(cloud, request, behind, event)
  local seen = request.seen
  if not seen then
    return behind:call(cloud, event, request.id)
  end
  seen.sent = clock.monotonic()
  local result, obstacle = behind:call(cloud, event, request.id)
  seen.returned, seen.is_invoked = clock.monotonic(), result ~= nil
  note_result(seen, result, obstacle)
  return result, obstacle
end

--- Asks the server behind a route.
---@param sent engine.local.http.Sent
---@return host.http_transfers.Response?
---@return engine.local.http.Obstacle? obstacle
---@return string? because
function http_access.send(request, sent)
  local seen = request.seen
  if not seen then
    return upstream.send(sent)
  end
  seen.sent = clock.monotonic()
  local response, obstacle, because = upstream.send(sent)
  seen.returned, seen.endpoint_status = clock.monotonic(), response and response.status
  seen.integration_error = because
  return response, obstacle, because
end

--- Writes the line.
---@param answer table
function http_access.finish(request, stage, answer)
  local seen = request.seen
  if seen.kind == "INTEGRATION_FAILURE" then
    seen.integration_error = seen.integration_error or WRONG_FORMAT
  end
  seen.answer, seen.finished = answer, clock.monotonic()
  stage.access_log:write(seen)
end

return http_access
