--- Where the pieces of a streamed answer go: InvokeWithResponseStream's events, sent as they come.
---
--- The answer to the caller begins when the function's does. A caller that does not keep up
--- makes the function wait; one that has gone does not: the function runs to its end, as at AWS.
local event_stream = require "engine.event_stream"

local event_sink = {}

local CHUNK_BYTES <const> = 65536
local MOST_AHEAD <const> = 1024 * 1024
local LOOK_SECONDS <const> = 1

---@class engine.local.services.lambda.EventSink
---@field begun boolean   the caller has the head of its answer
---@field closed boolean  nothing is written any more
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
    cloud = cloud,
    id = request.exchange,
    request_id = request.id,
    begun = false,
    closed = false,
  }, methods)
end

--- Sends the head of the answer: the function has begun its own.
---@param version string  that is executed
function methods:begin(version)
  if self.begun or self.closed then
    return
  end
  self.begun = true
  self.gone = not self.cloud.server:start(self.id, {
    status = 200,
    headers = {
      { "Content-Type", event_stream.CONTENT_TYPE },
      { "X-Amz-Executed-Version", version },
      { "x-amzn-RequestId", self.request_id },
    },
  })
end

local function send(self, bytes)
  self.gone = self.gone or not self.cloud.server:write(self.id, bytes)
end

-- Waits until the caller has taken most of what it was sent.
local function wait_for_reader(self)
  while not self.closed and not self.gone do
    local ahead = self.cloud.server:ahead(self.id)
    if not ahead then
      self.gone = true
    elseif ahead <= MOST_AHEAD then
      return
    else
      self.cloud:wait_turn(LOOK_SECONDS)
    end
  end
end

--- Sends some of the answer, and waits while the caller is behind.
---@param bytes string
function methods:write(bytes)
  for chunk in event_sink.chunks(bytes) do
    wait_for_reader(self)
    if self.closed then
      return
    end
    send(self, chunk)
  end
end

--- Sends the last event.
---@param completion string  JSON
function methods:finish(completion)
  if not self.closed then
    send(self, event_sink.complete(completion))
  end
  self:__close()
end

function methods:__close()
  if self.begun and not self.closed then
    self.cloud.server:finish(self.id)
  end
  self.closed = true
end

return event_sink
