--- Lambda's Runtime API, as `bootstrap` calls it: /_runtime/<instance>/2018-06-01/runtime/…
local incoming = require "engine.local.incoming"
local json = require "host.json"
local pool = require "engine.local.services.lambda.pool"
local streaming = require "engine.local.services.lambda.streaming"

local runtime_api = {}

local MAX_PAYLOAD <const> = 6291556
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

local function too_large(most)
  return refused(413, "RequestEntityTooLarge",
    ("Exceeded maximum allowed payload size (%d bytes)."):format(most))
end

local function oversized()
  return {
    error = "Unhandled",
    payload = assert(json.encode {
      errorType = "Function.ResponseSizeTooLarge",
      errorMessage = TOO_LARGE:format(MAX_PAYLOAD),
    }),
    status = "error",
  }
end

local function give_whole(self, request_id, request)
  if request:size() > MAX_PAYLOAD then
    return self:give_refused(request_id, oversized()) and too_large(MAX_PAYLOAD)
      or unknown(request_id)
  end
  local known = self:give(request_id, { payload = request:text(), status = "success" })
  return known and accepted() or unknown(request_id)
end

local function is_streamed(request)
  return request:header "lambda-runtime-function-response-mode" == "streaming"
end

local function give_response(self, request_id, request, cloud)
  if not is_streamed(request) then
    return give_whole(self, request_id, request)
  end
  local known, fits = streaming.take(self, request_id, request, cloud)
  return not known and unknown(request_id) or not fits and too_large(streaming.MOST_BYTES)
    or accepted()
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
  end
  local request_id, verb = rest:match "^invocation/([^/]+)/(%a+)$"
  local in_pieces = verb == "response" and is_streamed(request)
  if request.early and not in_pieces and not incoming.gather(cloud, request, MAX_PAYLOAD) then
    return refused(400, "InvalidRequest", "The body of the request breaks off")
  elseif rest == "init/error" then
    return self:give_init_error(error_payload(request)) and accepted()
      or refused(403, "InvalidStateTransition", "Initialisation is over")
  elseif verb == "response" then
    return give_response(self, request_id, request, cloud)
  elseif verb == "error" then
    return give_error(self, request_id, request)
  end
  return refused(404, "NotFound", "There is no such path in the Runtime API")
end

return runtime_api
