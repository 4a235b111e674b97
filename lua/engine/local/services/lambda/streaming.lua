--- An answer that a runtime streams: taken in piece by piece, and passed on as it comes.
local digest = require "host.digest"
local incoming = require "engine.local.incoming"
local json = require "host.json"
local loop = require "engine.local.loop"

local streaming = {}

--- What Lambda takes of one answer.
streaming.MOST_BYTES = 200 * 1024 * 1024

local MOST_GATHERED <const> = 6291556 -- what Invoke can give
local TOO_LARGE <const> = "Response payload size exceeded maximum allowed payload size (%d bytes)."

local function error_of(kind, message)
  return { kind = kind, details = assert(json.encode { errorType = kind, errorMessage = message }) }
end

local function too_long(most)
  return error_of("Function.ResponseSizeTooLarge", TOO_LARGE:format(most))
end

-- What failed in the middle of a stream: its trailers say so.
local function trailed_error(request)
  local kind = request:trailer "lambda-runtime-function-error-type"
  local body = request:trailer "lambda-runtime-function-error-body"
  local details = body and digest.from_base64(body)
  if not kind and not body then
    return nil
  end
  kind = kind or "Runtime.Unknown"
  return { kind = kind, details = details or assert(json.encode { errorType = kind }) }
end

-- The bytes of a stream: one by one as they come, or at once when they have a Content-Length.
local function body_of(request, cloud)
  if request.early then
    return incoming.open(cloud, request)
  end
  local left = request:text(streaming.MOST_BYTES)
  return {
    trailers = request.trailers,
    pieces = function()
      local bytes = left
      left = nil
      return bytes
    end,
  }
end

-- Gathers for who wants the answer whole: more than can be given is not kept.
local function new_gatherer()
  local gathered = { parts = {}, size = 0 }
  function gathered.write(_, bytes)
    gathered.size = gathered.size + #bytes
    if gathered.size <= MOST_GATHERED then
      table.insert(gathered.parts, bytes)
    end
  end
  return gathered
end

local function result_of(gathered, broken)
  if not broken and gathered and gathered.size > MOST_GATHERED then
    broken = too_long(MOST_GATHERED)
  end
  return {
    payload = gathered and table.concat(gathered.parts) or "",
    streamed = true,
    stream_error = broken,
    error = broken and "Unhandled",
    status = broken and "error" or "success",
  }
end

-- Passes on all that comes; what is wrong with it at the end.
local function pass_on(body, request, sink)
  local size = 0
  for piece in body.pieces, body do
    size = size + #piece
    if size > streaming.MOST_BYTES then
      return too_long(streaming.MOST_BYTES), false
    end
    sink:write(piece)
  end
  request.trailers = body.trailers
  return trailed_error(request), true
end

--- Takes the answer to its end, wherever that is. What it leads to is the invocation's result.
---@param instance engine.local.services.lambda.Instance
---@param request_id string
---@param request engine.local.Request  the runtime's
---@param cloud engine.local.Cloud
---@return boolean known  false when no such invocation is at hand
---@return boolean fits   false when the answer is too long
function streaming.take(instance, request_id, request, cloud)
  local invocation = instance:at_hand(request_id)
  if not invocation then
    return false, true
  elseif not request.early and request:size() > streaming.MOST_BYTES then
    return instance:give(request_id, result_of(nil, too_long(streaming.MOST_BYTES))), false
  end
  invocation.taken = loop.event()
  local gathered = not invocation.sink and new_gatherer() or nil
  if invocation.sink then
    invocation.sink:begin(invocation.version, request:header "content-type")
  end
  local body = body_of(request, cloud)
  local broken, fits = pass_on(body, request, invocation.sink or gathered)
  invocation.taken:set()
  if body.broken then
    invocation.broken = true
    return true, true
  end
  return instance:give(request_id, result_of(gathered, broken)), fits
end

return streaming
