--- One request of CloudFormation's for a custom resource: the handler is run, and whatever becomes of
--- it, CloudFormation is told before the function's time is over. A stack that is not told waits.
---
--- What a handler raises is an answer (FAILED), and no failure of the invocation. Only an answer that
--- could not be delivered is one: Lambda then runs the function again, which repeats the answer, or,
--- in another process, the request.
local clock = require "host.clock"
local delivery = require "engine.runtime.custom_resource.delivery"
local guard = require "host.guard"
local reply = require "engine.runtime.custom_resource.reply"
local report = require "engine.runtime.report"
local requests = require "engine.runtime.custom_resource.request"

local custom_resource = {}

--- A type of custom resources, as the vocabulary says it: see laconic.custom_resource.
---@class engine.CustomKind
---@field type string
---@field handler laconic.CustomHandler
---@field identity? string[]
---@field no_echo? boolean
---@field margin number      seconds before the function's time-out at which the handler is stopped
---@field said fun(logical_id: string): table?  the properties in the service file

---@class engine.runtime.CustomAnswer
---@field text string      what CloudFormation is told
---@field summary table    the same without the attributes, which may be secret

local SHARE <const> = 1 / 3 -- of a short time, to tell: that takes a connection, and TLS
local AT_ONCE <const> = 0.001 -- seconds

local TOO_LATE <const> = "the handler was stopped, waiting: its time is almost over"

local undelivered -- { request_id, answer }: what CloudFormation has not taken yet

local on_error = report.handler(os.getenv "LAMBDA_TASK_ROOT" or ".")

-- The sentence, with its place in the author's file: Lua puts it there, error objects may not.
local function sentence(failed)
  local message = failed.errorMessage
  local place = (failed.stackTrace[1] or ""):match "^([^\n:]+:%d+)"
  return place and not message:find "^[^\n:]+:%d+: " and place .. ": " .. message or message
end

local function is_interrupt(caught)
  local raised = type(caught) == "table" and caught.raised
  return type(raised) == "table" and rawget(raised, "kind") == "interrupt"
end

-- What waited when the time came says that it was interrupted: the reason is another.
local function describe(caught, late)
  local failed = report.describe(caught)
  if late and is_interrupt(caught) then
    failed.errorMessage = TOO_LATE
  end
  return failed
end

-- When the handler has to be done; 0: whenever it is.
local function last_moment(kind, deadline)
  if deadline == 0 or kind.margin == 0 then
    return 0
  end
  return deadline - math.min(kind.margin, (deadline - clock.now()) * SHARE)
end

-- The attributes that the handler's function returned, or nil and what failed. It is stopped early
-- enough for the answer.
local function run(kind, request, context)
  local step = kind.handler[request.type]
  if not step then
    return nil
  end
  local last = last_moment(kind, context.deadline)
  local ok, attributes, more = guard.call(last, AT_ONCE, on_error, step, request, context)
  if not ok then
    if is_interrupt(attributes) and not more then
      error(attributes.raised, 0) -- the process is to end
    end
    return nil, describe(attributes, more)
  elseif attributes == nil and more ~= nil then
    return nil, report.describe(more) -- `return nil, err`, as host.* says it
  end
  return attributes
end

-- Of what was to be created, CloudFormation deletes what the failure is told with. What the handler
-- made, and only the answer could not say, is no failed creation.
local function failed_id(request, facts, failed)
  local id = reply.is_id(request.physical_id) and request.physical_id or facts.own_id
  return facts.physical_id or (failed and id .. requests.FAILED or id)
end

local function success(request, facts, kind, attributes)
  local id = request.type == "delete" and facts.physical_id or request.physical_id
  local text, problem = reply.success(facts, id, attributes, kind.no_echo)
  if text then
    return { text = text, summary = { Status = "SUCCESS", PhysicalResourceId = id } }
  end
  return nil, problem
end

local function failure(facts, id, reason)
  local text, told = reply.failure(facts, id, reason)
  return { text = text, summary = { Status = "FAILED", PhysicalResourceId = id, Reason = told } }
end

local function tell(context, level, what, request, fields)
  fields.logical_id, fields.physical_id = request.logical_id, request.physical_id
  context.log[level](("custom resource: %s %s"):format(request.type, what), fields)
end

local function perform(kind, request, facts, context)
  local attributes, failed = run(kind, request, context)
  if failed and request.failed_create then -- there may have been nothing to delete
    tell(context, "warn", "failed after a failed create", request, { error = sentence(failed) })
    failed = nil
  end
  local answer, problem
  if failed then
    problem = sentence(failed)
  else
    answer, problem = success(request, facts, kind, attributes)
  end
  if answer then
    tell(context, "info", "done", request, {})
    return answer
  end
  local trace = failed and table.concat(failed.stackTrace, " < ") or nil
  tell(context, "error", "failed", request, { error = problem, trace = trace })
  return failure(facts, failed_id(request, facts, failed), problem)
end

--- Answers a request. Raises when the event is none, and when the answer could not be delivered.
---@param kind engine.CustomKind
---@param event any
---@param context laconic.Context
---@return table summary  { Status, PhysicalResourceId, Reason? }
function custom_resource.answer(kind, event, context)
  local request, facts = requests.read(kind, event)
  local answer = undelivered and undelivered.request_id == facts.request_id and undelivered.answer
    or perform(kind, request, facts, context)
  undelivered = { request_id = facts.request_id, answer = answer }
  delivery.put(facts.url, answer.text, context.deadline)
  undelivered = nil
  return answer.summary
end

return custom_resource
