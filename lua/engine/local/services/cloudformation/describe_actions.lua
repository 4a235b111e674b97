--- CloudFormation's actions that only tell.
local addresses = require "engine.local.addresses"
local capabilities = require "engine.local.services.cloudformation.capabilities"
local definition = require "engine.local.services.cloudformation.definition"
local fault = require "engine.local.fault"
local json = require "host.json"
local order = require "engine.order"
local parameters = require "engine.local.services.cloudformation.parameters"
local shown = require "engine.local.services.cloudformation.shown"
local store = require "engine.local.services.cloudformation.store"
local template = require "engine.local.services.cloudformation.template"

local actions = {}

local PAGE <const> = 100

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

local function newest_first(list)
  local reversed = {}
  for i = #list, 1, -1 do
    table.insert(reversed, list[i])
  end
  return reversed
end

local function map(list, fn)
  local out = {}
  for _, item in ipairs(list) do
    table.insert(out, fn(item))
  end
  return out
end

function actions.DescribeStacks(request, params, cloud)
  if params.StackName then
    return { Stacks = { shown.stack(cloud, store.get(cloud, request.region, params.StackName)) } }
  end
  local stacks = {}
  for _, stack in ipairs(newest_first(store.all(cloud, request.region))) do
    if not store.is_deleted(stack) then
      table.insert(stacks, stack)
    end
  end
  local page, next_token = shown.page(stacks, params.NextToken, PAGE)
  local list = map(page, function(stack)
    return shown.stack(cloud, stack)
  end)
  return { Stacks = list, NextToken = next_token }
end

function actions.ListStacks(request, params, cloud)
  local wanted = {}
  for _, status in ipairs(definition.list(params.StackStatusFilter)) do
    if not status:find "^[A-Z_]+_COMPLETE$" and not status:find "^[A-Z_]+_FAILED$"
      and not status:find "^[A-Z_]+_IN_PROGRESS$" then
      complain("1 validation error detected: Value '[%s]' at 'stackStatusFilter' failed to satisfy "
        .. "constraint: Member must be the status of a stack", status)
    end
    wanted[status] = true
  end
  local stacks = {}
  for _, stack in ipairs(newest_first(store.all(cloud, request.region))) do
    if next(wanted) == nil or wanted[stack.status] then
      table.insert(stacks, stack)
    end
  end
  local page, next_token = shown.page(stacks, params.NextToken, PAGE)
  return { StackSummaries = map(page, shown.summary), NextToken = next_token }
end

function actions.DescribeStackEvents(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  -- Tokens count the events that are older, so that those which come meanwhile move no page.
  local events = stack.events
  if params.NextToken then
    local older = math.tointeger(tonumber((tostring(params.NextToken):match "^older%-(%d+)$")))
    if not older or older > #events then
      complain "The specified NextToken is not valid"
    end
    events = table.move(events, 1, older, 1, {})
  end
  local page = table.move(newest_first(events), 1, PAGE, 1, {})
  local next_token = #events > PAGE and "older-" .. #events - PAGE or nil
  return {
    StackEvents = map(page, function(event)
      return shown.event(stack, event)
    end),
    NextToken = next_token,
  }
end

-- Nothing is validated ahead of a change set here, so that one on its own has no events.
local function events_of(stack, params)
  if params.ChangeSetName then
    store.change_set(stack, params.ChangeSetName)
    return {}
  end
  local only_failed = definition.is_true((params.Filters or {}).FailedEvents)
  local events = {}
  for _, event in ipairs(newest_first(stack.events)) do
    if not only_failed or event.status:find "_FAILED$" then
      table.insert(events, event)
    end
  end
  return events
end

function actions.DescribeEvents(request, params, cloud)
  if not params.StackName then
    complain "StackName is required: this cloud does not find events by operation or change set."
  end
  local stack = store.get(cloud, request.region, params.StackName, "Stack [%s] does not exist")
  local page, next_token = shown.page(events_of(stack, params), params.NextToken, PAGE)
  return {
    OperationEvents = map(page, function(event)
      return shown.operation_event(stack, event)
    end),
    NextToken = next_token,
  }
end

local function resources_of(stack, time_name)
  return map(order.keys(stack.resources), function(id)
    return shown.resource(stack, id, stack.resources[id], time_name)
  end)
end

-- The stack that has a resource of that physical id.
local function stack_of(cloud, region, physical_id)
  for _, stack in ipairs(store.all(cloud, region)) do
    for _, record in pairs(store.is_deleted(stack) and {} or stack.resources) do
      if record.physical_id == physical_id then
        return stack
      end
    end
  end
  complain("Stack for %s does not exist", tostring(physical_id))
end

function actions.DescribeStackResources(request, params, cloud)
  local name, physical_id = params.StackName, params.PhysicalResourceId
  if (name == nil) == (physical_id == nil) then
    complain "Either StackName or PhysicalResourceId must be specified, and not both."
  end
  local stack = name and store.get(cloud, request.region, name)
    or stack_of(cloud, request.region, physical_id)
  local list = {}
  for _, resource in ipairs(resources_of(stack, "Timestamp")) do
    if not params.LogicalResourceId or params.LogicalResourceId == resource.LogicalResourceId then
      table.insert(list, resource)
    end
  end
  return { StackResources = list }
end

function actions.ListStackResources(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName)
  local page, next_token = shown.page(resources_of(stack, "LastUpdatedTimestamp"),
    params.NextToken, PAGE)
  return { StackResourceSummaries = page, NextToken = next_token }
end

function actions.DescribeStackResource(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName, "Stack '%s' does not exist")
  local id = params.LogicalResourceId
  local record = stack.resources[id]
  if not record then
    complain("Resource %s does not exist for stack %s", tostring(id), stack.name)
  end
  local detail = shown.resource(stack, id, record, "LastUpdatedTimestamp")
  detail.Metadata = record.metadata and assert(json.encode(record.metadata))
  return { StackResourceDetail = detail }
end

function actions.GetTemplate(request, params, cloud)
  local stack = store.get(cloud, request.region, params.StackName)
  local name = params.ChangeSetName
  local from = name and store.change_set(stack, name).fields or stack
  return { TemplateBody = from.template or "", StagesAvailable = { "Original", "Processed" } }
end

local function declared(body)
  return map(order.keys(body.Parameters or {}), function(name)
    local parameter = body.Parameters[name]
    return {
      ParameterKey = name,
      ParameterType = parameter.Type,
      DefaultValue = parameters.text(parameter.Default),
      NoEcho = tostring(parameter.NoEcho) == "true",
      Description = parameter.Description,
      ParameterConstraints = { AllowedValues = map(parameter.AllowedValues or {}, tostring) },
    }
  end)
end

local function types_of(body)
  local types = {}
  for _, resource in pairs(body.Resources) do
    types[resource.Type] = true
  end
  return order.keys(types)
end

local function required(body)
  local capability, reason = capabilities.required(body)
  return capability and { capability } or {}, capability and reason or nil
end

function actions.GetTemplateSummary(request, params, cloud)
  local text = definition.template_text(cloud, request, params)
    or store.get(cloud, request.region, params.StackName).template
  local body = template.read(text)
  local needed, reason = required(body)
  return {
    Parameters = declared(body),
    Description = body.Description,
    Capabilities = needed,
    CapabilitiesReason = reason,
    ResourceTypes = types_of(body),
    Version = body.AWSTemplateFormatVersion,
    Metadata = body.Metadata and assert(json.encode(body.Metadata)),
  }
end

function actions.ValidateTemplate(request, params, cloud)
  local text = definition.template_text(cloud, request, params)
  if not text then
    complain "Either Template URL or Template Body must be specified."
  end
  local body = template.read(text)
  local needed, reason = required(body)
  return {
    Parameters = map(declared(body), function(parameter)
      return {
        ParameterKey = parameter.ParameterKey,
        DefaultValue = parameter.DefaultValue,
        NoEcho = parameter.NoEcho,
        Description = parameter.Description,
      }
    end),
    Description = body.Description,
    Capabilities = needed,
    CapabilitiesReason = reason,
  }
end

function actions.ListExports(request, params, cloud)
  local exports = store.exports(cloud, request.region)
  local list = map(order.keys(exports), function(name)
    return {
      Name = name,
      Value = addresses.reachable(cloud, exports[name].value),
      ExportingStackId = exports[name].stack.id,
    }
  end)
  local page, next_token = shown.page(list, params.NextToken, PAGE)
  return { Exports = page, NextToken = next_token }
end

function actions.ListImports(request, params, cloud)
  local name = params.ExportName
  local importers = type(name) == "string" and store.importers(cloud, request.region, name) or {}
  if #importers == 0 then
    complain("Export '%s' is not imported by any stack.", tostring(name))
  end
  local page, next_token = shown.page(importers, params.NextToken, PAGE)
  return { Imports = page, NextToken = next_token }
end

return actions
