--- What happens to a whole stack: create, update, delete, each with its way back. Every phase is
--- found again in the stack's document, so that a cloud that was killed goes on where it was.
local clock = require "host.clock"
local failure_reason = require("engine.local.services.cloudformation.steps").reason
local flow = require "engine.local.services.cloudformation.flow"
local json = require "host.json"
local log = require "host.log"
local loop = require "engine.local.loop"
local steps = require "engine.local.services.cloudformation.steps"
local store = require "engine.local.services.cloudformation.store"
local updating = require "engine.local.services.cloudformation.updating"

local operation = {}

local function end_deleted(run)
  local stack = run.stack
  stack.deleted, stack.outputs, stack.imports = clock.now(), json.array {}, json.object {}
  stack.change_sets = json.object {}
  flow.finish(run, "DELETE_COMPLETE")
end

local function delete_everything(run, retained, creating)
  return flow.delete_all(run, run.stack.resources, function(id)
    return { retain = retained[id], creating = creating }
  end)
end

local function undo_create(run)
  local stack = run.stack
  local failures = delete_everything(run, {}, true)
  if next(failures) then
    local deleting = stack.operation.on_failure == "DELETE"
    flow.finish(run, deleting and "DELETE_FAILED" or "ROLLBACK_FAILED",
      flow.failed_text("delete", failures))
  elseif stack.operation.on_failure == "DELETE" then
    end_deleted(run)
  else
    flow.finish(run, "ROLLBACK_COMPLETE")
  end
end

local function fail_create(run, reason)
  local stack = run.stack
  local on_failure = stack.operation.on_failure
  stack.outputs = json.array {}
  if on_failure == "DO_NOTHING" then
    flow.finish(run, "CREATE_FAILED", reason)
  elseif on_failure == "DELETE" then
    flow.set_phase(run, "undo", "DELETE_IN_PROGRESS", reason .. "Delete requested by user.")
    undo_create(run)
  else
    flow.set_phase(run, "undo", "ROLLBACK_IN_PROGRESS", reason .. "Rollback requested by user.")
    undo_create(run)
  end
end

local function create(run)
  local stack = run.stack
  if stack.operation.phase == "undo" then
    return undo_create(run)
  end
  flow.aim(run)
  local reason = flow.go_through(run, steps.create, function()
    return "create"
  end)
  if not reason then
    local ok, outputs = flow.settle_outputs(run)
    if ok then
      stack.outputs = outputs
      return flow.finish(run, "CREATE_COMPLETE")
    end
    reason = failure_reason(outputs) .. " "
  end
  if stack.operation.superseded then
    return
  end
  fail_create(run, reason)
end

local function delete(run)
  local stack = run.stack
  local retained = {}
  for _, id in ipairs(stack.operation.retain or {}) do
    retained[id] = true
  end
  local failures = delete_everything(run, retained, false)
  if next(failures) then
    flow.forget_deleted(stack)
    flow.finish(run, "DELETE_FAILED", flow.failed_text("delete", failures))
  else
    end_deleted(run)
  end
end

local KINDS <const> = { create = create, update = updating.run, delete = delete }

local function supervise(run)
  local stack = run.stack
  local kind = stack.operation.kind
  local ok, problem = xpcall(KINDS[kind], debug.traceback, run)
  if not ok then
    log.error("a stack's operation failed inside",
      { stack = stack.name, error = tostring(problem) })
    local failed = { create = "CREATE_FAILED", update = "UPDATE_FAILED", delete = "DELETE_FAILED" }
    flow.finish(run, failed[kind], "laconic local failed inside; its log tells more")
  end
  flow.close(run)
end

local function watch_the_clock(run, seconds)
  loop.spawn(function()
    if not run.over:wait(seconds) and not run.stack.operation.phase then
      run.halt_reason = "Stack creation time exceeded the specified timeout. "
      flow.halt(run)
    end
  end)
end

local function start(cloud, stack, resumed)
  local run = flow.new(cloud, stack, resumed)
  loop.spawn(supervise, run)
  local minutes = stack.operation.timeout_minutes
  if minutes then
    watch_the_clock(run, minutes * 60)
  end
end

local function begin(cloud, stack, kind, options, status)
  options.kind = kind
  stack.operation = options
  store.note_begin(cloud, stack)
  store.set_status(cloud, stack, status, options.reason)
  store.save(cloud, stack)
  start(cloud, stack, false)
end

--- Begins to create a stack whose document holds its template and parameters.
---@param options { on_failure: "ROLLBACK"|"DELETE"|"DO_NOTHING", timeout_minutes?: integer, token?: string }
function operation.create(cloud, stack, options)
  begin(cloud, stack, "create", options, "CREATE_IN_PROGRESS")
end

--- Begins to update a stack to what `definition` says of it.
---@param definition table  template, parameters, tags, …: the fields of the document that change
---@param options { on_failure: "ROLLBACK"|"DO_NOTHING", token?: string }
function operation.update(cloud, stack, definition, options)
  options.previous = { outputs = stack.outputs, imports = stack.imports }
  for key, value in pairs(definition) do
    options.previous[key] = stack[key]
    stack[key] = value
  end
  options.before, options.done, options.reverted = {}, {}, {}
  options.garbage = json.array {}
  stack.updated = clock.now()
  begin(cloud, stack, "update", options, "UPDATE_IN_PROGRESS")
end

--- Begins to delete a stack, also one that is being created: then that is given up first.
---@param options { retain?: string[], token?: string }
function operation.delete(cloud, stack, options)
  local run = flow.of(stack)
  if not run then
    begin(cloud, stack, "delete", options, "DELETE_IN_PROGRESS")
    return
  end
  if not stack.operation.phase then
    stack.operation.superseded = true
    run.halt_reason = "Deletion requested. "
    flow.halt(run)
  end
  loop.spawn(function()
    run.over:wait()
    if not store.is_deleted(stack) then
      begin(cloud, stack, "delete", options, "DELETE_IN_PROGRESS")
    end
  end)
end

--- Gives an update up; it is rolled back.
function operation.cancel_update(stack)
  local run = flow.of(stack)
  if run then
    run.halt_reason = "User Initiated"
    flow.halt(run)
  end
end

--- Goes on with a rollback that failed.
---@param skip string[]  the resources to leave as they are
function operation.continue_rollback(cloud, stack, skip)
  stack.operation, stack.rollback = stack.rollback, nil
  stack.operation.skip = skip
  stack.operation.phase = "undo"
  store.note_begin(cloud, stack)
  store.set_status(cloud, stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
  store.save(cloud, stack)
  start(cloud, stack, false)
end

--- Waits until no operation of the stack runs.
function operation.wait(stack)
  local run = flow.of(stack)
  if run then
    run.over:wait()
  end
end

--- Takes up what a killed cloud left behind. Called once, when the cloud starts.
function operation.resume_all(cloud)
  for _, note in ipairs(store.unfinished(cloud)) do
    local stack = store.find(cloud, note.region, note.id)
    if stack and stack.operation and stack.operation.superseded then
      begin(cloud, stack, "delete", {}, "DELETE_IN_PROGRESS")
    elseif stack and stack.operation then
      start(cloud, stack, true)
    end
  end
end

return operation
