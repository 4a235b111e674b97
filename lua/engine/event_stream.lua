--- AWS's event streams (application/vnd.amazon.eventstream): messages of headers and a payload, each
--- with two CRCs.
---
---     for event in event_stream.each(answer.body) do
---       print(event.headers[":event-type"], event.payload)
---     end
---
---     local reader = event_stream.reader(function(event) … end)
---     reader:feed(bytes)  -- as they come
---     reader:finish()
local digest = require "host.digest"
local failure = require "engine.failure"
local order = require "engine.order"

local event_stream = {}

event_stream.CONTENT_TYPE = "application/vnd.amazon.eventstream"

local PRELUDE_BYTES <const> = 12
local CRC_BYTES <const> = 4
local MAX_MESSAGE <const> = 24 * 1024 * 1024
local MAX_HEADERS <const> = 128 * 1024
local STRING <const> = 7
-- How long the values of the other types are: booleans, integers, a time, a UUID. 6 is bytes.
local FIXED <const> = { [0] = 0, [1] = 0, [2] = 1, [3] = 2, [4] = 4, [5] = 8, [8] = 8, [9] = 16 }

---@class engine.StreamedEvent
---@field headers table<string, string>  ":event-type", ":message-type", …; values as they are
---@field payload string

--- One message. Headers are texts, sent in the order of their names.
---@param headers table<string, string>
---@param payload string
---@return string bytes
function event_stream.encode(headers, payload)
  local parts = {}
  for _, name in ipairs(order.keys(headers)) do
    table.insert(parts, (">s1Bs2"):pack(name, STRING, headers[name]))
  end
  local head = table.concat(parts)
  local prelude = (">I4I4"):pack(PRELUDE_BYTES + #head + #payload + CRC_BYTES, #head)
  local message = prelude .. (">I4"):pack(digest.crc32(prelude)) .. head .. payload
  return message .. (">I4"):pack(digest.crc32(message))
end

local function refuse(what)
  failure.raise("failed", "the answer is not an event stream: " .. what)
end

local function read_headers(bytes, from, stop)
  local headers = {}
  while from < stop do
    local ok, name, kind, after = pcall(string.unpack, ">s1B", bytes, from)
    if not ok or after > stop then
      refuse "a header breaks off"
    end
    local size = FIXED[kind]
    if kind == 6 or kind == STRING then
      if after + 2 > stop then
        refuse "a header breaks off"
      end
      size, after = (">I2"):unpack(bytes, after)
    end
    if not size then
      refuse(("a header of type %d"):format(kind))
    elseif after + size > stop then
      refuse "a header breaks off"
    end
    headers[name] = bytes:sub(after, after + size - 1)
    from = after + size
  end
  return headers
end

--- Reads the message that begins at `from`.
---@param bytes string
---@param from integer
---@return engine.StreamedEvent? event  nil when it is not there whole yet
---@return integer after                where the next one begins
function event_stream.decode(bytes, from)
  if #bytes - from + 1 < PRELUDE_BYTES then
    return nil, from
  end
  local size, head_size, crc = (">I4I4I4"):unpack(bytes, from)
  if digest.crc32(bytes:sub(from, from + 7)) ~= crc then
    refuse "the checksum of a prelude is wrong"
  elseif size > MAX_MESSAGE or head_size > MAX_HEADERS
    or size < PRELUDE_BYTES + head_size + CRC_BYTES then
    refuse(("a message of %d bytes, %d of them headers"):format(size, head_size))
  elseif #bytes - from + 1 < size then
    return nil, from
  end
  local last = from + size - CRC_BYTES
  if digest.crc32(bytes:sub(from, last - 1)) ~= (">I4"):unpack(bytes, last) then
    refuse "the checksum of a message is wrong"
  end
  local payload_from = from + PRELUDE_BYTES + head_size
  return {
    headers = read_headers(bytes, from + PRELUDE_BYTES, payload_from),
    payload = bytes:sub(payload_from, last - 1),
  }, from + size
end

---@class engine.EventStreamReader
local reader_methods = {}
reader_methods.__index = reader_methods

--- Reads a stream that comes in pieces, cut wherever they are.
---@param on_event fun(event: engine.StreamedEvent)  called for each message, once it is whole
---@return engine.EventStreamReader
function event_stream.reader(on_event)
  return setmetatable({
    on_event = on_event,
    parts = {}, -- of a message that is not whole yet
    size = 0,
    wanted = PRELUDE_BYTES,
  }, reader_methods)
end

-- How many bytes the message that begins at `from` has; its prelude, while that is not there.
local function message_size(bytes, from)
  local has_prelude = #bytes - from + 1 >= PRELUDE_BYTES -- which decode has judged
  return has_prelude and (">I4"):unpack(bytes, from) or PRELUDE_BYTES
end

--- Takes the next bytes.
---@param bytes string
function reader_methods:feed(bytes)
  table.insert(self.parts, bytes)
  self.size = self.size + #bytes
  if self.size < self.wanted then
    return -- pieces are put together once, when there is enough of them
  end
  local all, from = table.concat(self.parts), 1
  while true do
    local event, after = event_stream.decode(all, from)
    if not event then
      break
    end
    from = after
    self.on_event(event)
  end
  self.parts = { all:sub(from) }
  self.size = #all - from + 1
  self.wanted = math.max(message_size(all, from), self.size + 1)
end

--- Says that no more comes; raises when a message breaks off.
function reader_methods:finish()
  if self.size > 0 then
    refuse "the last message breaks off"
  end
end

--- Goes through the messages of a whole stream.
---@param bytes string
---@return fun(): engine.StreamedEvent?
function event_stream.each(bytes)
  local from = 1
  return function()
    if from > #bytes then
      return nil
    end
    local event, after = event_stream.decode(bytes, from)
    if not event then
      refuse "the last message breaks off"
    end
    from = after
    return event
  end
end

return event_stream
