--- An answer that a runtime streams: taken in piece by piece, and passed on as it comes.
local digest = require "host.digest"
local json = require "host.json"

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
local function trailed_error(ending)
  local kind, details = ending.error_type, ending.error_body
  if not kind and not details then
    return nil
  end
  kind = kind or "Runtime.Unknown"
  details = details and digest.from_base64(details)
  return { kind = kind, details = details or assert(json.encode { errorType = kind }) }
end

-- The bytes of a stream, as they come; `ending` once there are no more.
local function body_of(instance)
  local body = {}
  function body.pieces()
    while not body.ending do
      local bytes
      bytes, body.ending = instance:read_stream()
      if bytes ~= "" then
        return bytes
      elseif not body.ending then
        instance.stirred:wait()
        instance.stirred:clear()
      end
    end
    return nil
  end
  return body
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
local function pass_on(body, sink)
  local size = 0
  for piece in body.pieces do
    size = size + #piece
    if size > streaming.MOST_BYTES then
      return too_long(streaming.MOST_BYTES), false
    end
    sink:write(piece)
  end
  return trailed_error(body.ending), true
end

--- Takes the answer to its end, wherever that is. What it leads to is the invocation's result.
---@param instance engine.local.services.lambda.Instance
---@param invocation engine.local.services.lambda.Invocation
---@param content_type? string
function streaming.take(instance, invocation, content_type)
  local gathered = not invocation.sink and new_gatherer() or nil
  if invocation.sink then
    invocation.sink:begin(invocation.version, content_type)
  end
  local body = body_of(instance)
  local broken, fits = pass_on(body, invocation.sink or gathered)
  invocation.taken:set()
  if body.ending and body.ending.broken then
    instance:break_off(invocation)
  else
    instance:finish_stream(invocation, result_of(gathered, broken), fits)
  end
end

return streaming
