--- Lambda's Runtime API, as `bootstrap` calls it: /_runtime/<instance>/2018-06-01/runtime/…
local digest = require "host.digest"
local json = require "host.json"
local pool = require "engine.local.services.lambda.pool"

local runtime_api = {}

local MAX_PAYLOAD <const> = 6291556
local MAX_STREAM <const> = 200 * 1024 * 1024
local TOO_LARGE <const> = "Response payload size exceeded maximum allowed payload size (%d bytes)."

local function answer(status, body)
  return {
    status = status,
    headers = { { "Content-Type", "application/json" } },
    body = assert(json.encode(body)),
  }
end

local function accepted()
  return answer(202, { status = "OK" })
end

local function refused(status, kind, message)
  return answer(status, { errorType = kind, errorMessage = message })
end

local function next_invocation(self)
  local invocation = self:next()
  if not invocation then
    return refused(410, "InstanceEnded", "The instance has ended")
  end
  local headers = {
    { "Content-Type", "application/json" },
    { "Lambda-Runtime-Aws-Request-Id", invocation.request_id },
    { "Lambda-Runtime-Deadline-Ms", ("%d"):format(invocation.deadline * 1000 // 1) },
    { "Lambda-Runtime-Invoked-Function-Arn", invocation.arn },
    { "Lambda-Runtime-Trace-Id", invocation.trace_id },
  }
  if invocation.tenant_id then
    table.insert(headers, { "Lambda-Runtime-Aws-Tenant-Id", invocation.tenant_id })
  end
  if invocation.client_context then
    table.insert(headers, { "Lambda-Runtime-Client-Context", invocation.client_context })
  end
  return { status = 200, headers = headers, body = invocation.payload }
end

local function unknown(request_id)
  return refused(400, "InvalidRequestID", "Invalid request ID: " .. request_id)
end

-- What failed in the middle of a stream: its trailers say so.
local function stream_error(request)
  local kind = request:trailer "lambda-runtime-function-error-type"
  local body = request:trailer "lambda-runtime-function-error-body"
  local details = body and digest.from_base64(body)
  if not kind and not body then
    return nil
  end
  kind = kind or "Runtime.Unknown"
  return { kind = kind, details = details or assert(json.encode { errorType = kind }) }
end

local function give_stream(self, request_id, request)
  if request:size() > MAX_STREAM then
    return refused(413, "RequestEntityTooLarge",
      ("Exceeded maximum allowed payload size (%d bytes)."):format(MAX_STREAM))
  end
  local broken = stream_error(request)
  local known = self:give(request_id, {
    payload = request:text(MAX_STREAM),
    streamed = true,
    stream_error = broken,
    error = broken and "Unhandled",
    status = broken and "error" or "success",
  })
  return known and accepted() or unknown(request_id)
end

local function give_response(self, request_id, request)
  if request:header "lambda-runtime-function-response-mode" == "streaming" then
    return give_stream(self, request_id, request)
  end
  if request:size() > MAX_PAYLOAD then
    local known = self:give_refused(request_id, {
      error = "Unhandled",
      payload = assert(json.encode {
        errorType = "Function.ResponseSizeTooLarge",
        errorMessage = TOO_LARGE:format(MAX_PAYLOAD),
      }),
      status = "error",
    })
    return known and refused(413, "RequestEntityTooLarge",
      ("Exceeded maximum allowed payload size (%d bytes)."):format(MAX_PAYLOAD))
      or unknown(request_id)
  end
  local known = self:give(request_id, { payload = request:text(), status = "success" })
  return known and accepted() or unknown(request_id)
end

-- The runtime's own error object; what is none is wrapped in one.
local function error_payload(request)
  local text = request:size() <= MAX_PAYLOAD and request:text() or ""
  if type(json.decode(text)) == "table" then
    return text
  end
  return assert(json.encode {
    errorType = request:header "lambda-runtime-function-error-type" or "Runtime.Unknown",
    errorMessage = "Unknown application error occurred",
  })
end

local function give_error(self, request_id, request)
  local known = self:give_error(request_id, {
    error = "Unhandled", payload = error_payload(request), status = "error",
  })
  return known and accepted() or unknown(request_id)
end

--- Answers one request of a runtime; may wait until there is an event for it.
---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@return table response
function runtime_api.answer(request, cloud)
  local id, rest = request.path:match "^/_runtime/(%w+)/2018%-06%-01/runtime/(.+)$"
  local self = id and pool.find(cloud, id)
  if not self then
    return refused(404, "InstanceUnknown", "There is no such instance")
  elseif request.method == "GET" and rest == "invocation/next" then
    return next_invocation(self)
  elseif request.method ~= "POST" then
    return refused(405, "MethodNotAllowed", "Method not allowed")
  elseif rest == "init/error" then
    return self:give_init_error(error_payload(request)) and accepted()
      or refused(403, "InvalidStateTransition", "Initialisation is over")
  end
  local request_id, verb = rest:match "^invocation/([^/]+)/(%a+)$"
  if verb == "response" then
    return give_response(self, request_id, request)
  elseif verb == "error" then
    return give_error(self, request_id, request)
  end
  return refused(404, "NotFound", "There is no such path in the Runtime API")
end

return runtime_api
