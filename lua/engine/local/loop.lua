--- One thread, many tasks: coroutines that wait together for time, file descriptors and events.
---
---     local loop = require "engine.local.loop"
---     loop.run(function()
---       local done = loop.event()
---       loop.spawn(function()
---         loop.sleep(0.1)
---         done:set "tea is ready"
---       end)
---       print(select(2, done:wait(1)))  --> tea is ready
---     end)
---
--- A program has one loop. A task runs until it waits; between two waits nothing else runs, so plain
--- tables need no locks. A task that fails is logged and forgotten: it never ends the loop.
local clock = require "host.clock"
local log = require "host.log"
local poll = require "host.poll"
local timers = require "engine.local.timers"

local loop = {}

local KEPT_THREADS <const> = 64
local DONE <const> = {} -- what a thread yields when its task has ended

local ready = {} -- tasks whose wait is over, in the order in which it ended
local spare = {} -- the next turn's
local clocked = timers.new() -- tasks whose wait may time out
local watched = {} -- file descriptor → the tasks that wait for it
local watchers = {} -- file descriptor → what is called whenever it can be read
local lapsed = {} -- file descriptors for which nobody waits any more
local polled -- the set of all of them, made when the loop first waits
local readable = {} -- those that can be read
local tasks = {} -- every task that has not ended
local threads = {} -- that have run their task, and may run another

-- The task that runs now. It stands in a table: a new object that is put into an old function's
-- variable counts as old at once for Lua's generational collector, which then keeps it, and all that
-- it leads to, until the next whole collection.
local running = {}

--- A task waits for one thing at a time, so it is its own wait, and a timer too. Who waits for its end
--- stands in its list.
---@class engine.local.Task
---@field fn function
---@field done boolean
---@field ok? boolean      how it ended
---@field result any       what it returned first, or what it raised
---@field settled boolean  it waits no longer
---@field value any        what it is then resumed with
---@field fd? integer      that it waits for
local task_methods = {}
task_methods.__index = task_methods

--- Who waits for it stands in its list.
---@class engine.local.Event
---@field is_set boolean
local event_methods = {}
event_methods.__index = event_methods

local function settle(task, value)
  if task.settled then
    return
  end
  task.settled, task.value = true, value
  if task.place then
    clocked:remove(task)
  end
  ready[#ready + 1] = task
end

local function poll_set()
  polled = polled or assert(poll.set())
  return polled
end

local function leave(list, task)
  for i = #list, 1, -1 do
    if list[i] == task then
      table.remove(list, i)
    end
  end
end

local function unwatch(task)
  local waiting = watched[task.fd]
  leave(waiting, task)
  if #waiting == 0 then
    watched[task.fd] = nil
    lapsed[task.fd] = true
  end
end

-- Lets the task that runs wait; it then yields.
local function begin_wait(timeout)
  if not loop.in_task() then
    error("only a task can wait: call this inside loop.run", 3)
  end
  local task = running.task
  task.settled = false
  if timeout then
    task.at = clock.monotonic() + (timeout > 0 and timeout or 0)
    clocked:add(task)
  end
  return task
end

-- Wakes everyone in a list.
local function settle_all(list)
  for i = 1, #list do
    settle(list[i], true)
    list[i] = nil
  end
end

local function finish(task, ok, result)
  task.done, task.ok, task.result = true, ok, result
  tasks[task] = nil
  settle_all(task)
end

local function is_interrupt(problem)
  return type(problem) == "table" and problem.kind == "interrupt"
end

local function name_of(task)
  local info = debug.getinfo(task.fn, "S")
  return info.short_src .. ":" .. info.linedefined
end

local function report(task, problem)
  local text = type(problem) == "string" and debug.traceback(task.thread, problem)
    or type(problem) == "table" and problem.message
  log.error("a task failed", { task = name_of(task), error = tostring(text or problem) })
end

local function fail(task, problem)
  if not task.quiet and not is_interrupt(problem) then
    report(task, problem)
  end
  coroutine.close(task.thread)
  finish(task, false, problem)
  if is_interrupt(problem) then
    error(problem, 0)
  end
end

-- What a thread runs: one task after the other, each handed to it by who resumes it.
local function work(task)
  while true do
    task = coroutine.yield(DONE, task.fn(task.a, task.b, task.c, task.d))
  end
end

local function resume(task)
  local value = task.value
  running.task, task.value, task.fd = task, nil, nil
  local ok, ended, result = coroutine.resume(task.thread, value)
  running.task = nil
  if not ok then
    fail(task, ended)
  elseif ended == DONE then
    task.a, task.b, task.c, task.d = nil, nil, nil, nil -- the thread still holds the task
    if #threads < KEPT_THREADS then
      threads[#threads + 1] = task.thread
    end
    finish(task, true, result)
  end
end

-- Resumes what was ready when the turn began; what they make ready waits for the next turn, so that
-- tasks which wake each other cannot starve the file descriptors.
local function run_ready()
  local batch = ready
  ready, spare = spare, batch
  for i = 1, #batch do
    local task = batch[i]
    batch[i] = nil
    if not task.done then
      resume(task)
    end
  end
end

local function expire(now)
  local first = clocked:first()
  while first and first.at <= now do
    if first.fd then
      unwatch(first)
    end
    settle(first, false)
    first = clocked:first()
  end
end

local function time_to_wait()
  if #ready > 0 then
    return 0
  end
  local first = clocked:first()
  return first and math.max(first.at - clock.monotonic(), 0)
end

local function call_watcher(watcher)
  local ok, problem = xpcall(watcher, debug.traceback)
  if is_interrupt(problem) then
    error(problem, 0)
  elseif not ok then
    log.error("a watcher failed", { error = tostring(problem) })
  end
end

-- A descriptor leaves the set when a turn has passed and nobody waits for it again.
local function forget_lapsed()
  for fd in pairs(lapsed) do
    lapsed[fd] = nil
    if not watched[fd] and not watchers[fd] then
      polled:remove(fd)
    end
  end
end

local function settle_readable(fd)
  local waits = watched[fd]
  if waits then
    watched[fd], lapsed[fd] = nil, true
    settle_all(waits)
  elseif watchers[fd] then
    call_watcher(watchers[fd])
  else
    lapsed[fd] = true
  end
end

local function await()
  forget_lapsed()
  local timeout = time_to_wait()
  if not timeout and not next(watched) and not next(watchers) then
    error("every task waits for an event that nobody can set", 0)
  end
  for i = 1, assert(poll_set():wait(readable, timeout)) do
    settle_readable(readable[i])
  end
  expire(clock.monotonic())
end

--- Starts a task; it first runs when the caller waits. `fn(a, b, c, d)` may wait as it likes.
---@param fn function
---@param a? any
---@param b? any
---@param c? any
---@param d? any
---@return engine.local.Task
function loop.spawn(fn, a, b, c, d)
  local task = setmetatable({
    fn = fn,
    a = a,
    b = b,
    c = c,
    d = d,
    thread = table.remove(threads) or coroutine.create(work),
    done = false,
    settled = true,
    value = nil, -- and these will be set: room for them is made now
    at = nil,
    place = nil,
    fd = nil,
    ok = nil,
    result = nil,
  }, task_methods)
  task.value = task
  tasks[task] = true
  ready[#ready + 1] = task
  return task
end

--- Whether a task is running: only then may one wait, and what is spawned is certain to run.
---@return boolean
function loop.in_task()
  return running.task ~= nil and coroutine.running() == running.task.thread
end

--- Runs tasks until `is_done()` is true; it is asked after every turn. For the
--- program, not for tasks.
---@param is_done fun(): boolean
function loop.run_until(is_done)
  while not is_done() do
    run_ready()
    if not is_done() then
      await()
    end
  end
end

--- Runs `fn(a, b, c, d)` as a task, and every other task beside it, until it ends; returns its first result
--- or raises what it raised. The tasks that are left then are cancelled. Ctrl-C ends it early with an
--- error of kind "interrupt".
---@param fn function
---@return any
function loop.run(fn, a, b, c, d)
  if next(tasks) then
    error("the loop runs already", 2)
  end
  local main = loop.spawn(fn, a, b, c, d)
  main.quiet = true -- its error is raised here, not logged
  local ok, problem = pcall(loop.run_until, function()
    return main.done
  end)
  running.task = nil
  loop.cancel_all()
  if not ok then
    error(problem, 0)
  elseif not main.ok then
    error(main.result, 0)
  end
  return main.result
end

--- Cancels every task, so that what they hold to be closed is closed.
function loop.cancel_all()
  local left = {}
  for task in pairs(tasks) do
    table.insert(left, task)
  end
  for _, task in ipairs(left) do
    task:cancel()
  end
  ready, spare = {}, {}
end

--- Waits `seconds`; 0 lets the others run once.
---@param seconds number
function loop.sleep(seconds)
  begin_wait(seconds)
  coroutine.yield()
end

--- Waits until `fd` can be read (or is at its end), at most `timeout` seconds.
---@param fd integer
---@param timeout? number
---@return boolean readable  false on time-out
function loop.wait_readable(fd, timeout)
  if not watched[fd] then
    assert(poll_set():add(fd))
  end
  local task = begin_wait(timeout)
  task.fd = fd
  watched[fd] = watched[fd] or {}
  table.insert(watched[fd], task)
  return coroutine.yield()
end

--- Calls `fn()` whenever `fd` can be read, outside of any task: it must not wait. One for each.
---@param fd integer
---@param fn function
function loop.watch(fd, fn)
  assert(poll_set():add(fd))
  watchers[fd] = fn
end

--- Ends that; before the descriptor is closed.
---@param fd integer
function loop.unwatch(fd)
  watchers[fd] = nil
  poll_set():remove(fd)
end

--- Makes an event: something that happens once, for which any number of tasks can wait.
---@return engine.local.Event
function loop.event()
  return setmetatable({ is_set = false, value = nil }, event_methods)
end

--- Says that it happened, and wakes those who wait. Setting it again changes nothing.
---@param value? any  handed to those who wait
function event_methods:set(value)
  if self.is_set then
    return
  end
  self.is_set, self.value = true, value
  settle_all(self)
end

--- Makes it an event that has not happened, for its next use.
function event_methods:clear()
  self.is_set, self.value = false, nil
end

--- Waits until it has happened, at most `timeout` seconds.
---@param timeout? number
---@return boolean happened  false on time-out
---@return any value         what `set` was given
function event_methods:wait(timeout)
  if self.is_set then
    return true, self.value
  end
  local task = begin_wait(timeout)
  self[#self + 1] = task
  local happened = coroutine.yield()
  if not happened then
    leave(self, task)
  end
  return happened, self.value
end

--- Waits until the task has ended, at most `timeout` seconds; then `ok` and `result` tell how.
---@param timeout? number
---@return boolean ended
function task_methods:wait(timeout)
  if self.done then
    return true
  end
  local task = begin_wait(timeout)
  self[#self + 1] = task
  local ended = coroutine.yield()
  if not ended then
    leave(self, task)
  end
  return ended
end

--- Ends a task where it waits: its to-be-closed variables are closed. A task cannot cancel itself.
function task_methods:cancel()
  if self.done then
    return
  elseif self == running.task then
    error("a task cannot cancel itself", 2)
  end
  clocked:remove(self)
  if self.fd and watched[self.fd] then
    unwatch(self)
  end
  self.settled = true -- nobody wakes it any more
  local closed, problem = coroutine.close(self.thread)
  if not closed then
    log.error("a task failed while it was cancelled",
      { task = name_of(self), error = tostring(problem) })
  end
  finish(self, false, "cancelled")
end

return loop
