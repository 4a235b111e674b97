--- Payload format 1.0: an HTTP API's request in the form that REST APIs have, for functions written for
--- them; and the answer, which has to say its status.
local json = require "host.json"
local payload_v2 = require "engine.local.http.payload_v2"
local received = require "engine.local.http.received"

local payload_v1 = {}

local NO_IDENTITY <const> = {
  "accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider",
  "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId",
  "user", "userArn",
}

-- The last value of each name, and all of them.
local function values_of(pairs_of)
  local last, all = {}, {}
  for name, value in pairs_of do
    last[name] = value
    all[name] = all[name] or json.array {}
    table.insert(all[name], value)
  end
  return next(last) and last or json.null, next(all) and all or json.null
end

payload_v1.values_of = values_of

--- Goes through the headers as they came, and those that AWS adds.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@return fun(): string?, string?
function payload_v1.each_header(cloud, request)
  local list = {}
  for _, pair in ipairs(request.headers) do
    if not pair[1]:lower():find "^x%-forwarded%-" then
      table.insert(list, { received.unicode(pair[1]), received.unicode(pair[2]) })
    end
  end
  local added = {}
  received.add_forwarded(cloud, request, added)
  local before = request:header "x-forwarded-for"
  table.insert(list, { "X-Amzn-Trace-Id", added["x-amzn-trace-id"] })
  table.insert(list, {
    "X-Forwarded-For", (before and before .. ", " or "") .. added["x-forwarded-for"],
  })
  table.insert(list, { "X-Forwarded-Port", added["x-forwarded-port"] })
  table.insert(list, { "X-Forwarded-Proto", added["x-forwarded-proto"] })
  local at = 0
  return function()
    at = at + 1
    if list[at] then
      return list[at][1], list[at][2]
    end
  end
end

--- Who called, as far as a request that is not signed tells.
---@param request engine.local.Request
---@return table
function payload_v1.identity(request)
  local identity = {
    sourceIp = received.address(request),
    userAgent = request:header "user-agent" or json.null,
  }
  for _, name in ipairs(NO_IDENTITY) do
    identity[name] = json.null
  end
  return identity
end

--- The event of a request.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param place engine.local.http.Place
---@param parts engine.local.http.Parts
---@return table
function payload_v1.fields(cloud, request, place, parts)
  local headers, all_headers = values_of(payload_v1.each_header(cloud, request))
  local query, all_query = values_of(received.parameters(request.query))
  local body, is_base64 = received.body(request, received.headers(request), parts.most)
  local milliseconds, time = received.now()
  return {
    version = "1.0",
    resource = parts.resource,
    path = parts.path,
    httpMethod = request.method,
    headers = headers,
    multiValueHeaders = all_headers,
    queryStringParameters = query,
    multiValueQueryStringParameters = all_query,
    requestContext = {
      accountId = place.account,
      apiId = place.api_id,
      authorizer = parts.authorizer,
      domainName = place.domain,
      domainPrefix = place.domain_prefix or place.api_id,
      extendedRequestId = request.id,
      httpMethod = request.method,
      identity = payload_v1.identity(request),
      path = parts.path,
      protocol = "HTTP/1.1",
      requestId = request.id,
      requestTime = time,
      requestTimeEpoch = milliseconds,
      resourceId = parts.route_key,
      resourcePath = parts.resource,
      stage = place.stage,
    },
    pathParameters = parts.path_parameters or json.null,
    stageVariables = place.variables or json.null,
    body = body or json.null,
    isBase64Encoded = is_base64,
  }
end

-- Headers of several values in the place of those of one.
local function spread(result)
  local lists = result.multiValueHeaders
  result.multiValueHeaders = nil
  if type(lists) ~= "table" then
    return {}
  end
  local list = {}
  local single = type(result.headers) == "table" and result.headers or {}
  for name, values in pairs(lists) do
    for key in pairs(single) do
      if type(key) == "string" and type(name) == "string" and key:lower() == name:lower() then
        single[key] = nil
      end
    end
    for _, value in ipairs(type(values) == "table" and values or {}) do
      table.insert(list, { name, value })
    end
  end
  return list
end

--- What a function returned as an answer for host.server; nil when it is malformed.
---@param text string  JSON
---@param default_type string
---@return table?
function payload_v1.answer(text, default_type)
  local result = json.decode(text)
  if type(result) ~= "table" or result.statusCode == nil then
    return nil
  end
  local more = spread(result)
  result.cookies = nil
  local answer = payload_v2.structured(result, default_type)
  local has_type = false
  for _, pair in ipairs(answer and more or {}) do
    if not payload_v2.add_header(answer, pair[1], pair[2]) then
      return nil
    end
    has_type = has_type or pair[1]:lower() == "content-type"
  end
  if has_type then
    for i, pair in ipairs(answer.headers) do
      if pair[1] == "content-type" then
        table.remove(answer.headers, i) -- the default's, or of one value where there are several
        break
      end
    end
  end
  return answer
end

return payload_v1
