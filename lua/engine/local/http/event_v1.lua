--- The event of payload format 1.0: what REST APIs hand to functions, and HTTP APIs to those that were
--- written for them.
---
--- It is put together as text: most of it is the same for every request to a method, and is written
--- once. Tables for all of it would take longer than everything else on the way.
---
---     local event = "{" .. event_v1.fields(asked) .. event_v1.lists(asked)
---       .. event_v1.body("tea", false) .. "}"
local json = require "host.json"
local received = require "engine.local.http.received"
local text = require "engine.local.http.text"

local event_v1 = {}

local UNSORTED <const> = { sorted = false }
local NOBODY <const> = '"accessKey":null,"accountId":null,"caller":null,'
  .. '"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,'
  .. '"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"user":null,'
  .. '"userArn":null'

--- What is the same for every request to a method by one domain: members, as JSON.
---@class engine.local.http.FixedV1
---@field event string    of the event
---@field context string  of its requestContext

--- What an event says of one request. Texts need not be UTF-8: U+FFFD stands for what is none.
---@class engine.local.http.AskedV1
---@field fixed engine.local.http.FixedV1
---@field method string
---@field path string                    of the event
---@field context_path string            of its requestContext
---@field headers table<string, string>  of each name the last value
---@field all_headers table<string, string[]>
---@field query table<string, string>
---@field all_query table<string, string[]>
---@field parameters? table<string, string>  of the path
---@field authorizer? table
---@field caller string                  who signed (event_v1.caller)
---@field address string
---@field agent? string
---@field id string                      a UUID
---@field extended_id string
---@field milliseconds integer           when it came

-- A value as JSON, whatever bytes came in it.
local function quoted(value)
  return json.encode(value, UNSORTED) or assert(json.encode(text.clean(value)))
end

local function quoted_some(map)
  return map and next(map) and quoted(map) or "null"
end

--- A text as JSON.
---@param value string
---@return string
function event_v1.quoted(value)
  return json.encode(value) or assert(json.encode(text.of(value)))
end

local quoted_text = event_v1.quoted

--- Writes what is the same for every request to a method.
---@param facts { resource: string, variables?: table, context: table }  `context`: of requestContext, as there
---@return engine.local.http.FixedV1
function event_v1.fixed(facts)
  local context = facts.context
  context.domainPrefix = context.domainName:match "^[^.]*"
  context.protocol = "HTTP/1.1"
  context.resourcePath = facts.resource
  return {
    event = '"resource":' .. quoted_text(facts.resource)
      .. ',"stageVariables":' .. quoted_some(facts.variables),
    context = quoted(context):sub(2, -2),
  }
end

--- Who signed, and by which key: null for all that is not known.
---@param identity? engine.local.Identity
---@param key? table  an API key
---@return string members  of the context's identity, as JSON
function event_v1.caller(identity, key)
  if not identity and not key then
    return NOBODY
  end
  local known = json.decode("{" .. NOBODY .. "}")
  if identity then
    known.accessKey, known.accountId = identity.access_key_id, identity.account
    known.caller, known.user, known.userArn = identity.user_id, identity.user_id, identity.arn
  end
  if key then
    known.apiKey, known.apiKeyId = key.value, key.id
  end
  return quoted(known):sub(2, -2)
end

local function context_of(asked, method)
  return "{" .. asked.fixed.context
    .. (asked.authorizer and ',"authorizer":' .. quoted(asked.authorizer) or "")
    .. ',"extendedRequestId":"' .. asked.extended_id
    .. '","httpMethod":' .. method
    .. ',"identity":{' .. asked.caller
    .. ',"sourceIp":"' .. asked.address
    .. '","userAgent":' .. (asked.agent and quoted_text(asked.agent) or "null")
    .. '},"path":' .. quoted_text(asked.context_path)
    .. ',"requestId":"' .. asked.id
    .. '","requestTime":"' .. received.clf_time(asked.milliseconds / 1000)
    .. '","requestTimeEpoch":' .. asked.milliseconds .. "}"
end

--- What every event has, without the braces around it.
---@param asked engine.local.http.AskedV1
---@return string
function event_v1.fields(asked)
  local method = quoted_text(asked.method)
  return asked.fixed.event
    .. ',"path":' .. quoted_text(asked.path)
    .. ',"httpMethod":' .. method
    .. ',"headers":' .. quoted(asked.headers)
    .. ',"queryStringParameters":' .. quoted_some(asked.query)
    .. ',"pathParameters":' .. quoted_some(asked.parameters)
    .. ',"requestContext":' .. context_of(asked, method)
end

--- All values of headers and of the query's parameters: to follow other members.
---@param asked engine.local.http.AskedV1
---@return string
function event_v1.lists(asked)
  return ',"multiValueHeaders":' .. quoted(asked.all_headers)
    .. ',"multiValueQueryStringParameters":' .. quoted_some(asked.all_query)
end

--- The body, which may be none: to follow other members.
---@param body? string
---@param is_base64 boolean  it is base64 already
---@return string
function event_v1.body(body, is_base64)
  return ',"body":' .. (is_base64 and '"' .. body .. '"' or body and quoted_text(body) or "null")
    .. ',"isBase64Encoded":' .. tostring(is_base64)
end

return event_v1
