--- Lambda's Invoke (RequestResponse, Event, DryRun) and InvokeWithResponseStream.
local digest = require "host.digest"
local event_sink = require "engine.local.services.lambda.event_sink"
local event_stream = require "engine.event_stream"
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local invoking = require "engine.local.services.lambda.invoking"
local json = require "host.json"
local log_stream = require "engine.local.services.lambda.log_stream"
local rest_json = require "engine.local.protocol.rest_json"

local actions = {}

local MAX_PAYLOAD <const> = 6291456
local MAX_EVENT_PAYLOAD <const> = 1048576

local function check_payload(text, most)
  if #text > most then
    fault.raise("RequestTooLargeException",
      ("%d byte payload is too large for the invocation type (limit %d bytes)"):format(#text, most),
      413)
  end
  local value, err = json.decode(text)
  if text ~= "" and value == nil and err then
    fault.raise("InvalidRequestContentException",
      "Could not parse request body into json: " .. tostring(err))
  end
end

local function client_context(request)
  local header = request:header "x-amz-client-context"
  local text = header and digest.from_base64(header)
  if header and (not text or type(json.decode(text)) ~= "table") then
    fault.raise("InvalidRequestContentException",
      "Client context must be a valid Base64-encoded JSON object.")
  end
  return text
end

-- A streamed answer for who wants it whole: a failure in its middle is all that is left of it.
local function whole(result)
  return result.stream_error and result.stream_error.details or result.payload
end

local function respond(result, request)
  local payload = whole(result)
  local headers = {
    { "Content-Type", "application/json" },
    { "X-Amz-Executed-Version", result.version },
  }
  if result.error then
    table.insert(headers, { "X-Amz-Function-Error", result.error })
  end
  if request:header "x-amz-log-type" == "Tail" then
    table.insert(headers, { "X-Amz-Log-Result", log_stream.tail(result.lines) })
  end
  return rest_json.raw { status = 200, headers = headers, body = payload }
end

-- How it ended, as the last event says: what was no stream has the function's error as its payload.
local function completion(result, request)
  local broken = result.stream_error
  local failed = not result.streamed and result.error and json.decode(result.payload) or {}
  return assert(json.encode {
    ErrorCode = broken and broken.kind or failed.errorType or result.error,
    ErrorDetails = broken and broken.details or result.error and result.payload,
    LogResult = request:header "x-amz-log-type" == "Tail"
      and log_stream.tail(result.lines) or nil,
  })
end

-- The answer of a function that did not stream is one event more, or one error.
local function respond_at_once(result, request)
  local parts = {}
  if not result.error then
    for chunk in event_sink.chunks(result.payload) do
      table.insert(parts, chunk)
    end
  end
  table.insert(parts, event_sink.complete(completion(result, request)))
  return rest_json.raw {
    status = 200,
    headers = {
      { "Content-Type", event_stream.CONTENT_TYPE },
      { "X-Amz-Executed-Version", result.version },
    },
    body = table.concat(parts),
  }
end

local function stream(cloud, call, request)
  local sink <close> = event_sink.open(cloud, request)
  call.sink = sink
  local result = invoking.now(cloud, call)
  if not sink.begun then
    return respond_at_once(result, request)
  end
  sink:finish(completion(result, request))
  return rest_json.sent
end

local function read_call(request, params)
  if request:size() > MAX_PAYLOAD then
    check_payload((" "):rep(request:size()), MAX_PAYLOAD)
  end
  return {
    region = request.region,
    name = params.FunctionName,
    qualifier = params.Qualifier,
    client_context = client_context(request),
    tenant_id = request:header "x-amz-tenant-id",
    request_id = request.id,
    payload = request:text(MAX_PAYLOAD),
  }
end

local function check_exists(call, cloud)
  local found, qualifier = functions.get(cloud, call.region, call.name)
  functions.resolve(found, call.qualifier or qualifier)
  return rest_json.raw { status = 204 }
end

function actions.Invoke(request, params, cloud)
  local kind = request:header "x-amz-invocation-type" or "RequestResponse"
  local call = read_call(request, params)
  if kind == "DryRun" then
    return check_exists(call, cloud)
  elseif kind == "Event" then
    check_payload(call.payload, MAX_EVENT_PAYLOAD)
    invoking.later(cloud, call)
    return rest_json.raw { status = 202, body = "" }
  elseif kind ~= "RequestResponse" then
    fault.raise("InvalidParameterValueException", "InvocationType is not one of RequestResponse, "
      .. "Event, DryRun")
  end
  check_payload(call.payload, MAX_PAYLOAD)
  return respond(invoking.now(cloud, call), request)
end

--- The events come as the function writes.
function actions.InvokeWithResponseStream(request, params, cloud)
  local kind = request:header "x-amz-invocation-type" or "RequestResponse"
  local call = read_call(request, params)
  if kind == "DryRun" then
    return check_exists(call, cloud)
  elseif kind ~= "RequestResponse" then
    fault.raise("InvalidParameterValueException", "InvocationType is not one of RequestResponse, "
      .. "DryRun")
  end
  check_payload(call.payload, MAX_PAYLOAD)
  return stream(cloud, call, request)
end

return actions
