--- CloudFormation's actions that change stacks, but for change sets.
local definition = require "engine.local.services.cloudformation.definition"
local fault = require "engine.local.fault"
local operation = require "engine.local.services.cloudformation.operation"
local readiness = require "engine.local.services.cloudformation.readiness"
local store = require "engine.local.services.cloudformation.store"

local actions = {}

local ON_FAILURE <const> = { DELETE = true, DO_NOTHING = true, ROLLBACK = true }

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

local function on_failure_of(params)
  local choice = params.OnFailure
  if choice and params.DisableRollback ~= nil then
    complain "You can specify either DisableRollback or OnFailure, but not both."
  elseif choice and not ON_FAILURE[choice] then
    complain("1 validation error detected: Value '%s' at 'onFailure' failed to satisfy constraint: "
      .. "Member must satisfy enum value set: [DELETE, DO_NOTHING, ROLLBACK]", choice)
  end
  return choice or definition.is_true(params.DisableRollback) and "DO_NOTHING" or "ROLLBACK"
end

local function timeout_of(params)
  local minutes = params.TimeoutInMinutes and math.tointeger(tonumber(params.TimeoutInMinutes))
  if params.TimeoutInMinutes and not (minutes and minutes >= 1) then
    complain "TimeoutInMinutes must be a whole number of at least 1."
  end
  return minutes
end

function actions.CreateStack(request, params, cloud)
  readiness.check_name(params.StackName)
  local existing = store.find(cloud, request.region, params.StackName)
  if existing then
    fault.raise("AlreadyExistsException",
      ("Stack [%s] already exists"):format(params.StackName))
  end
  local on_failure, minutes = on_failure_of(params), timeout_of(params)
  local fields, body = definition.read(cloud, request, params)
  local stack = readiness.new_stack(cloud, request.region, params.StackName)
  readiness.plan(cloud, stack, fields, body)
  for key, value in pairs(fields) do
    stack[key] = value
  end
  stack.timeout_minutes = minutes
  stack.disable_rollback = on_failure == "DO_NOTHING"
  stack.termination_protection = definition.is_true(params.EnableTerminationProtection)
  store.add(cloud, stack)
  operation.create(cloud, stack, {
    on_failure = on_failure,
    timeout_minutes = minutes,
    token = params.ClientRequestToken,
    reason = "User Initiated",
  })
  return { StackId = stack.id }
end

function actions.UpdateStack(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  readiness.check_updatable(stack)
  local fields, body = definition.read(cloud, request, params, stack)
  readiness.check_types(stack, body)
  local planned = readiness.plan(cloud, stack, fields, body)
  if not readiness.has_changes(cloud, stack, fields, body, planned) then
    complain "No updates are to be performed."
  end
  operation.update(cloud, stack, fields, {
    on_failure = definition.is_true(params.DisableRollback) and "DO_NOTHING" or "ROLLBACK",
    token = params.ClientRequestToken,
    reason = "User Initiated",
  })
  return { StackId = stack.id }
end

-- Why a stack has to stay: the first of its exports that others import; nil when none.
local function used_export(cloud, stack)
  for _, output in ipairs(stack.outputs) do
    local users = output.export and store.importers(cloud, stack.region, output.export) or {}
    if #users > 0 then
      return ("Delete canceled. Cannot delete export %s as it is in use by %s."):format(
        output.export, table.concat(users, " and "))
    end
  end
end

function actions.DeleteStack(request, params, cloud)
  local name = params.StackName
  local stack = type(name) == "string" and store.find(cloud, request.region, name)
  if not stack or store.is_deleted(stack) or stack.status == "DELETE_IN_PROGRESS" then
    return nil -- to delete what is not there is a success
  elseif stack.termination_protection then
    complain("Stack [%s] cannot be deleted while TerminationProtection is enabled", stack.name)
  elseif stack.status:find "^UPDATE_.*IN_PROGRESS$" then
    complain("Stack:%s is in %s state and can not be deleted.", stack.id, stack.status)
  elseif stack.status == "REVIEW_IN_PROGRESS" then
    store.remove(cloud, stack)
    return nil
  end
  local reason = used_export(cloud, stack)
  if reason then -- the request is taken; the stack's next event says that nothing came of it
    store.set_status(cloud, stack, stack.status, reason)
    return nil
  end
  operation.delete(cloud, stack, {
    retain = definition.list(params.RetainResources),
    token = params.ClientRequestToken,
    reason = "User Initiated",
  })
  return nil
end

function actions.CancelUpdateStack(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  if stack.status ~= "UPDATE_IN_PROGRESS" then
    complain("CancelUpdateStack cannot be called from current stack status %s", stack.status)
  end
  operation.cancel_update(stack)
  return nil
end

function actions.ContinueUpdateRollback(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  if stack.status ~= "UPDATE_ROLLBACK_FAILED" then
    complain("Stack:%s is in %s state and can not continue update rollback.", stack.id,
      stack.status)
  end
  operation.continue_rollback(cloud, stack, definition.list(params.ResourcesToSkip))
  return nil
end

function actions.UpdateTerminationProtection(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  stack.termination_protection = definition.is_true(params.EnableTerminationProtection)
  store.save(cloud, stack)
  return { StackId = stack.id }
end

return actions
