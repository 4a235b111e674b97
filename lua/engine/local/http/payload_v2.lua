--- Payload format 2.0: how HTTP APIs and function URLs hand a request to a function, and how they
--- read what it returns.
---
--- A function may answer with an object that has a `statusCode`; anything else it returns is the body
--- of an answer of its own, with status 200 and the type application/json.
local digest = require "host.digest"
local header_list = require "engine.local.http.header_list"
local json = require "host.json"
local received = require "engine.local.http.received"

local payload_v2 = {}

--- What of an event is the same for all requests to one place.
---@class engine.local.http.Place
---@field account string
---@field api_id string
---@field domain string     "<id>.execute-api.<region>.amazonaws.com", or the author's own
---@field domain_prefix? string  its first part; default the API's id
---@field stage string
---@field variables? table<string, string>  of the stage

--- What of an event is this request's alone.
---@class engine.local.http.Parts
---@field place engine.local.http.Place
---@field route_key string
---@field path string           as the event says it
---@field mapped_path? string   that path, where the integration's parameter mapping says it
---@field inner_path string     behind the stage, decoded
---@field path_parameters? table<string, string>
---@field authorizer? table
---@field authentication? table
---@field most integer          bytes that the body may have

--- What an authorizer is asked.
---@class engine.local.http.Question
---@field arn string            of what is asked for
---@field identities string[]   what identifies the caller

local UNSORTED <const> = { sorted = false }
local NONE <const> = {}

local function fields(cloud, request, parts)
  local place = parts.place
  local headers = received.headers(request)
  local cookies = received.cookies(headers.cookie)
  headers.cookie = nil
  received.add_forwarded(cloud, request, headers)
  local body, is_base64 = received.body(request, headers, parts.most)
  local milliseconds, time = received.now()
  return {
    version = "2.0",
    routeKey = parts.route_key,
    rawPath = parts.path,
    rawQueryString = received.unicode(request.query or ""),
    cookies = cookies,
    headers = headers,
    queryStringParameters = received.query(request.query),
    requestContext = {
      accountId = place.account,
      apiId = place.api_id,
      authentication = parts.authentication,
      authorizer = parts.authorizer,
      domainName = place.domain,
      domainPrefix = place.domain_prefix or place.api_id,
      http = {
        method = request.method,
        path = parts.path,
        protocol = "HTTP/1.1",
        sourceIp = received.address(request),
        userAgent = headers["user-agent"] or "",
      },
      requestId = request.id,
      routeKey = parts.route_key,
      stage = place.stage,
      time = time,
      timeEpoch = milliseconds,
    },
    pathParameters = parts.path_parameters,
    stageVariables = place.variables,
    body = body,
    isBase64Encoded = is_base64,
  }
end

--- The event of a request, as JSON.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param parts engine.local.http.Parts
---@return string
function payload_v2.event(cloud, request, parts)
  return assert(json.encode(fields(cloud, request, parts), UNSORTED))
end

--- The event of a REQUEST authorizer, as JSON.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param parts engine.local.http.Parts
---@param question engine.local.http.Question
---@return string
function payload_v2.authorizer_event(cloud, request, parts, question)
  local event = fields(cloud, request, parts)
  event.type, event.routeArn = "REQUEST", question.arn
  event.identitySource = json.array(question.identities)
  event.body, event.isBase64Encoded = nil, nil
  return assert(json.encode(event, UNSORTED))
end

local function is_scalar(value)
  local kind = type(value)
  return kind == "string" or kind == "number" or kind == "boolean"
end

-- A header that would end its line, or is none, spoils the answer; and so do more than can be sent.
local function add_header(answer, name, value)
  local lower = type(name) == "string" and header_list.lower(name)
  if not lower or not is_scalar(value) then
    return false
  end
  local text = tostring(value)
  if header_list.line(text) ~= text then
    return false
  end
  table.insert(answer.headers, { lower, text })
  return not header_list.is_too_long(answer.headers), lower
end

payload_v2.add_header = add_header

local function add_headers(answer, result)
  local has_type = false
  for name, value in pairs(result.headers or NONE) do
    local fine, lower = add_header(answer, name, value)
    if not fine then
      return false
    end
    has_type = has_type or lower == "content-type"
  end
  for _, cookie in ipairs(result.cookies or NONE) do
    if type(cookie) ~= "string" or not add_header(answer, "set-cookie", cookie) then
      return false
    end
  end
  return true, has_type
end

local function is_table_or_none(value)
  return value == nil or type(value) == "table"
end

-- Members that are null are as good as absent.
local function without_nulls(result)
  for name, value in pairs(result) do
    if value == json.null then
      result[name] = nil
    end
  end
  return result
end

--- An object with a status as an answer; nil when it is malformed.
---@param result table
---@param default_type string  what is not said otherwise
---@return table?
function payload_v2.structured(result, default_type)
  without_nulls(result)
  local status = math.tointeger(tonumber(result.statusCode))
  if not status or status < 200 or status > 599 or not is_table_or_none(result.headers)
    or not is_table_or_none(result.cookies) then
    return nil
  end
  local answer = { status = status, headers = {} }
  local fine, has_type = add_headers(answer, result)
  if not fine then
    return nil
  end
  local body = result.body
  if body ~= nil and not is_scalar(body) then
    body = json.encode(body)
  end
  answer.body = body ~= nil and tostring(body) or ""
  if result.isBase64Encoded == true then
    answer.body = digest.from_base64(answer.body)
  end
  if not has_type then
    table.insert(answer.headers, { "content-type", default_type })
  end
  return answer.body and answer or nil
end

--- What a function returned as an answer for host.server; nil when it is malformed.
---@param text string          JSON
---@param default_type string  of an object with a status that names no type
---@return table?
function payload_v2.answer(text, default_type)
  local result, problem = json.decode(text)
  if problem then
    return nil
  elseif type(result) == "table" and result.statusCode ~= nil
    and result.statusCode ~= json.null then
    return payload_v2.structured(result, default_type)
  end
  return { status = 200, headers = { { "content-type", "application/json" } }, body = text }
end

return payload_v2
