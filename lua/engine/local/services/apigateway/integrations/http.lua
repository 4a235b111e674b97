--- HTTP: a server is asked with what the request template makes and parameters are mapped to; its status
--- selects the response.
local endpoint_call = require "engine.local.services.apigateway.endpoint_call"
local endpoint_request = require "engine.local.services.apigateway.endpoint_request"
local integration_request = require "engine.local.services.apigateway.integration_request"
local integration_response = require "engine.local.services.apigateway.integration_response"

local http = {}

local function gathered(lines)
  local last, all = {}, {}
  for _, pair in ipairs(lines) do
    local name = pair[1]:lower()
    last[name] = pair[2]
    all[name] = all[name] or {}
    table.insert(all[name], pair[2])
  end
  return last, all
end

local function given_of(exchange, answer)
  local headers, all_headers = gathered(answer.headers)
  local body, is_bytes = endpoint_call.body(exchange, answer)
  return {
    selects = tostring(answer.status),
    is_error = true, -- the patterns are asked whatever the status is
    headers = headers,
    all_headers = all_headers,
    body = body,
    is_bytes = is_bytes,
  }
end

--- Prepares a method's integration: what is returned answers an exchange.
---@param integration table
---@param method engine.local.services.apigateway.Method
---@param stage engine.local.services.apigateway.Stage
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function http.compile(integration, method, stage)
  local prepare = integration_request.compile(integration, true)
  local request = endpoint_request.compile(integration, stage)
  local respond = integration_response.compile(integration, method.definition)
  return function(exchange)
    local rendered = prepare(exchange)
    local answer = endpoint_call.send(exchange, integration,
      request:of(exchange, rendered.text, { override = rendered.request_override }))
    return respond(exchange, given_of(exchange, answer))
  end
end

return http
