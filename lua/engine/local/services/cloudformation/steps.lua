--- One resource at a time: made, changed, replaced, put back, taken away, each with its events.
local clock = require "host.clock"
local difference = require "engine.local.services.cloudformation.difference"
local fault = require "engine.local.fault"
local intrinsics = require "engine.local.services.cloudformation.intrinsics"
local json = require "host.json"
local live = require "engine.local.services.cloudformation.live"
local order = require "engine.order"
local recorded = require "engine.local.recorded"
local resources = require "engine.local.resources"
local same = require "engine.same"
local secrecy = require "engine.local.services.cloudformation.secrecy"
local store = require "engine.local.services.cloudformation.store"

local steps = {}

local CREATING <const> = "Resource creation Initiated"
local REPLACING <const> =
  "Requested update requires the creation of a new physical resource; hence creating one."
local CANCELLED <const> = {
  CREATE = "Resource creation cancelled",
  DELETE = "Resource deletion cancelled",
  UPDATE = "Resource update cancelled",
}
local MAX_EVENT_PROPERTIES <const> = 16384

--- An operation while it runs in this process.
---@class engine.local.services.cloudformation.Run
---@field cloud engine.local.Cloud
---@field stack table
---@field body table                      the template that is being brought about
---@field values table<string, string>    its parameters
---@field scope engine.local.services.cloudformation.Scope
---@field live table<string, table>       its resources whose condition holds
---@field needs table<string, table<string, true>>
---@field resumed boolean
---@field halted boolean                  nothing new is begun
---@field waits table<engine.local.Event, true>

-- "AWS::S3::Bucket" → "Service: S3; "
local function service_of(type_name)
  local name = type_name and type_name:match "^AWS::(%w+)::"
  return name and ("Service: %s; "):format(name) or ""
end

--- What a failure is called in an event: AWS's words when it has some.
---@param problem any         what was raised
---@param type_name? string   of the resource: its service is named
---@return string
function steps.reason(problem, type_name)
  if type(problem) ~= "table" or not problem.message then
    return tostring(problem)
  elseif fault.is(problem) and problem.code == "ValidationError" then
    return problem.message
  end
  return ("%s (%sStatus Code: %d; Error Code: %s)"):format(problem.message, service_of(type_name),
    problem.status or 400, problem.code or problem.kind or "InternalFailure")
end

local function set_status(run, id, record, status, reason, properties)
  record.status, record.reason, record.at = status, reason, clock.now()
  local text = properties and json.encode(properties)
  text = text and secrecy.mask(run.stack, text)
  store.add_event(run.cloud, run.stack, {
    logical_id = id,
    physical_id = record.physical_id or "",
    type = record.type,
    status = status,
    reason = reason,
    properties = text and #text <= MAX_EVENT_PROPERTIES and text or nil,
  })
end

steps.set_status = set_status

local function new_job(run, id, record)
  local job = live.job(run.cloud, run.stack, id, record)
  job.resumed = run.resumed
  function job.claim(physical_id)
    record.physical_id = physical_id
  end
  function job.hide(is_hidden)
    record.no_echo = is_hidden
  end
  function job.wait(event, seconds)
    if run.halted then
      return false
    end
    run.waits[event] = true
    local happened = event:wait(seconds)
    run.waits[event] = nil
    return happened and not run.halted
  end
  return job
end

-- Runs one action of a type's handler; a failure becomes the resource's event and goes on.
local function act(run, id, record, failed_status, cancelled, action)
  local ok, physical_id, attributes = pcall(action)
  if ok then
    return physical_id, attributes or {}
  end
  local reason = run.halted and cancelled or steps.reason(physical_id, record.type)
  set_status(run, id, record, failed_status, reason)
  error(physical_id, 0)
end

local function evaluate(run, id)
  local properties = intrinsics.evaluate(run.live[id].Properties or {}, run.scope,
    ("/Resources/%s/Properties"):format(id))
  return json.object(properties)
end

local function policies_of(resource)
  return {
    DeletionPolicy = resource.DeletionPolicy,
    UpdateReplacePolicy = resource.UpdateReplacePolicy,
  }
end

-- What the record keeps from the template beside the properties.
local function note_definition(run, id, record)
  local resource = run.live[id]
  record.policies = policies_of(resource)
  record.metadata = resource.Metadata
  record.needs = json.array(order.keys(run.needs[id]))
end

local function completed_reason(run, handler, record)
  if handler.note then
    return handler.note(record.properties, run.cloud)
  end
  return handler.recorded and recorded.REASON:format(record.type) or nil
end

local function make(run, id, record, status)
  local handler = resources.of(record.type)
  local job = new_job(run, id, record)
  job.physical_id, job.attributes = nil, nil
  local physical_id, attributes = act(run, id, record, status .. "_FAILED", CANCELLED[status],
    function()
      return handler.create(job)
    end)
  record.physical_id, record.attributes = physical_id, attributes
  set_status(run, id, record, status .. "_IN_PROGRESS", CREATING, record.properties)
  set_status(run, id, record, status .. "_COMPLETE", completed_reason(run, handler, record))
end

--- Makes a resource that the stack does not have.
---@param run engine.local.services.cloudformation.Run
---@param id string
function steps.create(run, id)
  local record = run.stack.resources[id]
  if record and record.status == "CREATE_COMPLETE" then
    return -- taken up again after a kill
  end
  record = record or {
    type = run.live[id].Type, generation = 0, attributes = {}, properties = {},
  }
  run.stack.resources[id] = record
  note_definition(run, id, record)
  set_status(run, id, record, "CREATE_IN_PROGRESS")
  record.properties = act(run, id, record, "CREATE_FAILED", CANCELLED.CREATE, function()
    return evaluate(run, id)
  end)
  make(run, id, record, "CREATE")
end

local function check_custom_name(handler, id, record, properties)
  local name = handler.name_property
  if name and properties[name] ~= nil and properties[name] == record.properties[name] then
    fault.raise("ValidationError", ("CloudFormation cannot update a stack when a custom-named "
      .. "resource requires replacing. Rename %s and update the stack again."):format(
      record.physical_id or id))
  end
end

local function discard(run, id, record)
  table.insert(run.stack.operation.garbage, {
    logical_id = id,
    type = record.type,
    physical_id = record.physical_id,
    properties = record.properties,
    attributes = record.attributes,
    policies = record.policies,
    needs = record.needs,
    generation = record.generation,
    replaced = true,
  })
end

local function copy_record(record)
  local copy = {}
  for key, value in pairs(record) do
    copy[key] = value
  end
  return copy
end

local function replace(run, id, record, properties)
  set_status(run, id, record, "UPDATE_IN_PROGRESS", REPLACING)
  local old = copy_record(record)
  record.properties, record.generation = properties, (record.generation or 0) + 1
  local ok, problem = pcall(make, run, id, record, "UPDATE")
  if not ok then
    for key, value in pairs(old) do
      record[key] = key ~= "status" and key ~= "reason" and key ~= "at" and value or record[key]
    end
    error(problem, 0)
  end
  discard(run, id, old)
end

local function change(run, id, record, handler, properties, in_status)
  set_status(run, id, record, "UPDATE_IN_PROGRESS")
  local job = new_job(run, id, record)
  job.previous, job.properties = record.properties, properties
  if handler.custom then -- on its way back, it is told what it was to become
    job.attempted, record.attempted = record.attempted, properties
  end
  local physical_id, attributes = act(run, id, record, "UPDATE_FAILED",
    CANCELLED.UPDATE, function()
      return handler.update(job)
    end)
  if physical_id and physical_id ~= record.physical_id then
    discard(run, id, copy_record(record))
  end
  record.physical_id = physical_id or record.physical_id
  record.attributes, record.properties, record.attempted = attributes, properties, nil
  set_status(run, id, record, in_status or "UPDATE_COMPLETE",
    completed_reason(run, handler, record))
end

-- Whether the stack's tags, which reach this resource, are other ones now.
local function tags_differ(run, handler)
  return handler.taggable
    and not same(run.stack.operation.previous.tags, run.stack.tags)
end

--- Brings a resource that the stack has to what the template says now; makes it when it is new.
---@param run engine.local.services.cloudformation.Run
---@param id string
function steps.update(run, id)
  local stack, operation = run.stack, run.stack.operation
  local record = stack.resources[id]
  if operation.done[id] then
    return -- taken up again after a kill
  elseif not record or operation.before[id] == false then
    operation.before[id] = false
    steps.create(run, id)
    operation.done[id] = true
    return
  end
  local handler = resources.of(record.type)
  operation.before[id] = operation.before[id] or copy_record(record)
  local before = operation.before[id]
  local properties = act(run, id, record, "UPDATE_FAILED", CANCELLED.UPDATE, function()
    return evaluate(run, id)
  end)
  local names = difference.properties(before.properties, properties)
  note_definition(run, id, record)
  if #names == 0 and not tags_differ(run, handler)
    and same(before.metadata, record.metadata) then
    operation.before[id] = nil -- nothing to put back
  elseif difference.replacement(handler, names) == "True" then
    act(run, id, record, "UPDATE_FAILED", CANCELLED.UPDATE, function()
      check_custom_name(handler, id, record, properties)
    end)
    replace(run, id, record, properties)
  else
    change(run, id, record, handler, properties)
  end
  operation.done[id] = true
end

--- Puts a resource back to what it was before the update began.
---@param run engine.local.services.cloudformation.Run
---@param id string
function steps.revert(run, id)
  local stack, operation = run.stack, run.stack.operation
  local before, record = operation.before[id], stack.resources[id]
  if before == nil or operation.reverted[id] then
    return
  elseif before == false then
    if record and record.physical_id then
      discard(run, id, record)
    end
    stack.resources[id] = nil
  elseif record.physical_id ~= before.physical_id and not resources.of(record.type).custom then
    discard(run, id, record)
    stack.resources[id] = before
    set_status(run, id, before, "UPDATE_COMPLETE")
  else -- a custom resource is asked to go back, and may answer with the id that it had
    local handler = resources.of(record.type)
    change(run, id, record, handler, before.properties)
    before.status, before.at, before.attributes = record.status, record.at, record.attributes
    before.physical_id = record.physical_id
    stack.resources[id] = before
  end
  operation.reverted[id] = true
end

local function is_kept(record, creating)
  local policies = record.policies
  local policy = policies.DeletionPolicy
  if record.replaced then
    policy = policies.UpdateReplacePolicy
  end
  return policy == "Retain" or policy == "RetainExceptOnCreate" and not creating
end

--- Takes a resource away, unless its policy keeps it.
---@param run engine.local.services.cloudformation.Run
---@param id string
---@param record table       of the stack, or one that was put aside to be cleaned up
---@param options? { creating?: boolean, retain?: boolean }  creating: its creation is being undone
function steps.delete(run, id, record, options)
  options = options or {}
  if record.status == "DELETE_COMPLETE" or record.status == "DELETE_SKIPPED" then
    return
  elseif options.retain or is_kept(record, options.creating) then
    set_status(run, id, record, "DELETE_SKIPPED")
    return
  end
  if record.physical_id then
    set_status(run, id, record, "DELETE_IN_PROGRESS")
    act(run, id, record, "DELETE_FAILED", CANCELLED.DELETE, function()
      resources.of(record.type).delete(new_job(run, id, record))
    end)
  end
  set_status(run, id, record, "DELETE_COMPLETE")
end

return steps
