--- What access logs of REST APIs can tell of a request: the variables behind "$context.", in what an
--- exchange knows once it is answered. Those without a row here are looked for in $context itself.
local mapping = require "engine.local.services.apigateway.mapping"
local milliseconds = require("engine.local.http.access_log").milliseconds
local received = require "engine.local.http.received"

local function integration_latency(exchange)
  local last = exchange.returned or exchange.finished
  return not exchange.is_kept and milliseconds(exchange.sent, last) or nil
end

local function integration_status(exchange)
  return exchange.integration_status
end

local function integration_error(exchange)
  return exchange.integration_error
end

local function authorizer_latency(exchange)
  return milliseconds(exchange.authorizing, exchange.authorized or exchange.finished)
end

local function authorizer_status(exchange)
  local refused = exchange.authorizing and not exchange.authorized
  return refused and exchange.answer.status or exchange.authorizing and 200 or nil
end

local function authorizer_error(exchange)
  local refused = exchange.authorizing and not exchange.authorized
  return refused and mapping.value(exchange, "context.error.message") or nil
end

local function request_id_of_integration(exchange)
  return exchange.integration_status and exchange.id
end

return {
  named = {
    ["authorize.error"] = authorizer_error,
    ["authorize.latency"] = authorizer_latency,
    ["authorize.status"] = authorizer_status,
    ["authorizer.error"] = authorizer_error,
    ["authorizer.latency"] = authorizer_latency,
    ["authorizer.status"] = authorizer_status,
    awsEndpointRequestId = request_id_of_integration,
    ["customDomain.basePathMatched"] = function(exchange)
      return exchange.base_path
    end,
    extendedRequestId = function(exchange)
      return exchange.extended_id
    end,
    httpMethod = function(exchange)
      return exchange.request.method
    end,
    ["identity.sourceIp"] = function(exchange)
      return exchange:source_ip()
    end,
    ["identity.userAgent"] = function(exchange)
      return exchange:header "user-agent"
    end,
    ["integration.error"] = integration_error,
    ["integration.integrationStatus"] = integration_status,
    ["integration.latency"] = integration_latency,
    ["integration.requestId"] = request_id_of_integration,
    ["integration.status"] = function(exchange)
      return exchange.function_status or exchange.integration_status
    end,
    integrationErrorMessage = integration_error,
    integrationLatency = integration_latency,
    integrationStatus = integration_status,
    path = function(exchange)
      return exchange.full_path
    end,
    protocol = function()
      return "HTTP/1.1"
    end,
    requestId = function(exchange)
      return exchange.id
    end,
    requestTime = function(exchange)
      return received.clf_time(exchange.now)
    end,
    requestTimeEpoch = function(exchange)
      return exchange:milliseconds()
    end,
    resourceId = function(exchange)
      return exchange.method and exchange.method.resource_id
    end,
    resourcePath = function(exchange)
      return exchange.method and exchange.method.resource_path
    end,
    responseLatency = function(exchange)
      return milliseconds(exchange.began, exchange.finished)
    end,
    responseLength = function(exchange)
      return #(exchange.answer.body or "")
    end,
    status = function(exchange)
      return exchange.answer.status
    end,
  },
  other = function(exchange, name)
    return mapping.value(exchange, "context." .. name)
  end,
}
