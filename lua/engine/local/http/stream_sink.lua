--- Passes a streamed answer on to an HTTP client as the function writes it.
---
--- A stream of the type application/vnd.awslambda.http-integration-response begins with the answer's
--- head: an object with status, headers and cookies, and eight NUL bytes behind it.
local json = require "host.json"
local outgoing = require "engine.local.outgoing"
local payload_v2 = require "engine.local.http.payload_v2"

local stream_sink = {}

local HEAD_TYPE <const> = "application/vnd.awslambda.http-integration-response"
local HEAD_END <const> = ("\0"):rep(8)
local MOST_HEAD <const> = 65536
local DEFAULT_TYPE <const> = "application/octet-stream"

---@class engine.local.http.StreamSink: engine.local.services.lambda.EventSink
---@field failed? boolean  the head cannot be read: nothing was sent
local methods = {}
methods.__index = methods
methods.__name = "HTTP stream sink"

--- Takes the head off the beginning of a stream. Nothing while it is not all there.
---@param bytes string
---@return table|false|nil head  an answer for host.server, its body what followed; false: it is malformed
function stream_sink.split(bytes)
  local first, last = bytes:find(HEAD_END, 1, true)
  if not first and #bytes <= MOST_HEAD then
    return nil
  elseif not first then
    return false
  end
  local head = json.decode(bytes:sub(1, first - 1))
  if type(head) ~= "table" then
    return false
  end
  head.statusCode = head.statusCode or 200
  head.body, head.isBase64Encoded = nil, nil
  local answer = payload_v2.structured(head, DEFAULT_TYPE)
  if not answer then
    return false
  end
  answer.body = bytes:sub(last + 1)
  return answer
end

--- Makes the sink of one request. To be closed.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param finish_head fun(headers: { [1]: string, [2]: string }[])  adds what the front end adds
---@return engine.local.http.StreamSink
function stream_sink.open(cloud, request, finish_head)
  return setmetatable({
    answer = outgoing.open(cloud, request),
    finish_head = finish_head,
    begun = false,
  }, methods)
end

local function begin(self, head)
  local body = head.body
  head.body = nil
  self.finish_head(head.headers)
  self.begun = true
  self.answer:begin(head)
  if body then
    self.answer:write(body)
  end
end

--- The function has begun its answer.
---@param _ string  the version that is executed
---@param content_type? string
function methods:begin(_, content_type)
  if content_type == HEAD_TYPE then
    self.before = ""
  else
    begin(self, {
      status = 200, headers = { { "content-type", content_type or DEFAULT_TYPE } },
    })
  end
end

--- Sends some of the answer, and waits while the client is behind.
---@param bytes string
function methods:write(bytes)
  if not self.before then
    self.answer:write(bytes)
    return
  elseif self.failed then
    return
  end
  self.before = self.before .. bytes
  local head = stream_sink.split(self.before)
  if head then
    self.before = nil
    begin(self, head)
  elseif head == false then
    self.failed = true
  end
end

--- Ends the answer; one that failed in its middle breaks off.
---@param is_whole boolean
function methods:finish(is_whole)
  if is_whole then
    self.answer:finish()
  else
    self.answer:abort()
  end
end

function methods:__close()
  self.answer:abort()
end

return stream_sink
