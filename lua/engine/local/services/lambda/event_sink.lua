--- Where the pieces of a streamed answer go: InvokeWithResponseStream's events, sent as they come.
---
--- The answer to the caller begins when the function's does. A caller that does not keep up
--- makes the function wait; one that has gone does not: the function runs to its end, as at AWS.
local event_stream = require "engine.event_stream"
local outgoing = require "engine.local.outgoing"

local event_sink = {}

local CHUNK_BYTES <const> = 65536

---@class engine.local.services.lambda.EventSink
---@field begun boolean  the caller has the head of its answer
local methods = {}
methods.__index = methods
methods.__name = "event sink"

local function event(name, content_type, payload)
  return event_stream.encode({
    [":message-type"] = "event", [":event-type"] = name, [":content-type"] = content_type,
  }, payload)
end

--- Goes through the PayloadChunk events of some bytes.
---@param bytes string
---@return fun(): string?
function event_sink.chunks(bytes)
  local from = 1
  return function()
    if from > #bytes then
      return nil
    end
    local piece = bytes:sub(from, from + CHUNK_BYTES - 1)
    from = from + CHUNK_BYTES
    return event("PayloadChunk", "application/octet-stream", piece)
  end
end

--- The last event.
---@param completion string  JSON
---@return string
function event_sink.complete(completion)
  return event("InvokeComplete", "application/json", completion)
end

--- Makes the sink of one call. To be closed: also a failure in here ends the caller's answer.
---@param cloud engine.local.Cloud
---@param request engine.local.Request  the caller's
---@return engine.local.services.lambda.EventSink
function event_sink.open(cloud, request)
  return setmetatable({
    answer = outgoing.open(cloud, request), request_id = request.id, begun = false,
  }, methods)
end

--- Sends the head of the answer: the function has begun its own.
---@param version string  that is executed
function methods:begin(version)
  self.begun = true
  self.answer:begin {
    status = 200,
    headers = {
      { "Content-Type", event_stream.CONTENT_TYPE },
      { "X-Amz-Executed-Version", version },
      { "x-amzn-RequestId", self.request_id },
    },
  }
end

--- Sends some of the answer, and waits while the caller is behind.
---@param bytes string
function methods:write(bytes)
  for chunk in event_sink.chunks(bytes) do
    self.answer:write(chunk)
  end
end

--- Sends the last event.
---@param completion string  JSON
function methods:finish(completion)
  self.answer:finish(event_sink.complete(completion))
end

function methods:__close()
  self.answer:abort()
end

return event_sink
