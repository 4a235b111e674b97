--- AWS: a service is asked with what the request template makes, and its answer mapped. This cloud
--- answers those that ask Lambda.
local function_call = require "engine.local.services.apigateway.function_call"
local integration_request = require "engine.local.services.apigateway.integration_request"
local integration_response = require "engine.local.services.apigateway.integration_response"
local json = require "host.json"
local log = require "host.log"
local mapping = require "engine.local.services.apigateway.mapping"
local refusal = require "engine.local.services.apigateway.refusal"

local aws = {}

local JSON_HEADERS <const> = { ["content-type"] = "application/json" }
local TYPE_HEADER <const> = "integration.request.header.X-Amz-Invocation-Type"

local function not_answered(integration, method, stage)
  return function()
    log.warn("laconic local answers AWS integrations with Lambda alone", {
      api = stage.api.id, resource = method.resource_path, uri = tostring(integration.uri),
    })
    refusal.internal()
  end
end

-- Lambda refuses what is no JSON, and its words reach the client.
local function check_payload(text)
  if text == "" then
    return "{}"
  end
  local value, err = json.decode(text)
  if value == nil and err then
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

--- Prepares a method's integration: what is returned answers an exchange.
---@param integration table
---@param method engine.local.services.apigateway.Method
---@param stage engine.local.services.apigateway.Stage
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function aws.compile(integration, method, stage)
  local target = function_call.target(integration.uri, stage.variables, {
    role = integration.credentials, milliseconds = integration.timeoutInMillis,
  })
  if not target then
    return not_answered(integration, method, stage)
  end
  local request = integration_request.compile(integration)
  local respond = integration_response.compile(integration, method.definition)
  return function(exchange)
    local source = method.source_arn(exchange.request.method)
    local payload = check_payload(request(exchange).text)
    if is_event(integration, exchange) then
      function_call.enqueue(exchange.cloud, target, payload, source)
      return respond(exchange, { selects = "", is_error = false, headers = {}, body = "" })
    end
    local result = function_call.invoke(exchange.cloud, target, payload, source)
    return respond(exchange, {
      selects = error_message(result),
      is_error = result.error ~= nil,
      headers = JSON_HEADERS,
      body = result.payload,
    })
  end
end

return aws
