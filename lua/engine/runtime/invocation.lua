--- One invocation: the event is decoded, the handler called, the result encoded; what fails becomes
--- Lambda's error object.
local clock = require "host.clock"
local context = require "engine.runtime.context"
local current = require "engine.runtime.current"
local guard = require "host.guard"
local json = require "host.json"
local report = require "engine.runtime.report"

local invocation = {}

--- What serves a function: made once, at start.
---@class engine.runtime.Plan
---@field handler fun(event: any, context: table): any
---@field chain? table<string, function[]>  see engine.runtime.interceptors
---@field on_error fun(raised: any): table
---@field margin number                     seconds before the deadline; 0: a handler is never stopped
---@field shutdowns engine.Callback[]

-- Its fields are its author's to change, until they are sent.
local function raw(result)
  local bytes, content_type = result.bytes, result.content_type
  if type(bytes) ~= "string" or type(content_type) ~= "string" then
    local text = "bytes and content_type of a raw result are no strings: %s, %s"
    report.refuse("Runtime.InvalidResponse", text:format(type(bytes), type(content_type)))
  end
  return bytes, content_type
end

-- The result as text, and its type when it is not JSON.
local function encode(result)
  if result == nil then
    return "null"
  end
  local metatable = getmetatable(result)
  if metatable ~= nil and type(metatable) == "table" and metatable.__name == "laconic.result" then
    return raw(result)
  end
  local text, unsayable = json.encode(result)
  if not text then
    report.refuse(unsayable.kind == "memory" and "Runtime.OutOfMemory" or "Runtime.MarshalError",
      "the result is no JSON: " .. unsayable.message)
  end
  return text
end

local function finish(result)
  local stream = current.stream()
  if stream then
    return stream:finish(result)
  end
  return encode(result)
end

local function run_plain(self, handler)
  local event, malformed = json.decode(self.body)
  if malformed then
    report.refuse("Runtime.MalformedEvent", "the event is no JSON: " .. malformed.message)
  end
  self.body = nil
  return finish(handler(event, self))
end

local function run_intercepted(self, plan, state)
  local interceptors = require "engine.runtime.interceptors"
  return finish(interceptors.dispatch(plan.chain, self, plan.handler, plan.on_error, state))
end

local function is_interrupt(caught)
  local raised = type(caught) == "table" and caught.raised
  return type(raised) == "table" and rawget(raised, "kind") == "interrupt"
end

-- What is left of it, now that all is known: the answer, or the failure.
local function settle(ok, text, more)
  if ok then
    current.finish()
    return text, more
  end
  local late = more == true
  local failed = report.describe(text)
  if late and is_interrupt(text) then -- what waited was told so, and the handler raised that
    failed.errorType = "Runtime.Timeout"
  end
  require("engine.runtime.logger").failure(failed)
  current.finish(failed)
  return nil, nil, failed, not late and is_interrupt(text)
end

local function complete(self, plan, state, ok, caught)
  local interceptors = require "engine.runtime.interceptors"
  local outcome = { ok = ok, result = ok and state.result or nil }
  outcome.streamed = current.stream() and true
  if not ok then
    outcome.error = report.describe(caught)
    outcome.raised = type(caught) == "table" and caught.raised or caught
  end
  return interceptors.complete(plan.chain, self, plan.on_error, state.event, outcome)
end

-- In what is left of the time. They run even when nothing is: then only Lambda ends them.
local function complete_in_time(self, plan, deadline, ...)
  current.settle()
  local in_time = deadline > clock.now()
  local _, caught = guard.call(in_time and deadline or 0, plan.margin, plan.on_error, complete,
    self, plan, ...)
  return caught, in_time and clock.now() >= deadline - plan.margin
end

--- Runs one. Never raises for what a handler or an interceptor does.
---@param plan engine.runtime.Plan
---@param arrived host.lambda_runtime.Invocation  becomes the context
---@return string? text          the result; nil when it failed, or was streamed
---@return string? content_type
---@return engine.runtime.Failed? failed
---@return boolean? interrupted  a signal asked to stop
function invocation.run(plan, arrived)
  local self = context.new(arrived)
  local deadline, margin, on_error = self.deadline, plan.margin, plan.on_error
  current.begin(self)
  if not plan.chain then
    return settle(guard.call(deadline, margin, on_error, run_plain, self, plan.handler))
  end
  local state = {}
  local ok, text, more = guard.call(deadline, margin, on_error, run_intercepted, self, plan, state)
  local caught, late = complete_in_time(self, plan, deadline, state, ok, text)
  if ok and caught then
    return settle(false, caught, late)
  end
  return settle(ok, text, more)
end

return invocation
