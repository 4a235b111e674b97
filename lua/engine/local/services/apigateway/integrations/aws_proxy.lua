--- AWS_PROXY: the whole request goes to a function, and what it answers is the answer.
local function_call = require "engine.local.services.apigateway.function_call"
local log = require "host.log"
local proxy_answer = require "engine.local.services.apigateway.proxy_answer"
local proxy_event = require "engine.local.services.apigateway.proxy_event"
local refusal = require "engine.local.services.apigateway.refusal"

local aws_proxy = {}

--- Prepares a method's integration: what is returned answers an exchange.
---@param integration table
---@param method engine.local.services.apigateway.Method
---@param stage engine.local.services.apigateway.Stage
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function aws_proxy.compile(integration, method, stage)
  local target = function_call.target(integration.uri, stage.variables, {
    role = integration.credentials, milliseconds = integration.timeoutInMillis,
  })
  if not target then
    return function()
      log.warn("the URI of an AWS_PROXY integration names no function", {
        api = stage.api.id, resource = method.resource_path, uri = tostring(integration.uri),
      })
      refusal.internal()
    end
  end
  local event_only = (integration.requestParameters
    or {})["integration.request.header.X-Amz-Invocation-Type"] == "'Event'"
  return function(exchange)
    local source = method.source_arn(exchange.request.method)
    local event = proxy_event.of(exchange)
    if event_only then
      function_call.enqueue(exchange.cloud, target, event, source)
      return proxy_answer.of(exchange, { payload = "{}" })
    end
    local result =
      function_call.invoke(exchange.cloud, target, event, source, exchange.id)
    exchange.integration_status = 200
    local answer = proxy_answer.of(exchange, result)
    exchange.function_status = answer.status
    return answer
  end
end

return aws_proxy
