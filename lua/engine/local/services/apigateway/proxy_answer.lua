--- What a function behind a Lambda proxy integration answers, as the client gets it. What has another
--- form is refused with 502, as API Gateway does; the log tells why.
local digest = require "host.digest"
local header_list = require "engine.local.http.header_list"
local json = require "host.json"
local log = require "host.log"
local media_types = require "engine.local.services.apigateway.media_types"
local order = require "engine.order"
local passed_headers = require "engine.local.services.apigateway.passed_headers"
local refusal = require "engine.local.services.apigateway.refusal"

local proxy_answer = {}

local FIELDS <const> = {
  body = true, headers = true, isBase64Encoded = true, multiValueHeaders = true,
  statusCode = true,
}

local function malformed(exchange, problem)
  exchange.integration_error = "Malformed Lambda proxy response: " .. problem
  log.warn("Malformed Lambda proxy response", {
    api = exchange.stage.api.id, resource = exchange.method.resource_path, problem = problem,
  })
  refusal.internal(502)
end

local function check_fields(exchange, answer)
  for name in pairs(answer) do
    if not FIELDS[name] then
      malformed(exchange, ("it has a field '%s'"):format(tostring(name)))
    end
  end
end

local function read(exchange, payload)
  local answer = json.decode(payload)
  if type(answer) ~= "table" or json.is_array(answer) then
    malformed(exchange, "it is not an object")
  end
  check_fields(exchange, answer)
  for name, value in pairs(answer) do
    if value == json.null then
      answer[name] = nil
    end
  end
  return answer
end

local function status_of(exchange, answer)
  local status = math.tointeger(tonumber(answer.statusCode or 200))
  if not status or status < 200 or status > 599 then
    malformed(exchange, "statusCode is no status of an answer")
  end
  return status
end

local function add_header(exchange, list, name, value)
  if not header_list.is_name(name) then
    malformed(exchange, "it has a header whose name is none")
  end
  if type(value) ~= "table" and value ~= json.null then
    passed_headers.add(list, name, tostring(value))
  end
end

local function check_map(exchange, answer, name)
  local map = answer[name]
  if map ~= nil and (type(map) ~= "table" or json.is_array(map)) then
    malformed(exchange, name .. " is not an object")
  end
  return map or {}
end

-- The values of one name in both maps are sent once; multiValueHeaders says them.
local function headers_of(exchange, answer)
  local list, said = {}, {}
  local multi = check_map(exchange, answer, "multiValueHeaders")
  local single = check_map(exchange, answer, "headers")
  for _, name in ipairs(order.keys(multi)) do
    if type(multi[name]) ~= "table" then
      malformed(exchange, "multiValueHeaders holds what is no list")
    end
    for _, value in ipairs(multi[name]) do
      add_header(exchange, list, name, value)
      said[name:lower()] = true
    end
  end
  for _, name in ipairs(order.keys(single)) do
    if not said[name:lower()] then
      add_header(exchange, list, name, single[name])
      said[name:lower()] = true
    end
  end
  if header_list.is_too_long(list) then
    malformed(exchange, "it has too many headers")
  end
  if not said["content-type"] then
    table.insert(list, { "Content-Type", "application/json" })
  end
  return list
end

local function header(list, name)
  for _, pair in ipairs(list) do
    if pair[1]:lower() == name then
      return pair[2]
    end
  end
end

-- Base64 is undone for a client that takes such bytes: its first Accept type is one of the API's
-- binary media types, or it says nothing and the answer's own type is.
local function wants_bytes(exchange, headers)
  local kind = media_types.bare(exchange:header "accept")
    or media_types.bare(header(headers, "content-type"))
  return exchange.stage.is_binary(kind)
end

local function body_of(exchange, answer, headers)
  local body = answer.body
  if body == nil then
    return ""
  elseif type(body) ~= "string" then
    malformed(exchange, "body is not a string")
  elseif answer.isBase64Encoded == true and wants_bytes(exchange, headers) then
    local bytes = digest.from_base64(body)
    if not bytes then
      malformed(exchange, "body is not base64")
    end
    return bytes
  end
  return body
end

--- The answer to the client.
---@param exchange engine.local.services.apigateway.Exchange
---@param result engine.local.services.lambda.Result
---@return table answer
function proxy_answer.of(exchange, result)
  if result.error then
    malformed(exchange, "the function failed")
  end
  local answer = read(exchange, result.payload)
  local status = status_of(exchange, answer)
  local headers = headers_of(exchange, answer)
  local body = body_of(exchange, answer, headers)
  passed_headers.add_own(headers, exchange)
  return { status = status, headers = headers, body = body }
end

return proxy_answer
