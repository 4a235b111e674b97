--- HTTP endpoints as REST APIs ask them: waited for at most 29 seconds, and refused to the client in the
--- API's own words where they do not answer
--- (docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
local digest = require "host.digest"
local log = require "host.log"
local media_types = require "engine.local.services.apigateway.media_types"
local refusal = require "engine.local.services.apigateway.refusal"
local text = require "engine.local.http.text"
local upstream = require "engine.local.http.upstream"

local endpoint_call = {}

local MOST_MILLISECONDS <const> = 29000

local REFUSALS <const> = {
  late = { "INTEGRATION_TIMEOUT", "Endpoint request timed out" },
  unreachable = { "INTEGRATION_FAILURE", "Network error communicating with endpoint" },
  misconfigured = { "API_CONFIGURATION_ERROR", "Internal server error" },
  large = { "DEFAULT_5XX", "Internal server error" },
}

local function refuse(exchange, obstacle, because)
  exchange.integration_error = because
  log.warn("an API's HTTP endpoint cannot be asked", {
    api = exchange.stage.api.id, resource = exchange.method.resource_path, because = because,
  })
  refusal.raise(table.unpack(REFUSALS[obstacle]))
end

--- Sends a request to the endpoint and waits for its answer; refuses the client's when that is not to be
--- had.
---@param exchange engine.local.services.apigateway.Exchange
---@param integration table
---@param request? { method: string, url: string, headers: table, body?: string }
---@param problem? string  why there is no request
---@return host.http_transfers.Response
function endpoint_call.send(exchange, integration, request, problem)
  if not request then
    refuse(exchange, "misconfigured", problem)
  end
  local milliseconds = tonumber(integration.timeoutInMillis) or MOST_MILLISECONDS
  request.seconds = math.min(milliseconds, MOST_MILLISECONDS) / 1000
  local answer, obstacle, because = upstream.send(request)
  if not answer then
    refuse(exchange, obstacle, because)
  elseif answer.status < 200 or answer.status > 599 then
    refuse(exchange, "unreachable", "its status is none: " .. answer.status)
  end
  exchange.integration_status = answer.status
  return answer
end

--- The last value of an answer's header.
---@param answer host.http_transfers.Response
---@param name string  in lower case
---@return string?
function endpoint_call.header(answer, name)
  local found
  for _, pair in ipairs(answer.headers) do
    found = pair[1]:lower() == name and pair[2] or found
  end
  return found
end

--- The body of an answer, as the API's binary media types and the client's Accept have it: text, bytes,
--- or base64 for a client that does not ask for the bytes
--- (…/developerguide/api-gateway-payload-encodings-workflow.html). What is compressed stays as it is.
---@param exchange engine.local.services.apigateway.Exchange
---@param answer host.http_transfers.Response
---@return string body
---@return boolean is_bytes
function endpoint_call.body(exchange, answer)
  local kind = media_types.bare(endpoint_call.header(answer, "content-type"))
  local encoding = endpoint_call.header(answer, "content-encoding")
  local is_binary = exchange.stage.is_binary
  if is_binary(media_types.bare(exchange:header "accept") or kind)
    or encoding and encoding ~= "identity" then
    return answer.body, true
  elseif is_binary(kind) then
    return digest.to_base64(answer.body), false
  end
  return text.of(answer.body), false
end

return endpoint_call
