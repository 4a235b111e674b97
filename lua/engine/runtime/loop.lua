--- One event after another: decode, call, encode, answer. What a handler does wrong fails its own
--- invocation; only a Runtime API that is gone, or the wish to stop, ends the loop.
local context = require "engine.runtime.context"
local current = require "engine.runtime.current"
local json = require "host.json"
local report = require "engine.runtime.report"

local loop = {}

local STOPPED = 130

local function is_interrupt(raised)
  return type(raised) == "table" and rawget(raised, "kind") == "interrupt"
end

-- The result as JSON, or nil and the error object.
local function run(invocation, handler, on_error)
  local event, malformed = json.decode(invocation.body)
  if malformed then
    return nil, report.make("Runtime.MalformedEvent", "the event is no JSON: " .. malformed.message)
  end
  local of_invocation = context.new(invocation)
  current.begin(of_invocation)
  local ok, result = xpcall(handler, on_error, event, of_invocation)
  if not ok then
    return nil, report.describe(result), type(result) == "table" and is_interrupt(result.raised)
  end
  if result == nil then
    return "null"
  end
  local text, unsayable = json.encode(result)
  if not text then
    return nil, report.make("Runtime.MarshalError", "the result is no JSON: " .. unsayable.message)
  end
  return text
end

local function answer(api, id, text, failed)
  if failed then
    return api:fail(id, failed.errorType, report.encode(failed))
  end
  local sent, err = api:respond(id, text)
  if sent or err.status ~= 413 then
    return sent, err
  end
  local too_large = report.make("Function.ResponseSizeTooLarge",
    ("the result has %d bytes: more than Lambda passes on"):format(#text))
  return api:fail(id, too_large.errorType, report.encode(too_large))
end

-- Between events, when nobody waits. A step takes what is young; what had been kept for a while, and
-- no longer is, only a whole collection finds, and a step never begins one: Lua does so when it owes
-- work, and the step has just paid. So it is begun here, when there is twice as much as after the last.
local function new_collector()
  local kept = collectgarbage "count"
  return function()
    collectgarbage "step"
    if collectgarbage "count" > 2 * kept then
      collectgarbage()
      kept = collectgarbage "count"
    end
  end
end

local function serve(api, handler, root)
  local on_error = report.handler(root)
  local collect = new_collector()
  while true do
    collect()
    local invocation, err = api:next()
    local sent, stop
    if invocation then
      local text, failed
      text, failed, stop = run(invocation, handler, on_error)
      current.finish(failed)
      io.stdout:flush()
      sent, err = answer(api, invocation.request_id, text, failed)
    end
    if stop then
      return STOPPED
    elseif not sent then
      error(err, 0)
    end
  end
end

--- Serves until the Runtime API goes away (1) or a signal asks to stop (130).
---@param api host.lambda_runtime.Loop
---@param handler fun(event: any, context: table): any
---@param root string
---@return integer status
function loop.serve(api, handler, root)
  local ok, result = pcall(serve, api, handler, root)
  if ok then
    return result
  elseif is_interrupt(result) then
    return STOPPED
  end
  io.stderr:write(tostring(result), "\n")
  return 1
end

return loop
