--- A request to a REST API of API Gateway, by Lambda proxy integration; or to an HTTP API whose payload
--- has the format 1.0.
---
---     local api = require "laconic.event.api_gateway_v1"
---
---     handler = function(event)
---       local request = api.request(event)
---       return api.response { body = { id = request.path_parameters.id } }
---     end
---
--- AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
---@module "laconic.event.api_gateway_v1"
local http = require "laconic.event.http"
local shape = require "laconic.event.shape"

local api_gateway_v1 = {}

local SOURCE = "api_gateway_v1"

local FIELDS = {
  { "method", "string", "httpMethod" },
  { "path", "string", "path" },
  { "route", "string?", "resource" },
  { "path_parameters", "table?", "pathParameters" },
  { "stage_variables", "table?", "stageVariables" },
  { "context", "table", "requestContext" },
  { "stage", "string?", "requestContext", "stage" },
  { "authorizer", "table?", "requestContext", "authorizer" },
  { "identity", "table?", "requestContext", "identity" },
  { "source_ip", "string?", "requestContext", "identity", "sourceIp" },
}

-- API Gateway has decoded it.
local Request = http.class(SOURCE, function(source, event)
  return http.values(source, event, "queryStringParameters", "multiValueQueryStringParameters")
end)

--- Reads the request.
---@param event table
---@return laconic.event.HttpRequest
function api_gateway_v1.request(event)
  if type(event) == "table" and event.version ~= nil then
    shape.expect(SOURCE, "version", event.version, "1.0", event)
  end
  local request = shape.read(SOURCE, "", event, FIELDS, Request)
  request.path_parameters = request.path_parameters or {}
  request.stage_variables = request.stage_variables or {}
  return request
end

--- What the handler has to return. Bytes that are no text travel as base64: the API must list their
--- media type among its binaryMediaTypes.
---@param response laconic.event.HttpResponse
---@return table
function api_gateway_v1.response(response)
  local answer = http.answer(SOURCE, response)
  if #answer.cookies > 0 then
    answer.multiple["set-cookie"] = answer.cookies
  end
  return {
    statusCode = answer.status,
    headers = answer.single,
    multiValueHeaders = next(answer.multiple) and answer.multiple or nil,
    body = answer.body or "",
    isBase64Encoded = answer.is_base64,
  }
end

return api_gateway_v1
