--- Calls what an author hung into the workflow: hooks and decorators. One that fails is told as such,
--- at its own line when it says where, else at the line where it was declared.
local failure = require "engine.failure"

local callback = {}

--- Calls `entry.run(...)`. Error objects pass as they are; what Lua raised becomes one.
---@param what string   "the validate hook"
---@param kind string   of the error: "failed", or "invalid" when it refuses the service
---@param entry engine.Callback
function callback.call(what, kind, entry, ...)
  local function blame(raised)
    if failure.is(raised) then
      return raised
    end
    local beneath = failure.from(raised)
    return failure.make(kind, ("%s failed: %s"):format(what, beneath.message), {
      code = "E111",
      where = beneath.where or entry.where,
      traceback = debug.traceback("", 2),
    })
  end
  local ok, raised = xpcall(entry.run, blame, ...)
  if not ok then
    error(raised, 0)
  end
end

return callback
