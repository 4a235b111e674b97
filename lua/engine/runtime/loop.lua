--- One event after another: run it, send the answer. What a handler does wrong fails its own
--- invocation; only a Runtime API that is gone, or the wish to stop, ends the loop.
local context = require "engine.runtime.context"
local guard = require "host.guard"
local invocation = require "engine.runtime.invocation"
local report = require "engine.runtime.report"

local loop = {}

local STOPPED = 130
local GATHERED = 32 -- kB: the garbage of ten small events

local function is_interrupt(raised)
  return type(raised) == "table" and rawget(raised, "kind") == "interrupt"
end

local function answer(api, arrived, text, content_type, failed)
  local id = arrived.request_id
  local stream = rawget(arrived, "open_stream")
  if stream and stream:has_begun() then
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

local function serve(api, plan)
  local collect = new_collector()
  while true do
    collect()
    local arrived, err = api:next()
    local sent, stop
    if arrived then
      local text, content_type, failed
      text, content_type, failed, stop = invocation.run(plan, arrived)
      io.stdout:flush()
      sent, err = answer(api, arrived, text, content_type, failed)
    end
    if stop then
      return STOPPED
    elseif not sent then
      error(err, 0)
    end
  end
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
