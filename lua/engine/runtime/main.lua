--- What `bootstrap` runs: load the service, then serve its function until Lambda ends the process.
local guard = require "host.guard"
local lambda_runtime = require "host.lambda_runtime"
local loop = require "engine.runtime.loop"
local modules = require "engine.runtime.modules"
local report = require "engine.runtime.report"
local service_file = require "engine.runtime.service_file"

local API = "AWS_LAMBDA_RUNTIME_API"
local MEGABYTE = 1024 * 1024
local OF_C = 24 * MEGABYTE -- of the function's memory: for events, answers, connections
local OF_SYSTEM = 8 * MEGABYTE -- the program itself, and stacks

-- Lambda shows what was printed beside the failed start.
local function tell(failed)
  if os.getenv "AWS_LAMBDA_LOG_FORMAT" == "JSON" then
    require("engine.runtime.logger").failure(failed)
    return
  end
  local where = failed.stackTrace[1] and "  at " .. table.concat(failed.stackTrace, "\n  at ") or ""
  io.stderr:write(("%s: %s\n%s\n"):format(failed.errorType, failed.errorMessage, where))
end

local function refuse(api, failed)
  tell(failed)
  local sent, err = api:fail_init(failed.errorType, report.encode(failed))
  if not sent then
    io.stderr:write(tostring(err), "\n")
  end
  return 1
end

-- Lambda ends a process that outgrows the function's memory. A handler is stopped before, with an
-- error that has a line.
local function limit_memory()
  local megabytes = math.tointeger(os.getenv "AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
  if megabytes and megabytes >= 64 then
    local whole = megabytes * MEGABYTE
    guard.limit_memory(math.max(whole - OF_C, whole // 2), whole - OF_SYSTEM)
  end
end

--- Runs the runtime: everything it needs to know is in Lambda's environment.
---@return integer status
return function()
  local address = os.getenv(API)
  if not address then
    io.stderr:write("bootstrap is Lambda's runtime, and ", API, " is not set: nothing to serve\n")
    return 1
  end
  lambda_runtime.buffer_lines()
  if os.getenv "AWS_LAMBDA_LOG_FORMAT" == "JSON" then
    require("engine.runtime.logger").wrap_output()
  end
  local api <close> = assert(lambda_runtime.open(address))
  local root = os.getenv "LAMBDA_TASK_ROOT" or "."
  modules.install(root)

  limit_memory()
  local on_error = report.handler(root)
  local ok, plan = guard.call(0, 0, on_error, service_file.plan, root, os.getenv "_HANDLER",
    on_error)
  if not ok then
    return refuse(api, report.describe(plan))
  end
  return loop.serve(api, plan)
end
