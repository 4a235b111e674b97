--- Follows a stack until nothing moves: polls its status, hands on its events, knows when to stop.
---
--- The first look comes after 20 ms, so that a fast back end is not waited for; the pauses then grow,
--- with jitter, to 5 s, and shrink again when something happens. Being told to slow down slows down;
--- a lost connection is borne for a while.
local failure = require "engine.failure"
local stack = require "engine.aws.stack"

local follow = {}

local FIRST_PAUSE = 0.02 -- seconds
local LONGEST_PAUSE = 5
local GROWTH = 1.6
local JITTER = 0.25
local PATIENCE = 8 -- refusals in a row that may be borne
local DISBELIEF = 10 -- seconds for which a final status without its event is not believed
local DEADLINE = 3600 -- seconds

---@class engine.FollowOptions
---@field mark? string                    the newest event that is not part of this operation
---@field deadline? number                seconds from now; default 3,600
---@field on_event? fun(event: table)     each event once, the oldest first
---@field on_wait? fun(found: engine.Stack, seconds: number)  before each pause
---@field attach? string                  how to look again: said when we stop before the end

---@class engine.Followed
---@field stack engine.Stack
---@field events table[]   of this operation, the oldest first

--- Makes a pause that grows: call it to wait once more, `reset` it when something happened.
---@param clock table  host.clock
---@return { wait: fun(self), slow: fun(self), reset: fun(self) }
function follow.pauses(clock)
  local pauses = { seconds = FIRST_PAUSE }

  function pauses:wait()
    local spread = 1 + JITTER * (2 * math.random() - 1)
    assert(clock.sleep(self.seconds * spread))
    self.seconds = math.min(self.seconds * GROWTH, LONGEST_PAUSE)
  end

  function pauses:slow()
    self.seconds = math.min(math.max(self.seconds, 1) * 2, LONGEST_PAUSE)
  end

  function pauses:reset()
    self.seconds = math.min(self.seconds, 10 * FIRST_PAUSE)
  end

  return pauses
end

local function left_running(kind, code, name, options, cause)
  local message = kind == "deadline"
      and ("the stack '%s' is still changing after %d s"):format(name, options.deadline)
    or kind == "interrupt" and ("stopped following the stack '%s'; it goes on without us"):format(
      name
    )
    or ("lost sight of the stack '%s' while it was changing"):format(name)
  failure.raise(kind, message, {
    code = code,
    cause = cause,
    hint = options.attach or ("look again with `laconic status %s`"):format(name),
    still_running = true,
  })
end

-- One look: the stack, and the events since the last look. nil when it is gone.
local function look(session, id, seen)
  local found = stack.describe(session, id)
  local fresh = found and stack.events(session, id, seen.mark) or {}
  return found, fresh
end

local function note(fresh, seen, events, on_event)
  for _, event in ipairs(fresh) do
    seen.mark = event.EventId
    table.insert(events, event)
    if on_event then
      on_event(event)
    end
  end
end

-- What to do about a look that failed: bear it, or stop.
local function bear(raised, refusals, name, options)
  if failure.is(raised, "interrupt") then
    left_running("interrupt", nil, name, options)
  elseif not (failure.is(raised) and raised.retryable) then
    error(raised, 0)
  elseif refusals > PATIENCE then
    left_running("deadline", "E503", name, options, raised)
  end
end

local function pause(pauses, name, options)
  local ok, raised = pcall(pauses.wait, pauses)
  if not ok then
    bear(raised, 0, name, options)
  end
end

local function gone(target)
  return { name = target.name, id = target.id, status = "DELETE_COMPLETE", outputs = {} }
end

-- The status that the newest event of the stack itself tells.
local function told_status(events, stack_id)
  for i = #events, 1, -1 do
    if events[i].PhysicalResourceId == stack_id then
      return events[i].ResourceStatus
    end
  end
end

-- Whether a final status belongs to this operation, and is not the one from before it, which
-- CloudFormation may go on showing for a moment: the events must tell the same. Back ends that tell
-- nothing are believed after a while.
local function is_settled(found, events, seconds)
  return stack.TERMINAL[found.status] ~= nil
    and (told_status(events, found.id) == found.status or seconds > DISBELIEF)
end

--- Follows a stack to a status that stays. A stack that is gone counts as DELETE_COMPLETE.
--- Raises "deadline" or "interrupt", with `still_running`, when it stops before the end.
---@param session engine.Session
---@param target { id: string, name: string }
---@param options? engine.FollowOptions
---@return engine.Followed
function follow.run(session, target, options)
  options = setmetatable({}, { __index = options or {} })
  options.deadline = options.deadline or DEADLINE
  local clock, pauses = session.clock, follow.pauses(session.clock)
  local started, refusals = clock.monotonic(), 0
  local seen, events = { mark = options.mark }, {}
  while true do
    local seconds = clock.monotonic() - started
    local ok, found, fresh = pcall(look, session, target.id, seen)
    if not ok then
      refusals = refusals + 1
      bear(found, refusals, target.name, options)
      pauses:slow()
    elseif not found then
      return { stack = gone(target), events = events }
    else
      refusals = 0
      note(fresh, seen, events, options.on_event)
      if is_settled(found, events, seconds) then
        return { stack = found, events = events }
      elseif #fresh > 0 then
        pauses:reset()
      end
      if options.on_wait then
        options.on_wait(found, seconds)
      end
    end
    if seconds > options.deadline then
      left_running("deadline", "E503", target.name, options)
    end
    pause(pauses, target.name, options)
  end
end

local function is_cancelled(reason)
  return reason:lower():find("cancelled", 1, true) ~= nil
end

--- The event that began the failure: the first failed one of a resource that was not merely
--- cancelled because another had failed.
---@param events table[]
---@param stack_id string
---@return table? event
function follow.root_cause(events, stack_id)
  local fallback
  for _, event in ipairs(events) do
    local failed = (event.ResourceStatus or ""):find "_FAILED$" ~= nil
    local reason = event.ResourceStatusReason or ""
    if failed and event.PhysicalResourceId ~= stack_id and not is_cancelled(reason) then
      return event
    end
    local of_stack = event.PhysicalResourceId == stack_id and reason ~= ""
    fallback = fallback or (of_stack and not is_cancelled(reason) and failed and event or nil)
  end
  return fallback
end

return follow
