--- Stage 8: sees an operation to its end: the stack as it now is, or the failure that began it all.
local aws = require "engine.aws"
local failure = require "engine.failure"
local file = require "host.file"
local follow = require "engine.aws.follow"
local json = require "host.json"
local remedies = require "engine.aws.remedies"
local stack = require "engine.aws.stack"

local wait = {}

local VERBS = { create = "created", update = "updated", inplace = "updated", none = "read" }

-- What the handler of a custom resource said, without what CloudFormation says around it.
local function bare(reason)
  return reason:match "Message returned: (.*) %(RequestId: [%x-]+%)$" or reason
end

-- Where the author declared what failed, and what AWS said about it.
local function explain(followed, model)
  local event = follow.root_cause(followed.events, followed.stack.id)
  if not event then
    return nil, followed.stack.reason
  end
  local id, reason = event.LogicalResourceId or "?", event.ResourceStatusReason or "no reason given"
  return model.where[id], ("%s (%s): %s"):format(id, event.ResourceType or "?", bare(reason))
end

-- A failed create leaves nothing behind, also where CloudFormation does not see to that itself.
local function delete_remains(session, remains, options)
  local mark = stack.newest_event(session, remains.id)
  aws.call(session, "cloudformation", "DeleteStack", { StackName = remains.id })
  local watch = setmetatable({ mark = mark }, { __index = options })
  follow.run(session, remains, watch)
end

-- For whoever looks closer: AWS forgets the events of a stack that is gone.
local function save_events(events, build)
  local path = build.output_dir .. "/events.json"
  local text = json.encode(json.array(events), { indent = 2 })
  return text and file.write(path, text .. "\n") and path
end

-- Whatever stops us from following does not stop the stack: it still needs what was sent.
local function follow_to_end(session, operation, watch)
  local ok, followed = pcall(follow.run, session, operation, watch)
  if ok then
    return followed
  elseif type(followed) == "table" and followed.still_running then
    error(followed, 0)
  end
  error(failure.wrap(followed, ("lost sight of the stack '%s'"):format(operation.name), {
    hint = watch.attach,
    still_running = true,
  }), 0)
end

-- What to do, as far as anybody knows, and where to read on.
local function hint_of(cause, rolled_back, path)
  local remedy = remedies.find(cause)
  local place = not rolled_back and "look at it with `laconic status`"
    or path and ("every event stands in %s"):format(path)
  return remedy and place and remedy .. "; " .. place or remedy or place
end

local function refuse(followed, model, build, operation)
  local where, cause = explain(followed, model)
  local path = save_events(followed.events, build)
  local status = followed.stack.status
  local rolled_back = stack.TERMINAL[status].result == "rolled_back"
  local message = "the stack '%s' could not be %s, and %s"
  local state = rolled_back
      and (operation.kind == "create" and "nothing of it is left" or "is as it was before")
    or "is left as it is: " .. status
  failure.raise(
    rolled_back and "rolled_back" or "not_rolled_back",
    message:format(operation.name, VERBS[operation.kind], state),
    {
      code = rolled_back and "E501" or "E502",
      where = where,
      cause = cause,
      events = followed.events,
      hint = hint_of(cause, rolled_back, path),
    }
  )
end

--- Follows the operation and returns the stack with its outputs. Raises "rolled_back",
--- "not_rolled_back" (with the events in `events`), "deadline" or "interrupt".
---@param operation engine.Operation
---@param model engine.Model
---@param build engine.Build
---@param session engine.Session
---@param options? engine.FollowOptions
---@return engine.Stack
function wait.run(operation, model, build, session, options)
  options = options or {}
  if operation.kind == "none" or operation.kind == "inplace" then
    return stack.get(session, operation.id)
  end
  local watch = setmetatable({
    mark = operation.mark,
    attach = "run `laconic provision` again to follow it to its end",
  }, { __index = options })
  local followed = follow_to_end(session, operation, watch)
  local status = followed.stack.status
  if stack.TERMINAL[status].result == "done" then
    return followed.stack
  end
  if status == "ROLLBACK_COMPLETE" and operation.kind == "create" then
    pcall(delete_remains, session, followed.stack, options) -- else the next run does it
  end
  refuse(followed, model, build, operation)
end

return wait
