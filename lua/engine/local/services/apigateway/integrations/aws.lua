--- AWS: a service is asked with what the request template makes, and its answer mapped. This cloud
--- answers those that ask Lambda for a function, and one of its JSON services for an action.
local function_call = require "engine.local.services.apigateway.function_call"
local integration_request = require "engine.local.services.apigateway.integration_request"
local integration_response = require "engine.local.services.apigateway.integration_response"
local json = require "host.json"
local log = require "host.log"
local mapping = require "engine.local.services.apigateway.mapping"
local refusal = require "engine.local.services.apigateway.refusal"
local service_action = require "engine.local.services.apigateway.service_action"
local target = require "engine.local.http.target"

local aws = {}

local JSON_HEADERS <const> = { ["content-type"] = "application/json" }
local TYPE_HEADER <const> = "integration.request.header.X-Amz-Invocation-Type"

-- Lambda refuses what is no JSON, and its words reach the client.
local function check_payload(text)
  if text == "" then
    return "{}"
  end
  local ok, err = json.check(text)
  if not ok then
    refusal.raise("DEFAULT_4XX", "Could not parse request body into json: " .. tostring(err))
  end
  return text
end

local function error_message(result)
  local answer = result.error and json.decode(result.payload)
  local message = type(answer) == "table" and answer.errorMessage
  return type(message) == "string" and message or ""
end

local function is_event(integration, exchange)
  local said = (integration.requestParameters or {})[TYPE_HEADER]
  return said and mapping.value(exchange, said) == "Event"
end

local function fail(method, stage, problem, uri)
  log.warn(problem, {
    api = stage.api.id, resource = method.resource_path, uri = tostring(uri),
  })
  refusal.internal()
end

-- What gives a function's answer to an exchange and the text that was made for it.
local function ask_function(integration, method, behind)
  return function(exchange, text)
    local source = method.source_arn(exchange.request.method)
    local payload = check_payload(text)
    if is_event(integration, exchange) then
      function_call.enqueue(exchange.cloud, behind, payload, source)
      return { selects = "", is_error = false, headers = {}, body = "" }
    end
    local result =
      function_call.invoke(exchange.cloud, behind, payload, source, exchange.id)
    exchange.integration_status = 200
    exchange.integration_error = result.error and error_message(result) or nil
    return {
      selects = error_message(result),
      is_error = result.error ~= nil,
      headers = JSON_HEADERS,
      body = result.payload,
    }
  end
end

local function ask_service(integration, method, stage)
  local wanted = service_action.parse(
    target.with_variables(tostring(integration.uri), stage.variables))
  return function(exchange, text)
    if not wanted or not service_action.is_answered(exchange.cloud, wanted) then
      fail(method, stage, "laconic local does not answer an AWS integration", integration.uri)
    elseif not integration.credentials then
      fail(method, stage, "an integration with a service needs a role: Credentials",
        integration.uri)
    end
    local given = service_action.call(exchange, wanted, text)
    exchange.integration_status = tonumber(given.selects)
    return given
  end
end

--- Prepares a method's integration: what is returned answers an exchange.
---@param integration table
---@param method engine.local.services.apigateway.Method
---@param stage engine.local.services.apigateway.Stage
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function aws.compile(integration, method, stage)
  local behind = function_call.target(integration.uri, stage.variables, {
    role = integration.credentials, milliseconds = integration.timeoutInMillis,
  })
  local request = integration_request.compile(integration)
  local ask = behind and ask_function(integration, method, behind)
    or ask_service(integration, method, stage)
  local respond = integration_response.compile(integration, method.definition)
  return function(exchange)
    return respond(exchange, ask(exchange, request(exchange).text))
  end
end

return aws
