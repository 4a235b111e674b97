--- CloudFormation's change sets: computed at once when they are asked for, executed once.
local clock = require "host.clock"
local definition = require "engine.local.services.cloudformation.definition"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local naming = require "engine.local.naming"
local operation = require "engine.local.services.cloudformation.operation"
local order = require "engine.order"
local parameters = require "engine.local.services.cloudformation.parameters"
local readiness = require "engine.local.services.cloudformation.readiness"
local shown = require "engine.local.services.cloudformation.shown"
local store = require "engine.local.services.cloudformation.store"

local actions = {}

local PAGE <const> = 100
local NO_CHANGES <const> = "The submitted information didn't contain changes. "
  .. "Submit different information to create a change set."
local KINDS <const> = { CREATE = true, UPDATE = true }
local ON_FAILURE <const> = { DELETE = true, DO_NOTHING = true, ROLLBACK = true }

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

local function check_name(name)
  if type(name) ~= "string" or #name > 128 or not name:find "^%a[%w-]*$" then
    complain("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy "
      .. "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
      tostring(name))
  end
end

-- The stack that the change set belongs to: the one there is, or a new one under review.
local function stack_for(cloud, request, params, kind)
  local stack = store.find(cloud, request.region, params.StackName)
  if kind == "UPDATE" then
    stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
    if stack.status == "REVIEW_IN_PROGRESS" then
      complain("Stack [%s] does not exist", stack.name)
    end
    readiness.check_updatable(stack)
    return stack, false
  elseif stack and stack.status ~= "REVIEW_IN_PROGRESS" then
    complain("Stack [%s] already exists and cannot be created again with the changeSet [%s].",
      stack.name, params.ChangeSetName)
  elseif stack then
    return stack, false
  end
  readiness.check_name(params.StackName)
  return readiness.new_stack(cloud, request.region, params.StackName), true
end

-- A stack with nothing in it answers for a change set that creates one.
local function compute(cloud, stack, fields, body, kind)
  local planned = readiness.plan(cloud, stack, fields, body)
  if kind == "UPDATE" and not readiness.has_changes(cloud, stack, fields, body, planned) then
    return planned.changes, NO_CHANGES
  end
  return planned.changes, nil
end

local function failure_choice(params)
  local choice = params.OnStackFailure
  if choice and not ON_FAILURE[choice] then
    complain("1 validation error detected: Value '%s' at 'onStackFailure' failed to satisfy "
      .. "constraint: Member must satisfy enum value set: [DELETE, DO_NOTHING, ROLLBACK]", choice)
  end
  return choice
end

function actions.CreateChangeSet(request, params, cloud)
  check_name(params.ChangeSetName)
  local kind = params.ChangeSetType or "UPDATE"
  if not KINDS[kind] then
    complain("ChangeSetType %s is not known to this cloud; it knows CREATE and UPDATE.", kind)
  end
  local on_failure = failure_choice(params)
  local stack, is_new = stack_for(cloud, request, params, kind)
  if stack.change_sets[params.ChangeSetName] then
    fault.raise("AlreadyExistsException", ("ChangeSet %s already exists"):format(
      params.ChangeSetName))
  end
  local fields, body = definition.read(cloud, request, params, not is_new and stack or nil)
  readiness.check_types(stack, body)
  local changes, failed = compute(cloud, stack, fields, body, kind)
  stack.change_sets[params.ChangeSetName] = {
    id = naming.arn("cloudformation", request.region, cloud.account,
      ("changeSet/%s/%s"):format(params.ChangeSetName, identifier.uuid())),
    name = params.ChangeSetName,
    kind = kind,
    description = params.Description,
    created = clock.now(),
    status = failed and "FAILED" or "CREATE_COMPLETE",
    reason = failed,
    execution_status = failed and "UNAVAILABLE" or "AVAILABLE",
    on_failure = on_failure,
    fields = fields,
    changes = json.array(changes),
    token = params.ClientToken,
  }
  if is_new then
    store.set_status(cloud, stack, "REVIEW_IN_PROGRESS", "User Initiated")
    store.add(cloud, stack)
  end
  store.save(cloud, stack)
  return { Id = stack.change_sets[params.ChangeSetName].id, StackId = stack.id }
end

-- A change set is named with its stack's name, or alone by its id.
local function find(cloud, request, params)
  local name = params.ChangeSetName
  if params.StackName then
    local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
    return stack, store.change_set(stack, name)
  end
  for _, stack in ipairs(store.all(cloud, request.region)) do
    for _, change_set in pairs(stack.change_sets) do
      if change_set.id == name then
        return stack, change_set
      end
    end
  end
  return fault.raise("ChangeSetNotFound", ("ChangeSet [%s] does not exist"):format(tostring(name)),
    404)
end

local function shown_change(change)
  return { Type = "Resource", ResourceChange = change }
end

function actions.DescribeChangeSet(request, params, cloud)
  local stack, change_set = find(cloud, request, params)
  local page, next_token = shown.page(change_set.changes, params.NextToken, PAGE)
  local changes = {}
  for _, change in ipairs(page) do
    table.insert(changes, shown_change(change))
  end
  local body = json.decode(change_set.fields.template)
  return {
    ChangeSetName = change_set.name,
    ChangeSetId = change_set.id,
    StackId = stack.id,
    StackName = stack.name,
    Description = change_set.description,
    CreationTime = shown.time(change_set.created),
    Status = change_set.status,
    StatusReason = change_set.reason,
    ExecutionStatus = change_set.execution_status,
    OnStackFailure = change_set.on_failure,
    Parameters = parameters.shown(body.Parameters or {}, change_set.fields.parameters),
    Capabilities = change_set.fields.capabilities,
    NotificationARNs = change_set.fields.notification_arns,
    Tags = change_set.fields.tags,
    Changes = changes,
    IncludeNestedStacks = false,
    NextToken = next_token,
  }
end

local function summary(stack, change_set)
  return {
    StackId = stack.id,
    StackName = stack.name,
    ChangeSetId = change_set.id,
    ChangeSetName = change_set.name,
    ExecutionStatus = change_set.execution_status,
    Status = change_set.status,
    StatusReason = change_set.reason,
    CreationTime = shown.time(change_set.created),
    Description = change_set.description,
    IncludeNestedStacks = false,
  }
end

function actions.ListChangeSets(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  local list = {}
  for _, name in ipairs(order.keys(stack.change_sets)) do
    if stack.change_sets[name].execution_status ~= "EXECUTE_COMPLETE" then
      table.insert(list, summary(stack, stack.change_sets[name]))
    end
  end
  local page, next_token = shown.page(list, params.NextToken, PAGE)
  return { Summaries = page, NextToken = next_token }
end

-- Once one is executed, the others describe a stack that is no more.
local function retire(stack, executed)
  for name, change_set in pairs(stack.change_sets) do
    if change_set ~= executed then
      stack.change_sets[name] = nil
    end
  end
  executed.execution_status = "EXECUTE_COMPLETE"
end

function actions.ExecuteChangeSet(request, params, cloud)
  local stack, change_set = find(cloud, request, params)
  if change_set.execution_status ~= "AVAILABLE" then
    fault.raise("InvalidChangeSetStatus", ("ChangeSet [%s] cannot be executed in its current "
      .. "execution status of [%s]"):format(change_set.id, change_set.execution_status))
  end
  local keeps = definition.is_true(params.DisableRollback)
  local options = {
    on_failure = keeps and "DO_NOTHING" or change_set.on_failure or "ROLLBACK",
    token = params.ClientRequestToken,
    reason = "User Initiated",
  }
  if change_set.kind == "UPDATE" then
    readiness.check_updatable(stack)
    retire(stack, change_set)
    options.on_failure = options.on_failure == "DELETE" and "ROLLBACK" or options.on_failure
    operation.update(cloud, stack, change_set.fields, options)
    return nil
  end
  retire(stack, change_set)
  for key, value in pairs(change_set.fields) do
    stack[key] = value
  end
  stack.disable_rollback = options.on_failure == "DO_NOTHING"
  operation.create(cloud, stack, options)
  return nil
end

function actions.DeleteChangeSet(request, params, cloud)
  local stack, change_set = find(cloud, request, params)
  if stack.operation and change_set.execution_status == "EXECUTE_COMPLETE" then
    fault.raise("InvalidChangeSetStatus",
      ("ChangeSet [%s] is being executed and cannot be deleted"):format(change_set.id))
  end
  stack.change_sets[change_set.name] = nil
  store.save(cloud, stack)
  return nil
end

return actions
