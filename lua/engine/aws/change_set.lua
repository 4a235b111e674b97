--- CloudFormation's change sets: made, read to the end, executed, removed.
---
--- Ours are named "laconic-<digest of what they are made from, and of what they would change>": one
--- that a killed run left behind is known as ours, and a request that is sent twice makes one.
local aws = require "engine.aws"
local follow = require "engine.aws.follow"
local failure = require "engine.failure"
local digest = require "host.digest"
local json = require "host.json"

local change_set = {}

local PREFIX = "laconic-"
local DEADLINE = 300 -- seconds until a change set must be ready
local MAX_PAGES = 200

local NO_CHANGES = { "didn't contain changes", "No updates are to be performed" }

-- Resource types for which CloudFormation wants CAPABILITY_IAM; with the property that, when it is
-- given, makes it CAPABILITY_NAMED_IAM.
local IAM_TYPES = {
  ["AWS::IAM::AccessKey"] = false,
  ["AWS::IAM::Group"] = "GroupName",
  ["AWS::IAM::GroupPolicy"] = false,
  ["AWS::IAM::InstanceProfile"] = "InstanceProfileName",
  ["AWS::IAM::ManagedPolicy"] = "ManagedPolicyName",
  ["AWS::IAM::Policy"] = false,
  ["AWS::IAM::Role"] = "RoleName",
  ["AWS::IAM::RolePolicy"] = false,
  ["AWS::IAM::User"] = "UserName",
  ["AWS::IAM::UserPolicy"] = false,
  ["AWS::IAM::UserToGroupAddition"] = false,
}

--- The capabilities that a template needs, no more.
---@param template table
---@return string[]
function change_set.capabilities(template)
  local iam, named = false, false
  for _, resource in pairs(template.Resources or {}) do
    local name_property = IAM_TYPES[resource.Type]
    if name_property ~= nil then
      iam = true
      named = named or name_property and (resource.Properties or {})[name_property] ~= nil
    end
  end
  local capabilities = {}
  if template.Transform ~= nil then
    table.insert(capabilities, "CAPABILITY_AUTO_EXPAND")
  end
  if iam then
    table.insert(capabilities, named and "CAPABILITY_NAMED_IAM" or "CAPABILITY_IAM")
  end
  return capabilities
end

local function sorted_pairs(map, key_name, value_name)
  local list = {}
  for key, value in pairs(map) do
    table.insert(list, { [key_name] = key, [value_name] = tostring(value) })
  end
  table.sort(list, function(a, b)
    return a[key_name] < b[key_name]
  end)
  return list
end

--- Refuses parameters that the template does not declare.
---@param template table
---@param given table<string, string>
function change_set.check_parameters(template, given)
  local declared, unknown = template.Parameters or {}, nil
  for name in pairs(given) do
    if not declared[name] and (not unknown or name < unknown) then
      unknown = name
    end
  end
  if unknown then
    local words = require("engine.check").unknown("parameter", unknown, declared)
    failure.raise("usage", "--param: " .. words, { code = "E703" })
  end
end

-- What was given; what is live already keeps its value; what has a default takes it.
local function parameters_of(template, given, live)
  local declared = template.Parameters or {}
  change_set.check_parameters(template, given)
  local list = sorted_pairs(given, "ParameterKey", "ParameterValue")
  local missing = {}
  for name, definition in pairs(declared) do
    if given[name] == nil then
      if live[name] ~= nil then
        table.insert(list, { ParameterKey = name, UsePreviousValue = true })
      elseif definition.Default == nil then
        table.insert(missing, name)
      end
    end
  end
  if #missing > 0 then
    table.sort(missing)
    failure.raise("usage", ("no value for the parameter %s"):format(table.concat(missing, ", ")), {
      code = "E703",
      hint = ("say --param %s=VALUE"):format(missing[1]),
    })
  end
  table.sort(list, function(a, b)
    return a.ParameterKey < b.ParameterKey
  end)
  return list
end

---@class engine.ChangeSetRequest
---@field stack_name string
---@field type "CREATE"|"UPDATE"
---@field template table
---@field template_text string
---@field template_url string
---@field parameters table<string, string>
---@field live_parameters table<string, string>
---@field tags table<string, string>
---@field since? string     when the live stack last changed

--- The parameters of CreateChangeSet: a function of its argument.
---@param request engine.ChangeSetRequest
---@return table params
function change_set.params(request)
  local params = {
    StackName = request.stack_name,
    ChangeSetType = request.type,
    TemplateURL = request.template_url,
    Capabilities = change_set.capabilities(request.template),
    Parameters = parameters_of(request.template, request.parameters, request.live_parameters),
    Tags = sorted_pairs(request.tags, "Key", "Value"),
  }
  if request.type == "CREATE" then
    params.OnStackFailure = "DELETE"
  end
  local identity = assert(json.encode {
    params.Parameters,
    params.Tags,
    request.type,
    request.since or "",
  })
  params.ChangeSetName = PREFIX .. digest.sha256(request.template_text .. identity):sub(1, 32)
  return params
end

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
---@param params table   from change_set.params
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
