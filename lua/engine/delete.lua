--- Takes a service away: its stack, and its artifacts when that is asked for.
local aws = require "engine.aws"
local bucket = require "engine.aws.bucket"
local failure = require "engine.failure"
local follow = require "engine.aws.follow"
local stack = require "engine.aws.stack"
local sweep = require "engine.upload.sweep"

local delete = {}

local function delete_stack(session, found, watch)
  local mark = stack.newest_event(session, found.id)
  aws.call(session, "cloudformation", "DeleteStack", { StackName = found.id })
  local options = setmetatable({
    mark = mark,
    attach = "run `laconic delete` again to follow it to its end",
  }, { __index = watch })
  local followed = follow.run(session, found, options)
  if followed.stack.status == "DELETE_COMPLETE" then
    return
  end
  local event = follow.root_cause(followed.events, found.id)
  local cause = followed.stack.reason
  if event then
    cause = ("%s: %s"):format(event.LogicalResourceId, event.ResourceStatusReason or "no reason")
  end
  failure.raise("not_rolled_back", ("the stack '%s' could not be deleted"):format(found.name), {
    code = "E502",
    cause = cause,
    hint = "put right what is named, then run `laconic delete` again",
  })
end

-- Deleting while it is changing fails: wait for it, then look again.
local function come_to_rest(session, name, watch)
  local found = stack.describe(session, name)
  while found and not stack.TERMINAL[found.status] and found.status ~= "REVIEW_IN_PROGRESS" do
    local mark = stack.newest_event(session, found.id)
    follow.run(session, found, setmetatable({ mark = mark }, { __index = watch }))
    found = stack.describe(session, name)
  end
  return found
end

--- Deletes the stack of a service and waits for it. A stack that is not there is a success.
---@param session engine.Session
---@param name string
---@param options? { artifacts?: boolean, bucket?: string, watch?: engine.FollowOptions }
---  artifacts: delete what was uploaded for it, too, from `bucket` (default: the account's own)
---@return { existed: boolean, artifacts: integer } done
function delete.run(session, name, options)
  options = options or {}
  local watch = options.watch or {}
  local found = come_to_rest(session, name, watch)
  if found and found.status ~= "DELETE_COMPLETE" then
    delete_stack(session, found, watch)
  end
  local count = 0
  if options.artifacts then
    local from = options.bucket or bucket.default_name(session:account(), session:region())
    local ok, result = pcall(sweep.all, session, from, name)
    if not ok and result.status ~= 404 then
      error(result, 0)
    end
    count = ok and result or 0
  end
  return { existed = found ~= nil, artifacts = count }
end

return delete
