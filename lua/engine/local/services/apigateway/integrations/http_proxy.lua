--- HTTP_PROXY: the client's request goes to a server, and what it answers is the answer.
local endpoint_call = require "engine.local.services.apigateway.endpoint_call"
local endpoint_request = require "engine.local.services.apigateway.endpoint_request"
local header_list = require "engine.local.http.header_list"
local integration_request = require "engine.local.services.apigateway.integration_request"
local passed_headers = require "engine.local.services.apigateway.passed_headers"
local refusal = require "engine.local.services.apigateway.refusal"

local http_proxy = {}

local OWN <const> = "x-amzn-requestid" -- of another API behind this one

local function headers_of(exchange, answer)
  local list = {}
  for _, pair in ipairs(answer.headers) do
    local name = pair[1]
    if name:lower() == OWN then
      name = "x-amzn-Remapped-" .. name
    end
    passed_headers.add(list, name, pair[2])
  end
  if not endpoint_call.header(answer, "content-type") then
    table.insert(list, { "Content-Type", "application/json" })
  end
  passed_headers.add_own(list, exchange)
  if header_list.is_too_long(list) then
    refusal.internal()
  end
  return list
end

--- Prepares a method's integration: what is returned answers an exchange.
---@param integration table
---@param _ engine.local.services.apigateway.Method
---@param stage engine.local.services.apigateway.Stage
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function http_proxy.compile(integration, _, stage)
  local request = endpoint_request.compile(integration, stage)
  return function(exchange)
    local body = integration_request.body(exchange, integration.contentHandling)
    local answer = endpoint_call.send(exchange, integration,
      request:of(exchange, body, { passes = true }))
    return {
      status = answer.status,
      headers = headers_of(exchange, answer),
      body = (endpoint_call.body(exchange, answer)),
    }
  end
end

return http_proxy
