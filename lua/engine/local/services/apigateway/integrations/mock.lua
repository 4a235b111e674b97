--- MOCK: nobody is asked; the request template says a status, and that selects the response.
local integration_request = require "engine.local.services.apigateway.integration_request"
local integration_response = require "engine.local.services.apigateway.integration_response"
local log = require "host.log"
local refusal = require "engine.local.services.apigateway.refusal"

local mock = {}

-- API Gateway takes the name without quotes, too.
local function status_in(text)
  return text:match "^%s*{.-[\"']?statusCode[\"']?%s*:%s*[\"']?(%d%d%d)%f[%D]"
end

--- Prepares a method's integration: what is returned answers an exchange.
---@param integration table
---@param method engine.local.services.apigateway.Method
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function mock.compile(integration, method)
  local request = integration_request.compile(integration)
  local respond = integration_response.compile(integration, method.definition)
  return function(exchange)
    local status = status_in(request(exchange).text)
    if not status then
      log.warn("the request template of a MOCK integration gives no statusCode", {
        api = exchange.stage.api.id, resource = method.resource_path,
      })
      refusal.internal()
    end
    return respond(exchange, { selects = status, is_error = true, headers = {}, body = "" })
  end
end

return mock
