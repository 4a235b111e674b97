--- A request that an Application Load Balancer passes to a function.
---
---     local alb = require "laconic.event.alb"
---
---     handler = function(event)
---       local request = alb.request(event)
---       return request:respond { body = "Hello, " .. (request.query.name or "world") }
---     end
---
--- AWS: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
---@module "laconic.event.alb"
local check = require "engine.check"
local http = require "laconic.event.http"
local json = require "host.json"
local shape = require "laconic.event.shape"

local alb = {}

local SOURCE = "alb"

--- A request has the fields of laconic.event.HttpRequest that a load balancer knows, and these.
---@class laconic.event.AlbRequest: laconic.event.HttpRequest
---@field multi_value boolean  whether the target group has multi-value headers
---@field target_group_arn string

local FIELDS = {
  { "method", "string", "httpMethod" },
  { "path", "string", "path" },
  { "context", "table", "requestContext" },
  { "target_group_arn", "string", "requestContext", "elb", "targetGroupArn" },
}

-- A load balancer passes on what it got, escapes and all.
local function decoded(text)
  return require("host.uri").decode(text, true) or text
end

local Request = http.class(SOURCE, function(source, event)
  return http.values(source, event, "queryStringParameters", "multiValueQueryStringParameters",
    decoded, decoded)
end)

--- Reads the request.
---@param event table
---@return laconic.event.AlbRequest
function alb.request(event)
  local request = shape.read(SOURCE, "", event, FIELDS, Request)
  request.multi_value = type(event.multiValueHeaders) == "table"
  request.path_parameters, request.stage_variables = {}, {}
  local forwarded = request.headers["x-forwarded-for"]
  -- The load balancer adds the address that it sees to what the client claims.
  request.source_ip = forwarded and forwarded:match "([^,%s]+)%s*$"
  return request
end

local function multi_value_headers(answer)
  local headers = {}
  for name, value in pairs(answer.single) do
    headers[name] = json.array { value }
  end
  for name, list in pairs(answer.multiple) do
    headers[name] = list
  end
  if #answer.cookies > 0 then
    headers["set-cookie"] = json.array(answer.cookies)
  end
  return headers
end

local function single_headers(answer)
  if #answer.cookies > 1 then
    check.fail("E105", "alb.response.cookies: one at most, without multi-value headers",
      "turn on lambda.multi_value_headers.enabled for the target group")
  end
  for name, list in pairs(answer.multiple) do
    answer.single[name] = table.concat(list, ", ")
  end
  answer.single["set-cookie"] = answer.cookies[1]
  return answer.single
end

--- What the handler has to return. A target group with multi-value headers wants them in the answer,
--- too: `request:respond` knows, and here `multi_value = true` says so.
---@param response laconic.event.HttpResponse
---@param request? laconic.event.AlbRequest
---@return table
function alb.response(response, request)
  local answer = http.answer(SOURCE, response)
  local multi = response.multi_value
  if multi == nil then
    multi = request ~= nil and request.multi_value
  end
  return {
    statusCode = answer.status,
    headers = not multi and single_headers(answer) or nil,
    multiValueHeaders = multi and multi_value_headers(answer) or nil,
    body = answer.body or "",
    isBase64Encoded = answer.is_base64,
  }
end

return alb
