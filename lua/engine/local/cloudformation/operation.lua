--- What happens to a whole stack: create, update, delete, each with its way back. Every phase is
--- found again in the stack's document, so that a cloud that was killed goes on where it was.
local branches = require "engine.local.cloudformation.branches"
local clock = require "host.clock"
local failure_reason = require("engine.local.cloudformation.steps").reason
local json = require "host.json"
local live = require "engine.local.cloudformation.live"
local log = require "host.log"
local loop = require "engine.local.loop"
local references = require "engine.local.cloudformation.references"
local scope = require "engine.local.cloudformation.scope"
local steps = require "engine.local.cloudformation.steps"
local store = require "engine.local.cloudformation.store"

local operation = {}

local running = setmetatable({}, { __mode = "k" }) -- stack → its run in this process

local function new_run(cloud, stack, resumed)
  local run = {
    cloud = cloud,
    stack = stack,
    resumed = resumed,
    halted = false,
    waits = {},
    over = loop.event(),
  }
  running[stack] = run
  return run
end

-- Gives the run the template that it is to bring about.
local function aim(run)
  local stack = run.stack
  run.body, run.values = json.decode(stack.template), stack.parameters
  stack.imports = json.object {}
  run.scope = live.scope(run.cloud, stack, run.body, run.values, stack.imports)
  run.live = scope.live(run.body, run.scope)
  run.needs = {}
  for id, resource in pairs(run.live) do
    run.needs[id] = references.needs(resource, function(name)
      return run.live[name]
    end, run.scope.condition)
  end
end

-- Nothing new is begun; who waits for the world outside is woken.
local function halt(run)
  run.halted = true
  for event in pairs(run.waits) do
    event:set()
  end
end

local function set_phase(run, phase, status, reason)
  run.stack.operation.phase = phase
  run.halted = false
  store.set_status(run.cloud, run.stack, status, reason)
end

local function failed_text(verb, failures)
  return ("The following resource(s) failed to %s: [%s]. "):format(verb,
    table.concat(references.sorted_keys(failures), ", "))
end

-- The run's resources in the order of their needs, `work` on each; nil when all went well, else why
-- not. `verb_of` tells what failed, for the words.
local function go_through(run, work, verb_of)
  local failures = branches.run(run.needs, function(id)
    if not run.halted then
      work(run, id)
    end
  end, function()
    halt(run)
  end)
  if run.halt_reason then
    return run.halt_reason
  elseif next(failures) == nil then
    return nil
  end
  local by_verb = {}
  for id, problem in pairs(failures) do
    local verb = verb_of(id)
    by_verb[verb] = by_verb[verb] or {}
    by_verb[verb][id] = problem
  end
  local text = ""
  for _, verb in ipairs(references.sorted_keys(by_verb)) do
    text = text .. failed_text(verb, by_verb[verb])
  end
  return text
end

local function reversed_needs(records)
  local needs = {}
  for id, record in pairs(records) do
    needs[id] = {}
    for _, other in ipairs(record.needs or {}) do
      if records[other] then
        needs[id][other] = true
      end
    end
  end
  return references.reversed(needs)
end

-- Takes records away, each after those that need it; what failed, by id.
local function delete_all(run, records, options_of)
  return branches.run(reversed_needs(records), function(id)
    local record = records[id]
    steps.delete(run, record.logical_id or id, record, options_of(id))
  end)
end

local function forget_deleted(stack)
  for id, record in pairs(stack.resources) do
    if record.status == "DELETE_COMPLETE" or record.status == "DELETE_SKIPPED" then
      stack.resources[id] = nil
    end
  end
end

local function finish(run, status, reason)
  local stack = run.stack
  store.set_status(run.cloud, stack, status, reason)
  stack.operation = nil
  store.save(run.cloud, stack)
  store.note_end(run.cloud, stack)
end

local function end_deleted(run)
  local stack = run.stack
  stack.deleted, stack.outputs, stack.imports = clock.now(), json.array {}, json.object {}
  stack.change_sets = json.object {}
  finish(run, "DELETE_COMPLETE")
end

local function delete_everything(run, retained, creating)
  return delete_all(run, run.stack.resources, function(id)
    return { retain = retained[id], creating = creating }
  end)
end

local function undo_create(run)
  local stack = run.stack
  local failures = delete_everything(run, {}, true)
  if next(failures) then
    finish(run, stack.operation.on_failure == "DELETE" and "DELETE_FAILED" or "ROLLBACK_FAILED",
      failed_text("delete", failures))
  elseif stack.operation.on_failure == "DELETE" then
    end_deleted(run)
  else
    finish(run, "ROLLBACK_COMPLETE")
  end
end

local function fail_create(run, reason)
  local stack = run.stack
  local on_failure = stack.operation.on_failure
  stack.outputs = json.array {}
  if on_failure == "DO_NOTHING" then
    finish(run, "CREATE_FAILED", reason)
  elseif on_failure == "DELETE" then
    set_phase(run, "undo", "DELETE_IN_PROGRESS", reason .. "Delete requested by user.")
    undo_create(run)
  else
    set_phase(run, "undo", "ROLLBACK_IN_PROGRESS", reason .. "Rollback requested by user.")
    undo_create(run)
  end
end

local function settle_outputs(run)
  return pcall(function()
    local outputs = live.outputs(run.cloud, run.stack, run.body, run.scope)
    live.check_importers(run.cloud, run.stack, outputs)
    return outputs
  end)
end

local function create(run)
  local stack = run.stack
  if stack.operation.phase == "undo" then
    return undo_create(run)
  end
  aim(run)
  local reason = go_through(run, steps.create, function()
    return "create"
  end)
  if not reason then
    local ok, outputs = settle_outputs(run)
    if ok then
      stack.outputs = outputs
      return finish(run, "CREATE_COMPLETE")
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
    forget_deleted(stack)
    finish(run, "DELETE_FAILED", failed_text("delete", failures))
  else
    end_deleted(run)
  end
end

-- Deletes what was put aside, and, after a success, what the template no longer holds.
local function clean_up(run, removed)
  local stack = run.stack
  local records = {}
  for i, record in ipairs(stack.operation.garbage) do
    records["garbage " .. i] = record
  end
  for id in pairs(removed) do
    records[id] = stack.resources[id]
  end
  local failures = delete_all(run, records, function()
    return {}
  end)
  for id in pairs(removed) do
    stack.resources[id] = nil
  end
  return next(failures) and "One or more resources could not be deleted." or nil
end

local function roll_update_back(run)
  local stack, cloud = run.stack, run.cloud
  local skipped = {}
  for _, id in ipairs(stack.operation.skip or {}) do
    skipped[id] = true
  end
  local records = {}
  for id in pairs(stack.operation.before) do
    records[id] = stack.resources[id] or { needs = {} }
  end
  local failures = branches.run(reversed_needs(records), function(id)
    if not skipped[id] then
      steps.revert(run, id)
    end
  end)
  if next(failures) then
    local kept = stack.operation
    store.set_status(cloud, stack, "UPDATE_ROLLBACK_FAILED", failed_text("update", failures))
    stack.rollback = kept -- ContinueUpdateRollback takes it up again
    stack.operation = nil
    store.save(cloud, stack)
    store.note_end(cloud, stack)
    return
  end
  set_phase(run, "undo cleanup", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
  finish(run, "UPDATE_ROLLBACK_COMPLETE", clean_up(run, {}))
end

local function restore_definition(stack)
  for key, value in pairs(stack.operation.previous) do
    stack[key] = value
  end
end

local function fail_update(run, reason)
  local stack = run.stack
  if stack.operation.on_failure == "DO_NOTHING" then
    finish(run, "UPDATE_FAILED", reason)
    return
  end
  stack.operation.garbage = json.array {} -- what was replaced stays, what replaced it goes
  set_phase(run, "undo", "UPDATE_ROLLBACK_IN_PROGRESS", reason)
  restore_definition(stack)
  roll_update_back(run)
end

local function removed_from(run)
  local removed = {}
  for id in pairs(run.stack.resources) do
    if not run.live[id] then
      removed[id] = true
    end
  end
  return removed
end

local function finish_update(run)
  finish(run, "UPDATE_COMPLETE", clean_up(run, removed_from(run)))
end

local function update(run)
  local stack = run.stack
  if stack.operation.phase == "undo" then
    return roll_update_back(run)
  elseif stack.operation.phase == "undo cleanup" then
    return finish(run, "UPDATE_ROLLBACK_COMPLETE", clean_up(run, {}))
  end
  aim(run)
  if stack.operation.phase == "cleanup" then
    return finish_update(run)
  end
  local reason = go_through(run, steps.update, function(id)
    return stack.operation.before[id] == false and "create" or "update"
  end)
  if not reason then
    local ok, outputs = settle_outputs(run)
    if ok then
      stack.outputs = outputs
      set_phase(run, "cleanup", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
      return finish_update(run)
    end
    reason = failure_reason(outputs)
  end
  fail_update(run, reason)
end

local KINDS <const> = { create = create, update = update, delete = delete }

local function supervise(run)
  local stack = run.stack
  local kind = stack.operation.kind
  local ok, problem = xpcall(KINDS[kind], debug.traceback, run)
  if not ok then
    log.error("a stack's operation failed inside",
      { stack = stack.name, error = tostring(problem) })
    local failed = { create = "CREATE_FAILED", update = "UPDATE_FAILED", delete = "DELETE_FAILED" }
    finish(run, failed[kind], "laconic local failed inside; its log tells more")
  end
  running[stack] = nil
  run.over:set()
end

local function watch_the_clock(run, seconds)
  loop.spawn(function()
    if not run.over:wait(seconds) and not run.stack.operation.phase then
      run.halt_reason = "Stack creation time exceeded the specified timeout. "
      halt(run)
    end
  end)
end

local function start(cloud, stack, resumed)
  local run = new_run(cloud, stack, resumed)
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
  local run = running[stack]
  if not run then
    begin(cloud, stack, "delete", options, "DELETE_IN_PROGRESS")
    return
  end
  if not stack.operation.phase then
    stack.operation.superseded = true
    run.halt_reason = "Deletion requested. "
    halt(run)
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
  local run = running[stack]
  if run then
    run.halt_reason = "User Initiated"
    halt(run)
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
  local run = running[stack]
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
