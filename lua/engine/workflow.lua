--- Runs the steps of a workflow: each is timed, undone in reverse when a later one fails, and the
--- service's hooks are called between them.
---
---     local flow = workflow.new { clock = clock, on_step = progress.step }
---     flow:guarded(function()
---       local files = flow:step("compile", compile.run, model, build)  -- returns result[, undo]
---       flow:hook("post_build", build)
---     end)
local callback = require "engine.callback"
local failure = require "engine.failure"

---@class engine.Workflow
---@field stages { name: string, seconds: number }[]  the summary: in the order they began
local workflow = {}
workflow.__index = workflow

---@param options? { clock?: table, on_step?: fun(name: string) }
---@return engine.Workflow
function workflow.new(options)
  options = options or {}
  return setmetatable({
    clock = options.clock or require "host.clock",
    on_step = options.on_step,
    hooks = {},
    stages = {},
    undos = {},
    held = {},
  }, workflow)
end

--- Gives the workflow the service's hooks, and the build that `rollback(build, err)` gets.
---@param hooks table<engine.HookName, engine.Callback[]>
---@param build engine.Build
function workflow:listen(hooks, build)
  self.hooks, self.build = hooks, build
end

-- Makes an error object of what was raised; of a text, with its traceback, while there is one.
local function noted(raised)
  local object = failure.from(raised)
  if object ~= raised then
    object.traceback = debug.traceback("", 2)
  end
  return object
end

-- The stage's place in the summary: a stage that goes on, its hooks having run, has one already.
local function stage_of(self, name)
  local stage = self.stages[#self.stages]
  if not stage or stage.name ~= name then
    stage = { name = name, seconds = 0 }
    table.insert(self.stages, stage)
  end
  return stage
end

--- Calls `fn(...)` and returns its result; a second result is the undo, kept for a failure. A step of
--- the same name as the one before goes on with that stage.
---@param name string
---@param fn function
---@return any result
function workflow:step(name, fn, ...)
  if self.on_step then
    self.on_step(name)
  end
  local stage = stage_of(self, name)
  local started = self.clock.monotonic()
  local outcome = table.pack(xpcall(fn, noted, ...))
  stage.seconds = stage.seconds + self.clock.monotonic() - started
  if not outcome[1] then
    error(outcome[2], 0)
  elseif outcome[3] then
    table.insert(self.undos, outcome[3])
  end
  return outcome[2]
end

-- What a validator raises is a verdict on the service; any other hook that fails is a failure.
local function call_hook(name, entry, ...)
  callback.call(("the %s hook"):format(name), name == "validate" and "invalid" or "failed", entry,
    ...)
end

--- Calls the service's hooks of one name, in the order they were said.
---@param name engine.HookName
function workflow:hook(name, ...)
  for _, entry in ipairs(self.hooks[name] or {}) do
    call_hook(name, entry, ...)
  end
end

-- Runs everything that takes back, whatever fails on the way, and returns what failed.
local function take_back(self, reason)
  local problems = {}
  local function try(fn, ...)
    local ok, raised = pcall(fn, ...)
    if not ok then
      table.insert(problems, failure.from(raised))
    end
  end
  for _, entry in ipairs(self.hooks.rollback or {}) do
    try(call_hook, "rollback", entry, self.build, reason)
  end
  for i = #self.undos, 1, -1 do
    try(self.undos[i])
  end
  return problems
end

--- Keeps `resource` open until the workflow has ended, and what it had to undo is undone.
---@generic T
---@param resource T  with a method `close`
---@return T
function workflow:hold(resource)
  table.insert(self.held, resource)
  return resource
end

--- Says that what was done so far stays, whatever comes.
function workflow:commit()
  self.undos = {}
end

local function release(self)
  for i = #self.held, 1, -1 do
    self.held[i]:close()
  end
  self.held = {}
end

--- Calls `body()`. If it raises: `rollback` hooks, then the undos, the latest first, then the same
--- error again, with what could not be taken back in `problems`. An error that says `still_running`
--- takes nothing back: the stack goes on without us, and needs what was sent.
---@param body fun(): any
---@return any result
function workflow:guarded(body)
  local ok, result = xpcall(body, noted)
  if not ok and not result.still_running then
    local problems = take_back(self, result)
    if #problems > 0 then
      rawset(result, "problems", problems)
    end
  end
  release(self)
  if not ok then
    error(result, 0)
  end
  return result
end

return workflow
