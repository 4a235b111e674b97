--- One request to an API on its way: what came, read once and only when it is asked for, and what the
--- way finds out about it.
local clock = require "host.clock"
local compression = require "engine.local.services.apigateway.compression"
local digest = require "host.digest"
local header_list = require "engine.local.http.header_list"
local identifier = require "engine.local.identifier"
local media_types = require "engine.local.services.apigateway.media_types"
local naming = require "engine.local.naming"
local received = require "engine.local.http.received"
local refusal = require "engine.local.services.apigateway.refusal"

local exchange = {}
exchange.__index = exchange

local MAX_BODY <const> = 10485760

---@class engine.local.services.apigateway.Exchange
---@field cloud engine.local.Cloud
---@field request engine.local.Request
---@field stage engine.local.services.apigateway.Stage
---@field path string                      behind the stage, as on the request line
---@field shown_path string                what events say: behind a custom domain with the base path
---@field full_path string                 $context.path: with the stage or the base path
---@field domain string                    $context.domainName
---@field base_path? string                of that domain, without its slash
---@field id string                        $context.requestId
---@field extended_id string               $context.extendedRequestId
---@field trace_id string                  X-Amzn-Trace-Id
---@field now number                       when it came
---@field method? engine.local.services.apigateway.Method  once it is routed
---@field parameters table<string, string> of the path, as on the request line
---@field identity? engine.local.Identity  once IAM has verified it
---@field authorizer? table                what an authorizer said: $context.authorizer
---@field api_key? table                   the key that it came with
---@field policy_effect? "Allow"           what the API's policy says, before an authorizer is asked
---@field opened? string                    what the body holds that was sent compressed
---@field integration_status? integer      of who stands behind the method: of Lambda, not of the function
---@field integration_error? string        what went wrong there
---@field function_status? integer         what a function behind a proxy integration said
---@field is_kept? boolean                 nobody was asked: the stage's cache has answered
---
--- Of a stage with an access log, moments of the monotonic clock:
---@field began? number
---@field authorizing? number              an authorizer is asked
---@field authorized? number               … and said yes
---@field sent? number                     the integration is asked
---@field returned? number                 … and has answered
---@field finished? number
---@field answer? table                    what the client gets

--- Wraps a request.
---@param path string  behind the stage or the base path; "" where that ends without a slash
---@param domain? { name: string, base: string }  the custom domain that was asked, and the base path
---@return engine.local.services.apigateway.Exchange
function exchange.new(cloud, stage, request, path, domain)
  local now = clock.now()
  local inner = path == "" and "/" or path
  local outer = (domain and domain.base or "/" .. stage.name) .. path
  return setmetatable({
    cloud = cloud,
    request = request,
    stage = stage,
    path = inner,
    shown_path = domain and (outer == "" and "/" or outer) or inner,
    full_path = outer == "" and "/" or outer,
    domain = domain and domain.name or stage.domain,
    base_path = domain and domain.base:gsub("^/", "") or nil,
    id = request.id,
    extended_id = digest.to_base64(digest.random(11)),
    trace_id = identifier.trace(),
    now = now,
    parameters = {},
  }, exchange)
end

-- The headers that API Gateway does not pass on.
local DROPPED <const> = {
  connection = true, ["content-length"] = true, expect = true, ["keep-alive"] = true,
  ["proxy-authenticate"] = true, te = true, trailer = true, ["transfer-encoding"] = true,
  upgrade = true,
}

-- Takes a header in: the name as it was sent, of several cases the first.
local function add_header(self, name, value)
  local lower = header_list.lower(name) or name:lower()
  local known = self.header_names[lower]
  if known then
    self.single_headers[known] = value
    table.insert(self.all_headers[known], value)
  elseif not DROPPED[lower] then
    self.header_names[lower] = name
    self.single_headers[name], self.all_headers[name] = value, { value }
  end
end

-- What API Gateway says of the way itself, whatever the client said of it.
local function set_header(self, name, value)
  local lower = header_list.lower(name)
  local known = self.header_names[lower] or name
  self.header_names[lower] = known
  self.single_headers[known], self.all_headers[known] = value, { value }
end

local function read_headers(self)
  self.single_headers, self.all_headers, self.header_names = {}, {}, {}
  for _, pair in ipairs(self.request.headers) do
    add_header(self, pair[1], pair[2])
  end
  local before = self.single_headers[self.header_names["x-forwarded-for"]]
  local source = self:source_ip()
  set_header(self, "X-Amzn-Trace-Id", self.trace_id)
  set_header(self, "X-Forwarded-For", before and before .. ", " .. source or source)
  set_header(self, "X-Forwarded-Port", self.stage.port)
  set_header(self, "X-Forwarded-Proto", "http")
end

--- The address of the client.
---@return string
function exchange:source_ip()
  self.known_source = self.known_source or received.address(self.request)
  return self.known_source
end

--- The headers: of each name the last value, and all of them.
---@return table<string, string> single
---@return table<string, string[]> multi
function exchange:headers()
  if not self.single_headers then
    read_headers(self)
  end
  return self.single_headers, self.all_headers
end

--- All values of a header, in whichever case it is asked for; nil when there is none.
---@param name string
---@return string[]?
function exchange:header_list(name)
  local _, multi = self:headers()
  return multi[self.header_names[header_list.lower(name) or name] or name]
end

--- The last value of a header, in whichever case it is asked for.
---@param name string
---@return string?
function exchange:header(name)
  local list = self:header_list(name)
  return list and list[#list]
end

local function read_query(self)
  local query = self.request.query
  if query and query ~= "" then
    self.single_query, self.all_query = received.gathered(received.parameters(query))
  else
    self.single_query, self.all_query = {}, {}
  end
end

--- The query's parameters, decoded: of each name the last value, and all of them.
---@return table<string, string> single
---@return table<string, string[]> multi
function exchange:query()
  if not self.single_query then
    read_query(self)
  end
  return self.single_query, self.all_query
end

--- All values of the query's parameters.
---@return table<string, string[]>
function exchange:multi_query()
  return select(2, self:query())
end

--- The media type of the body, without its parameters, in lower case; JSON when nothing is said.
---@return string
function exchange:content_type()
  return media_types.bare(self:header "content-type") or "application/json"
end

--- Refuses headers and a body that are longer than API Gateway takes.
function exchange:check_size()
  if received.has_long_headers(self.request) then
    refusal.raise("REQUEST_TOO_LARGE",
      ("HTTP header is larger than %d bytes."):format(received.MOST_HEADER_BYTES))
  end
  if self.request:size() > MAX_BODY then
    refusal.raise("REQUEST_TOO_LARGE",
      ("HTTP content length exceeded %d bytes."):format(MAX_BODY))
  end
end

local function drop_header(self, lower)
  local name = self.header_names[lower]
  self.header_names[lower], self.single_headers[name], self.all_headers[name] = nil, nil, nil
end

--- Opens a body that was sent compressed: from then on nobody hears that it was.
function exchange:open_body()
  local encoding = self.request:size() > 0 and self:header "content-encoding"
  if encoding then
    self.opened = compression.opened(encoding, self.request:text(MAX_BODY), MAX_BODY)
    if self.opened then
      drop_header(self, "content-encoding")
    end
  end
end

--- The body's bytes.
---@return string
function exchange:text()
  return self.opened or self.request:text(MAX_BODY)
end

--- Whether the API takes the body's media type as bytes.
---@return boolean
function exchange:is_binary()
  return self.stage.is_binary(self:header "content-type" and self:content_type())
end

local function identity_of(self)
  local identity, key = self.identity or {}, self.api_key or {}
  return {
    accessKey = identity.access_key_id,
    accountId = identity.account,
    apiKey = key.value,
    apiKeyId = key.id,
    caller = identity.user_id,
    sourceIp = self:source_ip(),
    user = identity.user_id,
    userAgent = self:header "user-agent",
    userArn = identity.arn,
  }
end

-- What an authorizer said, as mapping templates see it: texts.
local function texts_of(authorizer)
  local texts = {}
  for name, value in pairs(authorizer or {}) do
    texts[name] = type(value) == "number" and tostring(value) or value
  end
  return authorizer and texts
end

--- Notes what the way has found out: who asks (`identity`), by which key (`api_key`), and what an
--- authorizer says (`authorizer`).
---@param name "identity"|"api_key"|"authorizer"
---@param value table
function exchange:note(name, value)
  self[name] = value
  local context = self.known_context
  if context then
    context.authorizer, context.identity = texts_of(self.authorizer), identity_of(self)
  end
end

--- When it came, in milliseconds since 1970.
---@return integer
function exchange:milliseconds()
  return self.now * 1000 // 1 | 0
end

--- The ARN of what is asked, as policies name it.
---@return string  "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/dev/GET/pets/1"
function exchange:method_arn()
  local stage = self.stage
  return naming.arn("execute-api", stage.api.region, self.cloud.account,
    ("%s/%s/%s%s"):format(stage.api.id, stage.name, self.request.method, self.path))
end

--- $context, as mapping templates see it. It is one table for the whole way: what a request template
--- sets, a response template finds.
---@return table
function exchange:context()
  if self.known_context then
    return self.known_context
  end
  local stage, method = self.stage, self.method or {}
  self.known_context = {
    accountId = self.cloud.account,
    apiId = stage.api.id,
    authorizer = texts_of(self.authorizer),
    awsEndpointRequestId = self.id,
    deploymentId = stage.deployment_id,
    domainName = self.domain,
    domainPrefix = self.domain:match "^[^.]*",
    extendedRequestId = self.extended_id,
    httpMethod = self.request.method,
    identity = identity_of(self),
    isCanaryRequest = stage.is_canary,
    path = self.full_path,
    protocol = "HTTP/1.1",
    requestId = self.id,
    requestTime = received.clf_time(self.now),
    requestTimeEpoch = self:milliseconds(),
    resourceId = method.resource_id,
    resourcePath = method.resource_path,
    stage = stage.name,
    xrayTraceId = self.trace_id,
  }
  return self.known_context
end

return exchange
