--- Stage 7: makes the stack become what the template says, through a change set.
---
--- What is there decides: nothing (or a change set without a stack) → create; a stack that can be
--- updated → update; one that is changing → wait, then look again; the remains of a failed create →
--- delete, then create; one that is stuck → say what to do. What takes routes away from a deployed API
--- has two steps, of which this makes the first that is left: engine.apply.removals says why.
local aws = require "engine.aws"
local change_set = require "engine.aws.change_set"
local change_set_request = require "engine.aws.change_set_request"
local digest = require "host.digest"
local failure = require "engine.failure"
local follow = require "engine.aws.follow"
local objects = require "engine.aws.objects"
local removals = require "engine.apply.removals"
local s3 = require "engine.aws.s3"
local stack = require "engine.aws.stack"

local apply = {}

---@class engine.Operation
---@field kind "create"|"update"|"none"|"inplace"
---@field id string          the stack's
---@field name string
---@field mark? string       the newest event before it
---@field changes? integer   resources that change
---@field first? boolean     a first step: the same again is the second

-- What to do about a stack that neither moves nor can be updated.
local STUCK = {
  DELETE_FAILED = "run `laconic delete` again; what cannot be deleted is named by `laconic status`",
  IMPORT_ROLLBACK_FAILED = "repair it in the CloudFormation console",
  ROLLBACK_FAILED = "run `laconic delete`, then provision again",
  UPDATE_ROLLBACK_FAILED = "put right what is named above, then run"
    .. " `aws cloudformation continue-update-rollback --stack-name %s`",
}

-- The resources that failed, and why, for a message.
local function failed_resources(session, name)
  local lines = {}
  for _, resource in ipairs(stack.resources(session, name)) do
    if resource.status:find "_FAILED$" then
      table.insert(lines, ("%s: %s"):format(resource.id, resource.reason or resource.status))
    end
  end
  return #lines > 0 and table.concat(lines, "; ") or nil
end

local function refuse_stuck(session, found)
  local hint = STUCK[found.status] or "look at it with `laconic status`"
  failure.raise(
    "not_rolled_back",
    ("the stack '%s' is in %s and cannot be updated"):format(found.name, found.status),
    {
      code = "E502",
      cause = failed_resources(session, found.id) or found.reason,
      hint = hint:format(found.name),
    }
  )
end

-- The remains of a create that failed hold nothing, unless something was kept on purpose.
local function refuse_retained(session, found)
  local kept = {}
  for _, resource in ipairs(stack.resources(session, found.id)) do
    if resource.status ~= "DELETE_COMPLETE" and not resource.status:find "^CREATE_FAILED" then
      table.insert(kept, ("%s (%s)"):format(resource.id, resource.status))
    end
  end
  if #kept > 0 then
    failure.raise(
      "not_rolled_back",
      ("the stack '%s' failed to be created, and not all of it is gone"):format(found.name),
      {
        code = "E502",
        cause = table.concat(kept, ", "),
        hint = "save what you need of these, then run `laconic delete` and provision again",
      }
    )
  end
end

local function delete_remains(session, found, watch)
  refuse_retained(session, found)
  local mark = stack.newest_event(session, found.id)
  aws.call(session, "cloudformation", "DeleteStack", { StackName = found.id })
  local options = setmetatable({ mark = mark }, { __index = watch })
  local ended = follow.run(session, found, options).stack
  if ended.status ~= "DELETE_COMPLETE" then
    refuse_stuck(session, ended)
  end
end

-- Brings the stack to rest: returns it when it can be updated, nil when it is to be created.
local function come_to_rest(session, name, watch)
  while true do
    local found = stack.describe(session, name)
    if not found or found.status == "DELETE_COMPLETE" then
      return nil
    elseif found.status == "REVIEW_IN_PROGRESS" then
      return nil, found
    end
    local terminal = stack.TERMINAL[found.status]
    if not terminal then
      local options = setmetatable({
        mark = stack.newest_event(session, found.id),
      }, { __index = watch })
      follow.run(session, found, options)
    elseif terminal.updatable then
      return found
    elseif found.status == "ROLLBACK_COMPLETE" then
      delete_remains(session, found, watch)
    else
      refuse_stuck(session, found)
    end
  end
end

-- What was given with --param; and the bucket, for which engine.generate has made a parameter.
local function parameters_of(build, options)
  local parameters = {}
  for name, value in pairs(options.params or {}) do
    parameters[name] = value
  end
  if (build.template.Parameters or {}).ArtifactBucket then
    parameters.ArtifactBucket = build.bucket
  end
  return parameters
end

local function tags_of(model, options)
  local tags = {}
  for _, source in ipairs { model.tags or {}, options.tags or {} } do
    for key, value in pairs(source) do
      tags[key] = value
    end
  end
  if options.build_id then
    tags["laconic:build-id"] = options.build_id
  end
  return tags
end

--- Refuses a --param that the template does not know: early, before anything is sent.
---@param template table
---@param options engine.Options
function apply.check_parameters(template, options)
  change_set_request.check_parameters(template, options.params or {})
end

---@class engine.Prepared
---@field live? engine.Stack           what is there and can be updated
---@field made engine.ChangeSet
---@field params table                 of the change set

--- Brings the stack to rest and makes the change set that would change it.
---@param model engine.Model
---@param build engine.Build
---@param session engine.Session
---@param options engine.Options
---@param watch? engine.FollowOptions  for what must be waited for first
---@return engine.Prepared
function apply.prepare(model, build, session, options, watch)
  local live, reviewed = come_to_rest(session, model.name, watch or {})
  if options.inplace and not live then
    failure.raise("failed", ("there is no stack '%s' to be changed in place"):format(model.name), {
      code = "E504",
      hint = "provision without --inplace first",
    })
  end
  if live or reviewed then
    change_set.remove_left_over(session, (live or reviewed).id)
  end
  local params = change_set_request.params {
    stack_name = model.name,
    type = live and "UPDATE" or "CREATE",
    template = build.template,
    template_text = build.template_text,
    template_url = s3.object_url(session, build.bucket, build.template_key),
    parameters = parameters_of(build, options),
    live_parameters = live and live.parameters or {},
    tags = tags_of(model, options),
    since = live and (live.updated or live.created),
  }
  local ok, made = pcall(change_set.make, session, params)
  if not ok then
    if not live then
      apply.discard(session, model.name)
    end
    if made.resource then
      made.where = model.where[made.resource]
    end
    error(made, 0)
  end
  return { live = live, made = made, params = params }
end

-- Makes the change set of another template, which lies in the bucket for as long as that takes.
local function make_of_text(session, build, prepared, text)
  local params = {}
  for name, value in pairs(prepared.params) do
    params[name] = value
  end
  local object = { key = ("%s/removals-%s.json"):format(build.service_name, digest.sha256(text)) }
  object.version_id = aws.call(session, "s3", "PutObject", {
    Bucket = build.bucket,
    Key = object.key,
    ContentType = "application/json",
    Body = text,
  }).headers["x-amz-version-id"]
  params.TemplateURL = s3.object_url(session, build.bucket, object.key)
  params.ChangeSetName = change_set_request.name(params, text)
  local ok, made = pcall(change_set.make, session, params)
  objects.delete(session, build.bucket, { object })
  if not ok then
    error(made, 0)
  end
  return made
end

-- What is to be executed: the whole change, or the first of two steps.
local function step_of(session, build, prepared)
  local made = prepared.made
  local text = prepared.live and removals.first_step(made.changes, build.template_text)
  if not text then
    return made, nil
  end
  change_set.remove(session, made)
  return make_of_text(session, build, prepared, text), true
end

--- Deletes a stack that is a change set and nothing more.
---@param session engine.Session
---@param name string
function apply.discard(session, name)
  local ok, found = pcall(stack.describe, session, name)
  if ok and found and found.status == "REVIEW_IN_PROGRESS" then
    pcall(aws.call, session, "cloudformation", "DeleteStack", { StackName = found.id })
  end
end

--- Begins to create or update the stack; engine.wait sees it to its end.
---@param model engine.Model
---@param build engine.Build
---@param session engine.Session
---@param options engine.Options
---@param watch? engine.FollowOptions
---@return engine.Operation
function apply.run(model, build, session, options, watch)
  local prepared = apply.prepare(model, build, session, options, watch)
  local live = prepared.live
  local made, first = step_of(session, build, prepared)
  local operation = {
    kind = made.empty and "none" or live and "update" or "create",
    id = live and live.id or made.stack,
    name = model.name,
    changes = #made.changes,
    first = first,
  }
  if made.empty then
    return operation
  end
  local ok, raised = pcall(function()
    if live then -- a new stack has no past to be told apart from
      operation.mark = stack.newest_event(session, operation.id)
    end
    change_set.execute(session, made)
  end)
  if not ok then
    if not raised.still_running then
      pcall(change_set.remove, session, made)
      if not live then
        apply.discard(session, model.name)
      end
    end
    error(raised, 0)
  end
  return operation
end

return apply
