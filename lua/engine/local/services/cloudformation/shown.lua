--- Stacks, resources and events as CloudFormation's answers show them.
local addresses = require "engine.local.addresses"
local clock = require "host.clock"
local fault = require "engine.local.fault"
local json = require "host.json"
local parameters = require "engine.local.services.cloudformation.parameters"

local shown = {}

local function time(seconds)
  return seconds and clock.iso8601(seconds, true)
end

shown.time = time

local function outputs(cloud, stack)
  local list = {}
  for _, output in ipairs(stack.outputs) do
    table.insert(list, {
      OutputKey = output.key,
      OutputValue = addresses.reachable(cloud, output.value),
      Description = output.description,
      ExportName = output.export,
    })
  end
  return list
end

-- The template is read for the sake of parameters that must not be echoed.
local function shown_parameters(stack)
  if next(stack.parameters) == nil then
    return {}
  end
  local body = json.decode(stack.template)
  return parameters.shown(body.Parameters or {}, stack.parameters)
end

-- What lists and descriptions tell alike.
local function in_short(stack)
  return {
    StackId = stack.id,
    StackName = stack.name,
    StackStatus = stack.status,
    StackStatusReason = stack.status_reason,
    CreationTime = time(stack.created),
    LastUpdatedTime = time(stack.updated),
    DeletionTime = time(stack.deleted),
    ParentId = stack.parent_id,
    RootId = stack.root_id,
    DriftInformation = { StackDriftStatus = "NOT_CHECKED" },
  }
end

--- A stack, for DescribeStacks.
function shown.stack(cloud, stack)
  local description = in_short(stack)
  description.Description = stack.description ~= "" and stack.description or nil
  description.DisableRollback = stack.disable_rollback or false
  description.TimeoutInMinutes = stack.timeout_minutes
  description.EnableTerminationProtection = stack.termination_protection or false
  description.RoleARN = stack.role_arn
  description.Capabilities = stack.capabilities
  description.NotificationARNs = stack.notification_arns
  description.Parameters = shown_parameters(stack)
  description.Tags = stack.tags
  description.Outputs = outputs(cloud, stack)
  description.RollbackConfiguration = {}
  return description
end

--- A stack, for ListStacks.
function shown.summary(stack)
  local summary = in_short(stack)
  summary.TemplateDescription = stack.description ~= "" and stack.description or nil
  return summary
end

--- A resource. The name of the time differs from action to action.
---@param time_name string  "Timestamp", "LastUpdatedTimestamp"
function shown.resource(stack, id, record, time_name)
  return {
    StackId = stack.id,
    StackName = stack.name,
    LogicalResourceId = id,
    PhysicalResourceId = record.physical_id,
    ResourceType = record.type,
    ResourceStatus = record.status,
    ResourceStatusReason = record.reason,
    [time_name] = time(record.at),
    DriftInformation = { StackResourceDriftStatus = "NOT_CHECKED" },
  }
end

--- An event, for DescribeStackEvents.
function shown.event(stack, event)
  return {
    StackId = stack.id,
    StackName = stack.name,
    EventId = event.id,
    LogicalResourceId = event.logical_id,
    PhysicalResourceId = event.physical_id,
    ResourceType = event.type,
    ResourceStatus = event.status,
    ResourceStatusReason = event.reason,
    ResourceProperties = event.properties,
    Timestamp = time(event.at),
    ClientRequestToken = event.token,
  }
end

-- What DescribeEvents calls an event: the stack's own, a resource's failure, or its progress.
local function event_type(stack, event)
  if event.physical_id == stack.id then
    return "STACK_EVENT"
  end
  return event.status:find "_FAILED$" and "PROVISIONING_ERROR" or "PROGRESS_EVENT"
end

--- An event, for DescribeEvents.
function shown.operation_event(stack, event)
  return {
    StackId = stack.id,
    EventId = event.id,
    EventType = event_type(stack, event),
    LogicalResourceId = event.logical_id,
    PhysicalResourceId = event.physical_id,
    ResourceType = event.type,
    ResourceStatus = event.status,
    ResourceStatusReason = event.reason,
    ResourceProperties = event.properties,
    Timestamp = time(event.at),
    ClientRequestToken = event.token,
  }
end

--- One page of a list, and the token of the next: the number of items before it.
---@param list table[]
---@param token? string
---@param size integer
---@return table[] page
---@return string? next_token
function shown.page(list, token, size)
  local from = 0
  if token then
    from = math.tointeger(tonumber((tostring(token):match "^page%-(%d+)$")))
    if not from then
      fault.raise("ValidationError", "The specified NextToken is not valid")
    end
  end
  local page = table.move(list, from + 1, math.min(from + size, #list), 1, {})
  return page, from + size < #list and "page-" .. from + size or nil
end

return shown
