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
local runtime_api = require "engine.local.services.lambda.runtime_api"
local streaming = require "engine.local.services.lambda.streaming"

local instance = {}
instance.__index = instance

--- Where instances have their temporary folders, below the cloud's state.
instance.SCRATCH = "lambda/scratch"

local INIT_SECONDS <const> = 10
local IDLE_SECONDS <const> = 300
local BUSY_LOOK_SECONDS <const> = 0.05
local IDLE_LOOK_SECONDS <const> = 1
local WEIGH_SECONDS <const> = 0.02
local READ_BYTES <const> = 65536
local DRAIN_READS <const> = 64
local TAKEN_SECONDS <const> = 5
local MEGABYTE <const> = 1048576
local MEMORY_SLACK <const> = 256 * MEGABYTE -- the sampled limit strikes first; this one is the wall
local KILL <const> = 9
local TOO_LARGE <const> = "Response payload size exceeded maximum allowed payload size (%d bytes)."
local SIGNALS <const> = {
  [6] = "aborted", [9] = "killed", [11] = "segmentation fault", [15] = "terminated",
}

---@class engine.local.services.lambda.Invocation
---@field request_id string
---@field payload string
---@field client_context? string
---@field sink? engine.local.services.lambda.EventSink  takes what is streamed
---@field broken? true              what it streamed broke off
---@field abandoned? true           its runtime asked for another without a word about it
---@field taken? engine.local.Event  while it streams: set when what came is taken
---@field done engine.local.Event   set with { payload, error?, status }

---@class engine.local.services.lambda.Instance
---@field id string
---@field key string                the function, version and revision that it runs
---@field state "starting"|"idle"|"busy"|"ended"
---@field idle_since number
---@field folder string             where the archive is unpacked, sealed
---@field scratch string            for its temporary files, gone with it
---@field runtime integer           its number at the Runtime API
---@field address string            of that

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
    loop.unwatch(self.process:fd())
    self.process:kill(KILL)
    drain(self)
    self.process:close()
  end
  file.remove_tree(self.scratch)
  self.log:end_line()
  fail(self, kind or "Runtime.ExitError", message or "Runtime exited with error: signal: killed",
    status)
  self.log:flush()
  runtime_api.dismiss(self.cloud, self.runtime)
  self.stirred:set() -- who reads a stream learns that it is over
  self.ready:set(false)
  self.on_end(self)
end

-- Looks at the memory, unless that was just before: it is read from a file.
local function weigh(self, now)
  if now - self.weighed >= WEIGH_SECONDS then
    self.weighed = now
    self.memory_used = math.max(self.memory_used, self.process:memory() or 0)
  end
end

local function within_memory(self)
  weigh(self, clock.monotonic())
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

-- Takes in what the process printed; at the end of its output it is looked at.
local function read_output(self)
  local bytes = self.process:read(READ_BYTES)
  if bytes then
    self.log:write(bytes)
  else
    loop.unwatch(self.process:fd())
    self.look:set()
  end
end

local function watch(self)
  loop.watch(self.process:fd(), function()
    read_output(self)
  end)
  while self.state ~= "ended" do
    self.waiting = true
    self.look:wait(self.state == "idle" and IDLE_LOOK_SECONDS or BUSY_LOOK_SECONDS)
    self.look:clear()
    self.waiting = false
    inspect(self)
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
---@field on_idle fun(self: engine.local.services.lambda.Instance)
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
    on_idle = facts.on_idle,
    on_end = facts.on_end,
    state = "starting",
    ready = loop.event(),
    stirred = loop.event(),
    look = loop.event(),
    idle_since = clock.monotonic(),
    started = clock.monotonic(),
    memory_used = 0,
    weighed = 0,
  }, instance)
  self.api, self.runtime, self.address = runtime_api.admit(facts.cloud, self)
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

local function give(self, invocation, timeout)
  assert(self.api:give(self.runtime, {
    request_id = invocation.request_id,
    arn = invocation.arn,
    trace_id = invocation.trace_id,
    deadline = (clock.now() + timeout) * 1000 // 1 | 0,
    tenant_id = invocation.tenant_id,
    client_context = invocation.client_context,
    payload = invocation.payload,
  }))
end

--- Runs one invocation to its end, however it ends.
---@param invocation engine.local.services.lambda.Invocation
---@return { payload: string, error?: string, status: string, lines: string[] }
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
  if self.state ~= "ended" then
    self.state = "busy"
    give(self, invocation, timeout)
    if not invocation.done:wait(timeout) then
      self:time_out(timeout)
    end
  end
  local _, result = invocation.done:wait()
  self:report(invocation, result, began, first and began - self.started or nil)
  result.lines = self.log.lines
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
function instance:report(invocation, result, began, init_seconds)
  local now = clock.monotonic()
  if self.state ~= "ended" then
    drain(self)
    weigh(self, now)
    self.state, self.idle_since = "idle", now
    self.on_idle(self)
  end
  self.log:finish {
    request_id = invocation.request_id,
    seconds = now - began,
    init_seconds = init_seconds,
    memory_size = self.config.MemorySize,
    memory_used = math.min(math.ceil(self.memory_used / MEGABYTE), self.config.MemorySize),
    status = result.status,
  }
  self.log:flush()
end

-- A stream that broke off is judged when it is clear that the runtime lives on: when it has died, or
-- dies, its end tells more.
local function give_up_stream(self)
  local invocation = self.invocation
  if invocation and invocation.broken and invocation.abandoned then
    fail(self, "Runtime.TruncatedResponse", "The response was cut off")
  end
end

--- The stream of an invocation broke off.
---@param invocation engine.local.services.lambda.Invocation
function instance:break_off(invocation)
  invocation.broken = true
  give_up_stream(self)
end

--- What has come of the stream; see host.runtime_api.
function instance:read_stream()
  return self.api:read(self.runtime)
end

--- The stream of an invocation was taken in.
---@param invocation engine.local.services.lambda.Invocation
---@param result { payload: string, error?: string, status: string }
---@param fits boolean  false: it was too long
function instance:finish_stream(invocation, result, fits)
  if self.invocation == invocation then
    answer(self, result)
    self.api:finish(self.runtime, fits)
  end
end

-- The runtime's own error object; what is none is wrapped in one.
local function error_payload(body, kind)
  if type(json.decode(body)) == "table" then
    return body
  end
  return assert(json.encode {
    errorType = kind or "Runtime.Unknown",
    errorMessage = "Unknown application error occurred",
  })
end

local hearing = {}

function hearing.asks(self)
  if self.invocation and self.ready.is_set then
    self.invocation.abandoned = true
    give_up_stream(self)
  end
  self.ready:set(true)
end

function hearing.answers(self, body)
  answer(self, { payload = body, status = "success" })
end

function hearing.oversized(self)
  answer(self, {
    error = "Unhandled",
    payload = assert(json.encode {
      errorType = "Function.ResponseSizeTooLarge",
      errorMessage = TOO_LARGE:format(runtime_api.MAX_PAYLOAD),
    }),
    status = "error",
  })
end

function hearing.fails(self, body, kind)
  answer(self, { error = "Unhandled", payload = error_payload(body, kind), status = "error" })
end

function hearing.cannot_start(self, body, kind)
  self.init_failed = true
  hearing.fails(self, body, kind)
  self.ready:set(false)
end

function hearing.streams(self, content_type)
  local invocation = self.invocation
  if invocation and not invocation.taken then
    invocation.taken = loop.event()
    self.stirred:clear()
    loop.spawn(streaming.take, self, invocation, content_type)
  end
  self.stirred:set()
end

--- Its runtime said something; see host.runtime_api.
---@param kind string
---@param body? string
---@param error_type? string
function instance:hear(kind, body, error_type)
  hearing[kind](self, body, error_type)
end

return instance
