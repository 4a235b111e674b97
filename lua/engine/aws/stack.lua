--- Stacks as CloudFormation reports them: their state, their events, their outputs. Reads only.
local aws = require "engine.aws"
local failure = require "engine.failure"

local stack = {}

--- What each status means once nothing moves any more. A status that is not listed is still moving,
--- except REVIEW_IN_PROGRESS: there is a change set, and no stack yet.
---   result    "done" | "rolled_back" (nothing of the operation is left) | "stuck" (something is)
---   updatable a change set can be made against it
---@type table<string, { result: "done"|"rolled_back"|"stuck", updatable?: boolean }>
stack.TERMINAL = {
  CREATE_COMPLETE = { result = "done", updatable = true },
  CREATE_FAILED = { result = "stuck", updatable = true },
  DELETE_COMPLETE = { result = "rolled_back" },
  DELETE_FAILED = { result = "stuck" },
  IMPORT_COMPLETE = { result = "done", updatable = true },
  IMPORT_ROLLBACK_COMPLETE = { result = "rolled_back", updatable = true },
  IMPORT_ROLLBACK_FAILED = { result = "stuck" },
  ROLLBACK_COMPLETE = { result = "rolled_back" },
  ROLLBACK_FAILED = { result = "stuck" },
  UPDATE_COMPLETE = { result = "done", updatable = true },
  UPDATE_FAILED = { result = "stuck", updatable = true },
  UPDATE_ROLLBACK_COMPLETE = { result = "rolled_back", updatable = true },
  UPDATE_ROLLBACK_FAILED = { result = "stuck" },
}

-- Pages of events that are read at most; each holds about a hundred.
local MAX_PAGES = 200

local function read_outputs(list)
  local outputs = {}
  for i, output in ipairs(list or {}) do
    outputs[i] = {
      key = output.OutputKey,
      value = output.OutputValue or "",
      description = output.Description,
      export = output.ExportName,
    }
  end
  table.sort(outputs, function(a, b)
    return a.key < b.key
  end)
  return outputs
end

local function read_pairs(list, key, value)
  local map = {}
  for _, item in ipairs(list or {}) do
    map[item[key]] = item[value] or ""
  end
  return map
end

--- Whether an error says that there is no such stack.
---@param raised any
---@return boolean
function stack.is_absent(raised)
  return failure.is(raised)
    and raised.code == "ValidationError"
    and (raised.aws_message or ""):find "does not exist" ~= nil
end

--- Reads a stack by its name or id; nil when there is none.
---@param session engine.Session
---@param name string
---@return engine.Stack?
function stack.describe(session, name)
  local ok, answer = pcall(aws.call, session, "cloudformation", "DescribeStacks", {
    StackName = name,
  })
  if not ok then
    if stack.is_absent(answer) then
      return nil
    end
    error(answer, 0)
  end
  local found = (answer.Stacks or {})[1]
  if not found then
    return nil
  end
  return {
    name = found.StackName,
    id = found.StackId,
    status = found.StackStatus,
    reason = found.StackStatusReason,
    description = found.Description,
    created = found.CreationTime,
    updated = found.LastUpdatedTime,
    outputs = read_outputs(found.Outputs),
    parameters = read_pairs(found.Parameters, "ParameterKey", "ParameterValue"),
    tags = read_pairs(found.Tags, "Key", "Value"),
  }
end

local function refuse_absent(session, name)
  failure.raise("failed", ("there is no stack '%s' in %s"):format(name, session:region()), {
    code = "E504",
    hint = "make it with `laconic provision`, or name another --region",
  })
end

--- As `describe`, for commands that need the stack to be there.
---@param session engine.Session
---@param name string
---@return engine.Stack
function stack.get(session, name)
  local found = stack.describe(session, name)
  if not found or found.status == "REVIEW_IN_PROGRESS" then
    refuse_absent(session, name)
  end
  return found
end

-- Events that come while older ones are read push these to the next page: none is taken twice.
local function events_newest_first(session, name, mark)
  local events, seen, token = {}, {}, nil
  for _ = 1, MAX_PAGES do
    local answer = aws.call(session, "cloudformation", "DescribeStackEvents", {
      StackName = name,
      NextToken = token,
    })
    for _, event in ipairs(answer.StackEvents or {}) do
      if event.EventId == mark then
        return events
      end
      if not seen[event.EventId] then
        seen[event.EventId] = true
        table.insert(events, event)
      end
    end
    token = answer.NextToken
    if not token then
      return events
    end
  end
  return events
end

--- The events since the one with the id `mark` (all of them without), the oldest first.
---@param session engine.Session
---@param name string
---@param mark? string
---@return table[] events  as AWS has them: EventId, LogicalResourceId, ResourceStatus, …
function stack.events(session, name, mark)
  local newest_first = events_newest_first(session, name, mark)
  local events = {}
  for i = #newest_first, 1, -1 do
    table.insert(events, newest_first[i])
  end
  return events
end

--- The id of the newest event: the mark from which an operation is followed.
---@param session engine.Session
---@param name string
---@return string?
function stack.newest_event(session, name)
  local answer = aws.call(session, "cloudformation", "DescribeStackEvents", { StackName = name })
  local newest = (answer.StackEvents or {})[1]
  return newest and newest.EventId
end

-- A page of a stack's resources; an error of its own when there is no stack.
local function list_resources(session, name, token)
  local ok, answer = pcall(aws.call, session, "cloudformation", "ListStackResources", {
    StackName = name,
    NextToken = token,
  })
  if ok then
    return answer
  elseif stack.is_absent(answer) then
    refuse_absent(session, name)
  end
  error(answer, 0)
end

--- Every resource of a stack.
---@param session engine.Session
---@param name string
---@return { id: string, physical_id: string, type: string, status: string, reason?: string }[]
function stack.resources(session, name)
  local resources, token = {}, nil
  for _ = 1, MAX_PAGES do
    local answer = list_resources(session, name, token)
    for _, resource in ipairs(answer.StackResourceSummaries or {}) do
      table.insert(resources, {
        id = resource.LogicalResourceId or "",
        physical_id = resource.PhysicalResourceId or "",
        type = resource.ResourceType or "",
        status = resource.ResourceStatus or "",
        reason = resource.ResourceStatusReason,
      })
    end
    token = answer.NextToken
    if not token then
      break
    end
  end
  return resources
end

--- The template that is live, as text; nil when there is no stack.
---@param session engine.Session
---@param name string
---@return string?
function stack.live_template(session, name)
  local ok, answer = pcall(aws.call, session, "cloudformation", "GetTemplate", {
    StackName = name,
    TemplateStage = "Original",
  })
  if ok then
    return answer.TemplateBody
  elseif stack.is_absent(answer) then
    return nil
  end
  error(answer, 0)
end

return stack
