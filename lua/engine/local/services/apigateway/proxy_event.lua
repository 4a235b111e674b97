--- The event of a Lambda proxy integration, and of a REQUEST authorizer.
local digest = require "host.digest"
local event_v1 = require "engine.local.http.event_v1"

local proxy_event = {}

-- What is the same for all requests to the method by the domain that this one came to.
local function fixed_of(exchange)
  local stage, method = exchange.stage, exchange.method
  if method.event_domain ~= exchange.domain then
    method.event_domain = exchange.domain
    method.event_fixed = event_v1.fixed {
      resource = method.resource_path,
      variables = stage.variables,
      context = {
        accountId = exchange.cloud.account,
        apiId = stage.api.id,
        deploymentId = stage.deployment_id,
        domainName = exchange.domain,
        resourceId = method.resource_id,
        stage = stage.name,
      },
    }
  end
  return method.event_fixed
end

local function asked_of(exchange)
  local headers, all_headers = exchange:headers()
  local query, all_query = exchange:query()
  return {
    fixed = fixed_of(exchange),
    method = exchange.request.method,
    path = exchange.shown_path,
    context_path = exchange.full_path,
    headers = headers,
    all_headers = all_headers,
    query = query,
    all_query = all_query,
    parameters = exchange.parameters,
    authorizer = exchange.authorizer,
    caller = event_v1.caller(exchange.identity, exchange.api_key),
    address = exchange:source_ip(),
    agent = exchange:header "user-agent",
    id = exchange.id,
    extended_id = exchange.extended_id,
    milliseconds = exchange:milliseconds(),
  }
end

--- The JSON of a REQUEST authorizer's event.
---@param exchange engine.local.services.apigateway.Exchange
---@return string
function proxy_event.for_authorizer(exchange)
  local asked = asked_of(exchange)
  return '{"type":"REQUEST","methodArn":' .. event_v1.quoted(exchange:method_arn()) .. ","
    .. event_v1.fields(asked) .. event_v1.lists(asked) .. "}"
end

-- Bytes where the API's binaryMediaTypes say so, else text.
local function body_of(exchange)
  local body = exchange:text()
  if body == "" then
    return nil, false
  elseif exchange:is_binary() then
    return digest.to_base64(body), true
  end
  return body, false
end

--- The event's JSON.
---@param exchange engine.local.services.apigateway.Exchange
---@return string
function proxy_event.of(exchange)
  local asked = asked_of(exchange)
  return "{" .. event_v1.fields(asked) .. event_v1.lists(asked)
    .. event_v1.body(body_of(exchange)) .. "}"
end

return proxy_event
