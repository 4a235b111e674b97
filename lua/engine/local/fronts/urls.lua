--- The URLs of functions: /_urls/<url id>/<path>
local cors = require "engine.local.http.cors"
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local granted = require "engine.local.services.lambda.granted"
local json = require "host.json"
local log = require "host.log"
local payload_v2 = require "engine.local.http.payload_v2"
local signed = require "engine.local.http.signed"
local stream_sink = require "engine.local.http.stream_sink"
local urls = require "engine.local.services.lambda.urls"

local front = {}

local ROUTE <const> = "$default"
local JSON <const> = "application/json"
local MOST_BYTES <const> = 6291456 -- of an event, and of an answer that is not streamed
local GONE <const> = { ResourceNotFoundException = true }

local function refuse(request, status, kind, body)
  return {
    status = status,
    headers = {
      { "content-type", JSON }, { "x-amzn-requestid", request.id }, { "x-amzn-errortype", kind },
    },
    body = type(body) == "table" and assert(json.encode(body)) or body,
  }
end

local function forbidden(request, message)
  return refuse(request, 403, "AccessDeniedException", { Message = message or "Forbidden" })
end

local function too_large(request)
  return refuse(request, 413, "RequestEntityTooLargeException",
    { message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation" })
end

local function bad_gateway(request)
  return refuse(request, 502, "InternalFailure", "Internal Server Error")
end

local function place_of(url, identity)
  return {
    account = identity and identity.account or "anonymous",
    api_id = url.id,
    domain = urls.domain(url),
    stage = ROUTE,
  }
end

local function event_of(cloud, request, url, path, identity)
  return payload_v2.event(cloud, request, {
    place = place_of(url, identity),
    route_key = ROUTE,
    path = path,
    authorizer = identity and signed.authorizer(identity),
    most = MOST_BYTES,
  })
end

-- Adds what Lambda itself says to an answer's headers.
local function finish_head(url, request, headers)
  table.insert(headers, { "x-amzn-requestid", request.id })
  if url.cors then
    cors.apply(url.cors, request, headers)
  end
end

-- A function that streamed where its answer is wanted whole may have sent its head with it.
local function whole_answer(result)
  if not result.streamed then
    return payload_v2.answer(result.payload, JSON)
  end
  return stream_sink.split(result.payload)
    or { status = 200, headers = { { "content-type", JSON } }, body = result.payload }
end

local function call_of(url, found, request, payload, sink)
  return {
    found = found,
    region = url.region,
    name = url.name,
    qualifier = url.qualifier ~= functions.LATEST and url.qualifier or nil,
    payload = payload,
    request_id = request.id,
    sink = sink,
  }
end

local function buffered(cloud, request, url, found, payload)
  local result = cloud:service("lambda").invoke(cloud, call_of(url, found, request, payload))
  local answer = not result.error and whole_answer(result)
  if not answer then
    return bad_gateway(request)
  end
  finish_head(url, request, answer.headers)
  return answer
end

-- What is not streamed by a function whose URL streams is sent as it is: its head is not looked for.
local function unstreamed(request, url, result)
  if result.error then
    return bad_gateway(request)
  end
  local answer = {
    status = 200,
    headers = { { "content-type", "application/octet-stream" } },
    body = result.payload,
  }
  finish_head(url, request, answer.headers)
  return answer
end

local function streamed(cloud, request, url, found, payload)
  local sink <close> = stream_sink.open(cloud, request, function(headers)
    finish_head(url, request, headers)
  end)
  local result = cloud:service("lambda").invoke(cloud, call_of(url, found, request, payload, sink))
  if sink.begun then
    sink:finish(not result.error)
    return nil
  elseif result.streamed then
    return bad_gateway(request) -- its head never came, or was none
  end
  return unstreamed(request, url, result)
end

local function invoke(cloud, request, url, found, payload)
  local run = url.invoke_mode == "RESPONSE_STREAM" and streamed or buffered
  local ok, result = pcall(run, cloud, request, url, found, payload)
  if ok then
    return result
  elseif not fault.is(result) then
    error(result, 0)
  elseif GONE[result.code] then
    return forbidden(request)
  end
  local body = { message = result.message, Type = "User", Reason = (result.fields or {}).Reason }
  return refuse(request, result.status, result.code, body)
end

local ANYBODY <const> = { action = "lambda:InvokeFunctionUrl", url_auth_type = "NONE" }
local THROUGH_IT <const> = { action = "lambda:InvokeFunction", via_url = "true" }

-- Nobody has to sign for a URL of the type NONE, but the function's policy has to say so: both that
-- the URL may be asked, and that it may invoke.
local function admit(cloud, request, url, found)
  if url.auth_type == "AWS_IAM" then
    local identity, problem = signed.identify(cloud, request, "lambda", url.region)
    return identity ~= nil, identity or nil, problem
  end
  for _, wish in ipairs { ANYBODY, THROUGH_IT } do
    if not granted.allows(found, url.qualifier, wish) then
      log.warn("a function's policy closes its URL", {
        ["function"] = url.name, lacks = wish.action,
      })
      return false
    end
  end
  return true
end

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table? response
function front.answer(request, cloud, rest)
  local id, path = rest:match "^([^/]*)(.*)$"
  local url = urls.find(cloud, id)
  local found = url and functions.peek(cloud, url.region, url.name)
  if not found then
    return forbidden(request)
  elseif url.cors and cors.is_preflight(request) then
    local headers = cors.preflight(url.cors, request)
    table.insert(headers, { "x-amzn-requestid", request.id })
    return { status = 200, headers = headers }
  end
  local is_admitted, identity, problem = admit(cloud, request, url, found)
  if not is_admitted then
    return forbidden(request, problem)
  elseif request:size() > MOST_BYTES then
    return too_large(request)
  end
  local payload = event_of(cloud, request, url, path == "" and "/" or path, identity)
  if #payload > MOST_BYTES then
    return too_large(request)
  end
  return invoke(cloud, request, url, found, payload)
end

--- Whether this cloud has the URL.
---@return boolean
function front.has(cloud, id)
  return urls.find(cloud, id) ~= nil
end

return front
