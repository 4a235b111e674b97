--- A request to an HTTP API of API Gateway, payload format 2.0; or to a function's own URL.
---
---     local api = require "laconic.event.api_gateway_v2"
---
---     handler = function(event)
---       local request = api.request(event)
---       if request.headers["If-None-Match"] == etag then
---         return api.response { status = 304 }
---       end
---       return api.response { headers = { etag = etag }, body = read(request.query.page) }
---     end
---
--- AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
--- https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
---@module "laconic.event.api_gateway_v2"
local http = require "laconic.event.http"
local shape = require "laconic.event.shape"

local api_gateway_v2 = {}

local SOURCE = "api_gateway_v2"

local FIELDS = {
  { "method", "string", "requestContext", "http", "method" },
  { "path", "string", "rawPath" },
  { "route", "string?", "routeKey" },
  { "path_parameters", "table?", "pathParameters" },
  { "stage_variables", "table?", "stageVariables" },
  { "context", "table", "requestContext" },
  { "stage", "string?", "requestContext", "stage" },
  { "authorizer", "table?", "requestContext", "authorizer" },
  { "identity", "table?", "requestContext", "authentication" },
  { "source_ip", "string?", "requestContext", "http", "sourceIp" },
}

-- queryStringParameters has lost which commas were sent: the raw text has not.
local function read_query(source, event)
  local raw = shape.field(source, "", event, { "", "string?", "rawQueryString" })
  if not raw then
    return http.values(source, event, "queryStringParameters")
  end
  local decode = require("host.uri").decode
  local last, all = {}, {}
  for name, value in raw:gmatch "([^&=]*)=?([^&]*)" do
    if name ~= "" then
      name, value = decode(name, true) or name, decode(value, true) or value
      all[name] = all[name] or {}
      table.insert(all[name], value)
      last[name] = value
    end
  end
  return last, all
end

local Request = http.class(SOURCE, read_query)

--- Reads the request.
---@param event table
---@return laconic.event.HttpRequest
function api_gateway_v2.request(event)
  local version = type(event) == "table" and event.version or nil
  shape.expect(SOURCE, "version", version, "2.0", event)
  local request = shape.read(SOURCE, "", event, FIELDS, Request)
  request.path_parameters = request.path_parameters or {}
  request.stage_variables = request.stage_variables or {}
  return request
end

--- What the handler has to return.
---@param response laconic.event.HttpResponse
---@return table
function api_gateway_v2.response(response)
  local answer = http.answer(SOURCE, response)
  for name, list in pairs(answer.multiple) do
    answer.single[name] = table.concat(list, ",")
  end
  return {
    statusCode = answer.status,
    headers = answer.single,
    cookies = #answer.cookies > 0 and answer.cookies or nil,
    body = answer.body or "",
    isBase64Encoded = answer.is_base64,
  }
end

return api_gateway_v2
