--- What `bootstrap` runs: load the service, then serve its function until Lambda ends the process.
local loop = require "engine.runtime.loop"
local modules = require "engine.runtime.modules"
local report = require "engine.runtime.report"
local service_file = require "engine.runtime.service_file"

local API = "AWS_LAMBDA_RUNTIME_API"

-- Lambda shows what is on standard error beside the failed start.
local function refuse(api, failed)
  local where = failed.stackTrace[1] and "  at " .. table.concat(failed.stackTrace, "\n  at ") or ""
  io.stderr:write(("%s: %s\n%s\n"):format(failed.errorType, failed.errorMessage, where))
  local sent, err = api:fail_init(failed.errorType, report.encode(failed))
  if not sent then
    io.stderr:write(tostring(err), "\n")
  end
  return 1
end

--- Runs the runtime: everything it needs to know is in Lambda's environment.
---@return integer status
return function()
  local address = os.getenv(API)
  if not address then
    io.stderr:write("bootstrap is Lambda's runtime, and ", API, " is not set: nothing to serve\n")
    return 1
  end
  io.stdout:setvbuf "line"
  local api <close> = assert(require("host.lambda_runtime").open(address))
  local root = os.getenv "LAMBDA_TASK_ROOT" or "."
  modules.install(root)

  local on_error = report.handler(root)
  local ok, plan = xpcall(service_file.plan, on_error, root, os.getenv "_HANDLER", on_error)
  if not ok then
    return refuse(api, report.describe(plan))
  end
  return loop.serve(api, plan)
end
