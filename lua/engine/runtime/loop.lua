--- One event after another: run it, send the answer. What a handler does wrong fails its own
--- invocation; only a Runtime API that is gone, the wish to stop, or memory that handlers keep for
--- themselves ends the loop.
local context = require "engine.runtime.context"
local current = require "engine.runtime.current"
local guard = require "host.guard"
local invocation = require "engine.runtime.invocation"
local report = require "engine.runtime.report"

local loop = {}

local STOPPED = 130
local FULL = 1
local MOST_KEPT = 0.5 -- of the memory, once it was not enough
local GATHERED = 32 -- kB: the garbage of ten small events

local function is_interrupt(raised)
  return type(raised) == "table" and rawget(raised, "kind") == "interrupt"
end

local function answer(api, id, text, content_type, failed)
  local stream = current.stream()
  if stream and stream:has_begun() then
    io.stdout:flush()
    stream:settle(failed)
    return true -- whether the Runtime API is still there, the next call tells
  elseif failed then
    return api:fail(id, failed.errorType, report.encode(failed))
  end
  local sent, err = api:respond(id, text, content_type)
  if sent or err.status ~= 413 then
    return sent, err
  end
  local too_large = report.make("Function.ResponseSizeTooLarge",
    ("the result has %d bytes: more than Lambda passes on"):format(#text))
  return api:fail(id, too_large.errorType, report.encode(too_large))
end

-- Between events, when nobody waits, and some garbage has gathered. A step takes what is young; what
-- had been kept for a while, and no longer is, only a whole collection finds, and a step never begins
-- one: Lua does so when it owes work, and the step has just paid. So it is begun here, when there is
-- twice as much as after the last.
local function new_collector()
  local kept = collectgarbage "count"
  local looked_at = kept
  return function()
    local used = collectgarbage "count"
    if used < looked_at + GATHERED then
      return
    end
    collectgarbage "step"
    used = collectgarbage "count"
    if used > 2 * kept then
      collectgarbage()
      used = collectgarbage "count"
      kept = used
    end
    looked_at = used
  end
end

-- What modules and upvalues keep would fail every event from now on; Lambda starts another process.
local function is_full(failed)
  if failed.errorType ~= "Runtime.OutOfMemory" or guard.memory_kept() <= MOST_KEPT then
    return false
  end
  io.stderr:write("what handlers keep between events takes most of the memory: ",
    "this process ends, for another to begin\n")
  return true
end

-- One event. Why the loop is to end after it, if it is: a status; or what the Runtime API refused.
local function serve_one(api, plan)
  local arrived, err = api:next()
  if not arrived then
    return nil, err
  end
  local id = arrived.request_id
  local text, content_type, failed, stop = invocation.run(plan, arrived)
  local sent
  sent, err = answer(api, id, text, content_type, failed)
  return stop and STOPPED, not sent and err, failed
end

local function serve(api, plan)
  local collect = new_collector()
  local status, err, failed
  repeat
    collect()
    status, err, failed = serve_one(api, plan)
    if err and not status then
      error(err, 0)
    end
    status = status or failed and is_full(failed) and FULL
  until status
  return status
end

-- Lambda has asked the process to end, and waits a moment for it.
local function shut_down(plan)
  for _, callback in ipairs(plan.shutdowns) do
    local ok, caught = xpcall(callback.run, plan.on_error)
    if not ok then
      local failed = report.describe(caught)
      io.stderr:write(("on_shutdown (%s): %s\n"):format(callback.where, failed.errorMessage))
    end
  end
  return 0
end

--- Serves until the Runtime API goes away (1), or a signal asks to stop: SIGTERM, when the answer at
--- hand is given (0), or SIGINT, at once (130).
---@param api host.lambda_runtime.Loop
---@param plan engine.runtime.Plan
---@return integer status
function loop.serve(api, plan)
  guard.end_gently()
  context.set_api(api)
  local ok, result = pcall(serve, api, plan)
  if ok then
    return result
  elseif is_interrupt(result) then
    return guard.ending() and shut_down(plan) or STOPPED
  end
  io.stderr:write(tostring(result), "\n")
  return 1
end

return loop
