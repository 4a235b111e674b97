--- Runs a handler in this very program, for who looks for what is wrong with it: no archive, no
--- process, no time-out, and the whole traceback of an error.
local clock = require "host.clock"
local context = require "engine.runtime.context"
local failure = require "engine.failure"
local file = require "host.file"
local invocation = require "engine.runtime.invocation"
local json = require "host.json"
local logger = require "engine.runtime.logger"
local report = require "engine.runtime.report"

local in_process = {}

local DEFAULT_TIMEOUT <const> = 3
local DEFAULT_MEMORY <const> = 128

local function find(service, name)
  for _, fn in ipairs(service.functions) do
    if fn.name == name or fn.stem .. "Function" == name then
      return fn
    end
  end
  failure.raise("usage", ("the service has no function '%s'"):format(name))
end

-- What Lambda would set, and what the function says of its environment. What only a stack knows is
-- shown as it is written.
local function environment_of(service, fn, env)
  local variables = {
    _HANDLER = fn.name,
    AWS_LAMBDA_FUNCTION_NAME = service.name .. "_" .. fn.name,
    AWS_LAMBDA_FUNCTION_VERSION = "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE = tostring(fn.memory or DEFAULT_MEMORY),
    AWS_LAMBDA_LOG_GROUP_NAME = "/aws/lambda/" .. service.name .. "_" .. fn.name,
    AWS_LAMBDA_LOG_STREAM_NAME = "in-process",
    LACONIC_ENV = env,
    LAMBDA_TASK_ROOT = (service.path or ""):match "^(.+)/" or ".",
  }
  for name, value in pairs(fn.environment or {}) do
    variables[name] = type(value) == "string" and value or assert(json.encode(value))
  end
  return variables
end

-- Lets os.getenv answer from `variables` first, until what is returned is closed.
local function pretend(variables)
  local getenv = os.getenv
  rawset(os, "getenv", function(name)
    return variables[name] or getenv(name)
  end)
  return setmetatable({}, {
    __close = function()
      rawset(os, "getenv", getenv)
    end,
  })
end

-- Where a stream goes that nobody waits for: to standard output.
local function new_output()
  local function done()
    return true
  end
  return {
    stream = done,
    write = function(_, bytes)
      io.stdout:write(bytes)
      return true
    end,
    finish = done,
  }
end

local function interceptors_of(service, fn)
  local of_function = fn.interceptors or {}
  if #service.interceptors + #of_function > 0 then
    return require("engine.runtime.interceptors").chain(service.interceptors, of_function)
  end
end

-- Keeps the trace of what was caught last, whole: an answer holds the author's own lines of it.
local function new_catcher()
  local handle, caught = report.handler(assert(file.current_folder())), nil
  return function(raised)
    caught = handle(raised)
    return caught
  end, function()
    return caught and caught.trace or ""
  end
end

--- Calls the handler of a function. Its log and the traceback of a failure go to standard error, what
--- it streams to standard output.
---@param service engine.Service
---@param name string   of the function
---@param event string  JSON
---@param env? string    what --env says
---@return string? answer  nil when it was streamed; of a failure, Lambda's error object
---@return boolean ok
function in_process.run(service, name, event, env)
  local fn = find(service, name)
  local pretended <close> = pretend(environment_of(service, fn, env))
  assert(pretended)
  local on_error, last_trace = new_catcher()
  logger.to(io.stderr)
  context.set_api(new_output())
  local now = clock.now()
  local text, _, failed = invocation.run({
    handler = fn.handler,
    chain = interceptors_of(service, fn),
    margin = 0, -- whoever steps through it needs all the time there is
    on_error = on_error,
    shutdowns = {},
  }, {
    request_id = ("in-process-%d"):format(now // 1),
    deadline = now + (fn.timeout or DEFAULT_TIMEOUT),
    invoked_function_arn = ("arn:aws:lambda:local:000000000000:function:%s_%s"):format(service.name,
      fn.name),
    body = event,
  })
  if failed then
    io.stderr:write(failed.errorType, ": ", failed.errorMessage, last_trace(), "\n")
    return report.encode(failed), false
  end
  return text, true
end

return in_process
