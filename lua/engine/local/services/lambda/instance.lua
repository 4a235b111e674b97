--- One execution environment: a `bootstrap` process with Lambda's environment, fed one invocation at
--- a time through the Runtime API, watched, and ended.
local clock = require "host.clock"
local code = require "engine.local.services.lambda.code"
local environment = require "engine.local.services.lambda.environment"
local file = require "host.file"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local log_stream = require "engine.local.services.lambda.log_stream"
local loop = require "engine.local.loop"
local process = require "host.process"

local instance = {}
instance.__index = instance

--- Where instances have their temporary folders, below the cloud's state.
instance.SCRATCH = "lambda/scratch"

local INIT_SECONDS <const> = 10
local IDLE_SECONDS <const> = 300
local BUSY_LOOK_SECONDS <const> = 0.05
local IDLE_LOOK_SECONDS <const> = 1
local READ_BYTES <const> = 65536
local DRAIN_READS <const> = 64
local TAKEN_SECONDS <const> = 5
local MEGABYTE <const> = 1048576
local MEMORY_SLACK <const> = 256 * MEGABYTE -- the sampled limit strikes first; this one is the wall
local KILL <const> = 9
local SIGNALS <const> = {
  [6] = "aborted", [9] = "killed", [11] = "segmentation fault", [15] = "terminated",
}

---@class engine.local.services.lambda.Invocation
---@field request_id string
---@field payload string
---@field deadline number           seconds since 1970
---@field client_context? string
---@field sink? engine.local.services.lambda.EventSink  takes what is streamed
---@field broken? true              what it streamed broke off
---@field taken? engine.local.Event  while it streams: set when what came is taken
---@field done engine.local.Event   set with { payload, error?, status }

---@class engine.local.services.lambda.Instance
---@field id string
---@field key string                the function, version and revision that it runs
---@field state "starting"|"idle"|"busy"|"ended"
---@field idle_since number
---@field folder string             where the archive is unpacked, sealed
---@field scratch string            for its temporary files, gone with it

local function error_body(request_id, kind, message)
  return assert(json.encode {
    errorType = kind,
    errorMessage = ("RequestId: %s Error: %s"):format(request_id, message),
  })
end

-- Answers the invocation at hand, if there is one.
local function answer(self, result)
  local invocation = self.invocation
  if invocation then
    self.invocation = nil
    invocation.done:set(result)
  end
end

local function fail(self, kind, message, status)
  local invocation = self.invocation
  if not invocation then
    return
  end
  local id = invocation.request_id
  if kind ~= "Sandbox.Timedout" then
    self.log:platform(("RequestId: %s Error: %s"):format(id, message), "platform.runtimeDone", {
      requestId = id, status = status or "error", errorType = kind,
    })
    self.log:platform(kind, "platform.fault", { requestId = id, errorType = kind })
  end
  answer(self, {
    error = "Unhandled",
    payload = error_body(id, kind, message),
    status = status or "error",
  })
end

local function ending_of(result)
  if result and result.signal then
    return "Runtime exited with error: signal: " .. (SIGNALS[result.signal] or result.signal)
  elseif result and result.status and result.status ~= 0 then
    return "Runtime exited with error: exit status " .. result.status
  end
  return "Runtime exited without providing a reason"
end

local function drain(self)
  for _ = 1, DRAIN_READS do
    local bytes = self.process:read(READ_BYTES)
    if not bytes then
      return false
    elseif bytes == "" then
      return true
    end
    self.log:write(bytes)
  end
  return true
end

--- Ends the process, with everything that it started.
---@param kind? string     the errorType of the invocation that is cut short
---@param message? string
---@param status? string   "timeout", "error"
function instance:stop(kind, message, status)
  if self.state == "ended" then
    return
  end
  self.state = "ended"
  if self.waiting then
    self.watcher:cancel() -- before the descriptor that it waits for is closed
  end
  if self.process then
    self.process:kill(KILL)
    drain(self)
    self.process:close()
  end
  file.remove_tree(self.scratch)
  self.log:end_line()
  fail(self, kind or "Runtime.ExitError", message or "Runtime exited with error: signal: killed",
    status)
  self.log:flush()
  self.inbox:set(nil) -- who waits in `next` learns that it is over
  self.ready:set(false)
  self.on_end(self)
end

local function within_memory(self)
  self.memory_used = math.max(self.memory_used, self.process:memory() or 0)
  return self.state == "idle" or self.memory_used <= self.config.MemorySize * MEGABYTE
end

-- What a process streamed before it ended goes to the caller before its end does.
local function await_stream(self)
  local taken = self.invocation and self.invocation.taken
  if taken then
    taken:wait(TAKEN_SECONDS)
  end
end

-- Whether it has ended, grown too large or idled too long: then it is stopped.
local function inspect(self)
  local result = self.process:poll()
  if result then
    await_stream(self)
    self:stop("Runtime.ExitError", ending_of(result))
  elseif not within_memory(self) then
    self:stop("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
  elseif self.state == "idle" and clock.monotonic() - self.idle_since > IDLE_SECONDS then
    self:stop()
  end
end

-- Waits for output, at most until the next look at the process; false when there is no more.
local function read_output(self, pause)
  self.waiting = true
  local readable = loop.wait_readable(self.process:fd(), pause)
  self.waiting = false
  if not readable then
    return true
  end
  local bytes = self.process:read(READ_BYTES)
  self.log:write(bytes or "")
  return bytes ~= nil
end

local function watch(self)
  local open, look_at = true, 0
  while self.state ~= "ended" do
    local pause = self.state == "idle" and IDLE_LOOK_SECONDS or BUSY_LOOK_SECONDS
    if open then
      open = read_output(self, pause)
    else
      self.waiting = true
      loop.sleep(pause)
      self.waiting = false
    end
    if not open or clock.monotonic() >= look_at then
      inspect(self)
      look_at = clock.monotonic() + pause
    end
  end
end

local function runtime_obstacle(config)
  local runtime = config.Runtime or ""
  if not runtime:find "^provided" then
    return ("this cloud runs provided.al2023 alone, not '%s'"):format(runtime)
  end
end

local function spawn(self, words)
  words.cwd = self.folder
  words.env = environment.of(self)
  words.memory = self.config.MemorySize * MEGABYTE + MEMORY_SLACK
  local handle, err = process.spawn(words)
  return handle, err and ("fork/exec /var/task/bootstrap: %s"):format(err.message)
end

---@class engine.local.services.lambda.InstanceFacts
---@field cloud engine.local.Cloud
---@field region string
---@field name string
---@field arn string
---@field config table     of the version
---@field key string
---@field on_end fun(self: engine.local.services.lambda.Instance)

--- Starts the process of a function's version.
---@param facts engine.local.services.lambda.InstanceFacts
---@return engine.local.services.lambda.Instance
function instance.start(facts)
  local config = facts.config
  local self = setmetatable({
    id = identifier.token(24),
    key = facts.key,
    cloud = facts.cloud,
    region = facts.region,
    name = facts.name,
    arn = facts.arn,
    config = config,
    on_end = facts.on_end,
    state = "starting",
    inbox = loop.event(),
    ready = loop.event(),
    idle_since = clock.monotonic(),
    started = clock.monotonic(),
    memory_used = 0,
  }, instance)
  self.log = log_stream.new {
    cloud = facts.cloud,
    region = facts.region,
    group = (config.LoggingConfig or {}).LogGroup or "/aws/lambda/" .. facts.name,
    version = config.version,
    format = (config.LoggingConfig or {}).LogFormat or "Text",
  }
  self.folder = code.folder(facts.cloud, config.code.sha256)
  self.scratch = facts.cloud.state:folder(instance.SCRATCH .. "/" .. self.id)
  local words
  self.obstacle = runtime_obstacle(config)
  if not self.obstacle then
    words, self.obstacle = code.start_words(self.folder)
  end
  if words then
    self.process, self.obstacle = spawn(self, words)
  end
  if self.process then
    self.watcher = loop.spawn(watch, self)
  end
  return self
end

-- Waits until the runtime asks for its first event, or says or shows that it cannot.
local function finish_init(self)
  if self.ready.is_set then
    return
  end
  if not self.ready:wait(INIT_SECONDS) and self.state == "starting" then
    self.log:platform(("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: timeout"):format(
      INIT_SECONDS * 1000), "platform.initReport", { phase = "init", status = "timeout" })
    self:stop("Sandbox.Timedout",
      ("Task timed out after %.2f seconds"):format(INIT_SECONDS), "timeout")
  end
end

--- Runs one invocation to its end, however it ends.
---@param invocation engine.local.services.lambda.Invocation
---@return { payload: string, error?: string, status: string, log: string }
function instance:run(invocation)
  local first = self.state == "starting"
  self.state = first and "starting" or "busy"
  self.invocation = invocation
  self.log:begin(invocation.request_id, self.config.version)
  if self.obstacle then
    self:stop("Runtime.InvalidEntrypoint", self.obstacle)
  elseif first then
    finish_init(self)
    if self.init_failed then
      self:stop()
    end
  end
  local began = clock.monotonic()
  local timeout = self.config.Timeout
  invocation.deadline = clock.now() + timeout
  if self.state ~= "ended" then
    self.state = "busy"
    self.inbox:set(invocation)
    if not invocation.done:wait(timeout) then
      self:time_out(timeout)
    end
  end
  local _, result = invocation.done:wait()
  self:report(invocation, result, clock.monotonic() - began, first and began - self.started or nil)
  result.log = self.log:log_result()
  return result
end

--- Ends an invocation that has taken its time.
function instance:time_out(seconds)
  local id = self.invocation.request_id
  local text = ("Task timed out after %.2f seconds"):format(seconds)
  drain(self)
  self.log:platform(("%s %s %s"):format(clock.iso8601(clock.now(), true), id, text),
    "platform.runtimeDone", { requestId = id, status = "timeout" })
  self:stop("Sandbox.Timedout", text, "timeout")
end

--- Writes the last lines of an invocation.
function instance:report(invocation, result, seconds, init_seconds)
  if self.state ~= "ended" then
    drain(self)
    self.memory_used = math.max(self.memory_used, self.process:memory() or 0)
    self.state, self.idle_since = "idle", clock.monotonic()
  end
  self.log:finish {
    request_id = invocation.request_id,
    seconds = seconds,
    init_seconds = init_seconds,
    memory_size = self.config.MemorySize,
    memory_used = math.min(math.ceil(self.memory_used / MEGABYTE), self.config.MemorySize),
    status = result.status,
  }
  self.log:flush()
end

--- The runtime begins to stream: the invocation whose answer it is, nil when it is none at hand.
---@param request_id string
---@return engine.local.services.lambda.Invocation?
function instance:at_hand(request_id)
  local invocation = self.invocation
  return invocation and invocation.request_id == request_id and invocation or nil
end

-- A stream that broke off is judged when it is clear that the runtime lives on: when it has died, or
-- dies, its end tells more.
local function give_up_stream(self)
  local invocation = self.invocation
  if invocation and invocation.broken then
    fail(self, "Runtime.TruncatedResponse", "The response was cut off")
  end
end

--- The runtime asks for the next event: waits until there is one; nil when the instance has ended.
---@return engine.local.services.lambda.Invocation?
function instance:next()
  give_up_stream(self)
  self.ready:set(true)
  local _, invocation = self.inbox:wait()
  self.inbox = self.state ~= "ended" and loop.event() or self.inbox
  return invocation
end

--- The runtime gives a result, or an error.
---@param request_id string
---@param result { payload: string, error?: string, status: string }
---@return boolean known  false when no such invocation is at hand
function instance:give(request_id, result)
  if not self.invocation or self.invocation.request_id ~= request_id then
    return false
  end
  answer(self, result)
  return true
end

--- The runtime gave what cannot be passed on; it may tell of its own error yet.
---@param request_id string
---@param result { payload: string, error: string, status: string }
---@return boolean known
function instance:give_refused(request_id, result)
  local known = self:give(request_id, result)
  self.refused_id = known and request_id or self.refused_id
  return known
end

--- The runtime gives an error: of the invocation at hand, or of the result that was just refused.
---@param request_id string
---@param result { payload: string, error: string, status: string }
---@return boolean known
function instance:give_error(request_id, result)
  local refused = self.refused_id == request_id
  self.refused_id = nil
  return self:give(request_id, result) or refused
end

--- The runtime says that it could not start.
---@param payload string
function instance:give_init_error(payload)
  if self.state ~= "starting" then
    return false
  end
  self.init_failed = true
  answer(self, { error = "Unhandled", payload = payload, status = "error" })
  self.ready:set(false)
  return true
end

return instance
