--- What stands behind a route: a function, a server, or why this cloud cannot ask what does.
local endpoint = require "engine.local.services.apigatewayv2.endpoint"
local mapping = require "engine.local.services.apigatewayv2.mapping"
local target = require "engine.local.http.target"

local integration = {}

local SERVICE <const> = "apigateway.amazonaws.com"

--- Whether a method ARN, or what an integration names besides functions, can be called here.
---@class engine.local.services.apigatewayv2.Behind
---@field target? engine.local.http.Target
---@field endpoint? engine.local.services.apigatewayv2.Endpoint
---@field version "1.0"|"2.0"  the payload format
---@field mock? table          the request templates of a MOCK
---@field mapping? table       see mapping.lua
---@field obstacle? string     why it cannot be asked

local function cannot(what)
  return { obstacle = "laconic local does not answer " .. what .. " yet" }
end

local function behind_http(properties, facts)
  local made, obstacle = endpoint.compile(properties, facts.variables)
  return {
    endpoint = made,
    obstacle = obstacle,
    version = properties.PayloadFormatVersion or "1.0",
    mapping = mapping.compile(properties),
  }
end

--- Makes what a request calls out of an integration's properties.
---@param properties? table  nil: the route has no integration
---@param facts { variables?: table<string, string>, source_arn: string, seconds: number, maps?: boolean }
---  maps: its parameter mappings are those of an HTTP API; those of a WebSocket API are of headers and the
---  like, which a function's event has no place for
---@return engine.local.services.apigatewayv2.Behind
function integration.compile(properties, facts)
  if not properties then
    return { obstacle = "the route has no integration" }
  end
  local kind = properties.IntegrationType
  if kind == "MOCK" then
    return { mock = properties.RequestTemplates or {} }
  elseif kind == "HTTP_PROXY" and facts.maps then
    return behind_http(properties, facts)
  elseif kind ~= "AWS_PROXY" then
    return cannot(("integrations of the type %s"):format(tostring(kind)))
  elseif properties.IntegrationSubtype then
    return cannot(("the integration %s"):format(properties.IntegrationSubtype))
  end
  local uri = properties.IntegrationUri
  local milliseconds = tonumber(properties.TimeoutInMillis)
  local behind = target.new {
    arn = type(uri) == "string" and target.with_variables(uri, facts.variables) or nil,
    service = SERVICE,
    source_arn = facts.source_arn,
    seconds = milliseconds and milliseconds / 1000 or facts.seconds,
  }
  if not behind then
    return { obstacle = ("the integration names no function: %s"):format(tostring(uri)) }
  end
  return {
    target = behind,
    version = properties.PayloadFormatVersion or "1.0",
    mapping = facts.maps and mapping.compile(properties) or nil,
  }
end

return integration
