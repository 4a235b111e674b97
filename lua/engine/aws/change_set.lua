--- CloudFormation's change sets: made, read to the end, executed, removed. What is asked for, and how
--- ours are named, is told by engine.aws.change_set_request.
local aws = require "engine.aws"
local failure = require "engine.failure"
local follow = require "engine.aws.follow"
local request = require "engine.aws.change_set_request"

local change_set = {}

local PREFIX = request.PREFIX
local DEADLINE = 300 -- seconds until a change set must be ready
local MAX_PAGES = 200

local NO_CHANGES = { "didn't contain changes", "No updates are to be performed" }

-- Refusals that mean: there is nothing to take out, or it is beyond that.
local NOT_THERE = {
  ChangeSetNotFound = true,
  InvalidChangeSetStatus = true,
  ValidationError = true,
}

-- Takes out a change set of this name; one that is not there is fine.
local function remove(session, stack_name, name)
  local ok, raised = pcall(aws.call, session, "cloudformation", "DeleteChangeSet", {
    StackName = stack_name,
    ChangeSetName = name,
  })
  if not ok and not NOT_THERE[raised.code] then
    error(raised, 0)
  end
end

--- Removes the change sets that earlier runs of ours left on a stack.
---@param session engine.Session
---@param stack_name string
function change_set.remove_left_over(session, stack_name)
  local token
  for _ = 1, MAX_PAGES do
    local answer = aws.call(session, "cloudformation", "ListChangeSets", {
      StackName = stack_name,
      NextToken = token,
    })
    for _, summary in ipairs(answer.Summaries or {}) do
      local name = summary.ChangeSetName or ""
      local executed = (summary.ExecutionStatus or ""):find "^EXECUTE_"
      if name:sub(1, #PREFIX) == PREFIX and not executed then
        remove(session, stack_name, name)
      end
    end
    token = answer.NextToken
    if not token then
      return
    end
  end
end

-- CreateChangeSet, also where OnStackFailure is not known yet. One that exists is the one that this
-- very request made: its first answer was lost.
local function create(session, params)
  local ok, answer = pcall(aws.call, session, "cloudformation", "CreateChangeSet", params)
  if ok then
    return answer
  elseif answer.code == "AlreadyExistsException" then
    return {}
  elseif params.OnStackFailure and (answer.aws_message or ""):find("OnStackFailure", 1, true) then
    params.OnStackFailure = nil
    return create(session, params)
  end
  error(answer, 0)
end

local function is_no_change(reason)
  for _, words in ipairs(NO_CHANGES) do
    if reason:find(words, 1, true) then
      return true
    end
  end
  return false
end

local function describe(session, id, token)
  return aws.call(session, "cloudformation", "DescribeChangeSet", {
    StackName = id.stack,
    ChangeSetName = id.name,
    NextToken = token,
  })
end

-- Polls until it is ready or has failed.
local function await(session, id)
  local pauses = follow.pauses(session.clock)
  local started = session.clock.monotonic()
  while true do
    local answer = describe(session, id)
    if answer.Status == "CREATE_COMPLETE" or answer.Status == "FAILED" then
      return answer
    elseif session.clock.monotonic() - started > DEADLINE then
      failure.raise("deadline", "CloudFormation did not finish the change set", {
        code = "E503",
      })
    end
    pauses:wait()
  end
end

-- What CloudFormation found out before it tried anything: those findings are in no stack event. Where
-- they cannot be had, the change set's own reason must do.
local function findings(session, id)
  local ok, answer = pcall(aws.call, session, "cloudformation", "DescribeEvents", {
    ChangeSetName = id.name,
    StackName = id.stack,
    Filters = { FailedEvents = true },
  })
  local lines, resource = {}, nil
  for _, event in ipairs(ok and answer.OperationEvents or {}) do
    local reason = event.ValidationStatusReason or event.ResourceStatusReason
    if reason then
      resource = resource or event.LogicalResourceId
      local place = event.ValidationPath or event.LogicalResourceId or "the template"
      table.insert(lines, ("%s: %s"):format(place, reason))
    end
  end
  return #lines > 0 and table.concat(lines, "; ") or nil, resource
end

local function refuse(session, id, reason)
  local found, resource = findings(session, id)
  remove(session, id.stack, id.name)
  failure.raise("failed", "CloudFormation refused the template", {
    code = "E304",
    cause = found or reason,
    resource = resource,
  })
end

-- The changes on the first page and on those after it.
local function all_changes(session, id, answer)
  local changes = {}
  for _ = 1, MAX_PAGES do
    for _, change in ipairs(answer.Changes or {}) do
      table.insert(changes, change.ResourceChange)
    end
    if not answer.NextToken then
      break
    end
    answer = describe(session, id, answer.NextToken)
  end
  return changes
end

---@class engine.ChangeSet
---@field name string
---@field stack string        the stack's id
---@field changes table[]     ResourceChange, as AWS has it; none when only outputs change
---@field empty boolean       nothing at all would change; the change set is gone again

--- Makes a change set and waits for it. One that would change nothing is removed again and comes back
--- as `empty`; one that failed is removed, and the reason raised (in `resource` the logical id that it
--- is about, when CloudFormation says).
---@param session engine.Session
---@param params table   from change_set_request.params
---@return engine.ChangeSet
function change_set.make(session, params)
  local created = create(session, params)
  local id = { name = params.ChangeSetName, stack = created.StackId or params.StackName }
  local ok, answer = pcall(await, session, id)
  if not ok then
    pcall(remove, session, id.stack, id.name)
    error(answer, 0)
  end
  if answer.Status == "FAILED" then
    local reason = answer.StatusReason or "no reason was given"
    if not is_no_change(reason) then
      refuse(session, id, reason)
    end
    remove(session, id.stack, id.name)
    return { name = id.name, stack = id.stack, changes = {}, empty = true }
  end
  local changes = all_changes(session, id, answer)
  id.stack = answer.StackId or id.stack
  return { name = id.name, stack = id.stack, changes = changes, empty = false }
end

-- Whether a refusal to execute says that it was executed: the first answer was lost.
local function has_begun(raised)
  return failure.is(raised)
    and raised.code == "InvalidChangeSetStatus"
    and (raised.aws_message or ""):find "EXECUTE_" ~= nil
end

--- Sets it going. An answer that was lost is told as `still_running`: it may have begun.
---@param session engine.Session
---@param made engine.ChangeSet
function change_set.execute(session, made)
  local ok, raised = pcall(aws.call, session, "cloudformation", "ExecuteChangeSet", {
    StackName = made.stack,
    ChangeSetName = made.name,
    ClientRequestToken = made.name,
  })
  if not ok and not has_begun(raised) then
    if failure.is(raised, "network") or failure.is(raised, "interrupt") then
      raised = failure.wrap(raised, "it is not known whether the change has begun", {
        hint = "look with `laconic status`, or run `laconic provision` again",
        still_running = true,
      })
    end
    error(raised, 0)
  end
end

--- Removes it.
---@param session engine.Session
---@param made engine.ChangeSet
function change_set.remove(session, made)
  remove(session, made.stack, made.name)
end

return change_set
