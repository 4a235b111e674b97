--- An update of a stack: forward, the clean-up behind it, and the way back.
local branches = require "engine.local.services.cloudformation.branches"
local failure_reason = require("engine.local.services.cloudformation.steps").reason
local flow = require "engine.local.services.cloudformation.flow"
local json = require "host.json"
local steps = require "engine.local.services.cloudformation.steps"
local store = require "engine.local.services.cloudformation.store"

local updating = {}

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
  local failures = flow.delete_all(run, records, function()
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
  local failures = branches.run(flow.reversed_needs(records), function(id)
    if not skipped[id] then
      steps.revert(run, id)
    end
  end)
  if next(failures) then
    local kept = stack.operation
    store.set_status(cloud, stack, "UPDATE_ROLLBACK_FAILED", flow.failed_text("update", failures))
    stack.rollback = kept -- ContinueUpdateRollback takes it up again
    stack.operation = nil
    store.save(cloud, stack)
    store.note_end(cloud, stack)
    return
  end
  flow.set_phase(run, "undo cleanup", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
  flow.finish(run, "UPDATE_ROLLBACK_COMPLETE", clean_up(run, {}))
end

local function restore_definition(stack)
  for key, value in pairs(stack.operation.previous) do
    stack[key] = value
  end
end

local function fail_update(run, reason)
  local stack = run.stack
  if stack.operation.on_failure == "DO_NOTHING" then
    flow.finish(run, "UPDATE_FAILED", reason)
    return
  end
  stack.operation.garbage = json.array {} -- what was replaced stays, what replaced it goes
  flow.set_phase(run, "undo", "UPDATE_ROLLBACK_IN_PROGRESS", reason)
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
  flow.finish(run, "UPDATE_COMPLETE", clean_up(run, removed_from(run)))
end

--- Brings an update to its end, wherever it stands.
---@param run engine.local.services.cloudformation.Run
function updating.run(run)
  local stack = run.stack
  if stack.operation.phase == "undo" then
    return roll_update_back(run)
  elseif stack.operation.phase == "undo cleanup" then
    return flow.finish(run, "UPDATE_ROLLBACK_COMPLETE", clean_up(run, {}))
  end
  flow.aim(run)
  if stack.operation.phase == "cleanup" then
    return finish_update(run)
  end
  local reason = flow.go_through(run, steps.update, function(id)
    return stack.operation.before[id] == false and "create" or "update"
  end)
  if not reason then
    local ok, outputs = flow.settle_outputs(run)
    if ok then
      stack.outputs = outputs
      flow.set_phase(run, "cleanup", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
      return finish_update(run)
    end
    reason = failure_reason(outputs)
  end
  fail_update(run, reason)
end

return updating
