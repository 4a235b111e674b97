--- `context:stream { … }`: an answer that is sent piece by piece.
---
---     local stream = context:stream { content_type = "text/plain" }
---     for line in lines() do
---       stream:write(line .. "\n")
---     end
---     stream:close()
---
--- It begins with the first write: a handler that fails before fails as any other. One that fails
--- later ends its answer with the error, which the caller is told.
local check = require "engine.check"
local current = require "engine.runtime.current"
local json = require "host.json"
local report = require "engine.runtime.report"

local stream = {}

---@class laconic.StreamOptions
---@field content_type? string        default application/octet-stream
---@field status? integer             of the HTTP answer; with it, headers or cookies the answer begins
---  with what function URLs and API Gateway take for its head
---@field headers? table<string, string>
---@field cookies? string[]

---@class laconic.Stream
---@field write fun(self: laconic.Stream, bytes: string): laconic.Stream  waits until they are taken
---@field close fun(self: laconic.Stream)  done by itself when the handler returns
local methods = {}
methods.__index = methods
methods.__name = "laconic.stream"

local HEAD_TYPE = "application/vnd.awslambda.http-integration-response"
local HEAD_END = ("\0"):rep(8)
local DEFAULT_TYPE = "application/octet-stream"
local MOST_BYTES = 4096 -- of an error's message in a trailer
local MOST_FRAMES = 8

local OPTIONS = {
  content_type = { type = "string", least = 1, most = 256 },
  status = { type = "integer", least = 100, most = 599 },
  headers = { type = "table" },
  cookies = { each = { type = "string" } },
}

local function http_head(options)
  local headers = {}
  for name, value in pairs(options.headers or {}) do
    check.type("stream.headers", name, "string")
    check.type("stream.headers." .. name, value, { "string", "number" })
    headers[name:lower()] = tostring(value)
  end
  headers["content-type"] = options.content_type or headers["content-type"] or DEFAULT_TYPE
  return assert(json.encode {
    statusCode = options.status or 200,
    headers = headers,
    cookies = options.cookies and json.array(options.cookies),
  }) .. HEAD_END
end

--- Makes the stream of an invocation, which has one at most.
---@param context laconic.Context
---@param api host.lambda_runtime.Loop
---@param options? laconic.StreamOptions
---@return laconic.Stream
function stream.open(context, api, options)
  options = options or {}
  check.fields("stream", options, OPTIONS)
  if not current.is_open() or not rawequal(context, (current.context())) then
    check.fail("E104", "stream: the invocation is over")
  elseif current.stream() then
    check.fail("E106", "stream: this invocation has one already")
  end
  local self = setmetatable({
    request_id = current.request_id(),
    api = api,
    content_type = options.content_type or DEFAULT_TYPE,
    state = "new",
  }, methods)
  if options.status or options.headers or options.cookies then
    self.head = http_head(options)
    self.content_type = HEAD_TYPE
  end
  current.set_stream(self)
  return self
end

local function refuse(what, message)
  error({
    type = "Runtime.StreamError",
    message = ("stream:%s: %s"):format(what, message),
    where = check.where(),
  }, 0)
end

local function say(self, what, sent, err)
  if not sent then
    if err.kind ~= "interrupt" and err.kind ~= "limit" then
      self.state = "broken"
    end
    refuse(what, err.message)
  end
end

local function begin(self, what)
  if self.state == "new" then
    if not current.is_open() or current.stream() ~= self then
      refuse(what, "the invocation is over")
    end
    say(self, what, self.api:stream(self.request_id, self.content_type))
    self.state = "open"
    if self.head then
      say(self, what, self.api:write(self.head))
    end
  end
end

function methods:write(bytes)
  check.type("stream:write", bytes, "string")
  if self.state == "closed" then
    refuse("write", "the stream is closed")
  elseif self.state == "broken" then
    refuse("write", "nobody reads any more")
  end
  begin(self, "write")
  if bytes ~= "" then
    say(self, "write", self.api:write(bytes))
  end
  return self
end

function methods:close()
  if self.state == "closed" or self.state == "broken" then
    return
  end
  begin(self, "close")
  local sent, err = self.api:finish()
  self.state = sent and "closed" or "broken"
  say(self, "close", sent, err)
end

--- The handler has returned: what it returned besides has no place to go to.
---@param result any
function methods:finish(result)
  if result ~= nil and result ~= self then
    report.refuse("Runtime.InvalidResponse",
      "the handler streams its answer, and returns a value as well: " .. type(result))
  end
  self:close()
end

--- Whether something of the answer was sent, so that it cannot be another one any more.
---@return boolean
function methods:has_begun()
  return self.state ~= "new"
end

--- Ends what the handler left open. A failure that comes too late for the caller is told in the log
--- alone, where every failure is.
---@param failed? engine.runtime.Failed
function methods:settle(failed)
  if self.state == "open" then
    local frames = table.move(failed.stackTrace, 1, MOST_FRAMES, 1, {})
    local sent, err = self.api:finish(failed.errorType, report.encode {
      errorType = failed.errorType,
      errorMessage = failed.errorMessage:sub(1, MOST_BYTES),
      stackTrace = frames,
    })
    if not sent then
      io.stderr:write("the stream could not be ended: ", tostring(err), "\n")
    end
  end
  self.state = "closed"
end

return stream
