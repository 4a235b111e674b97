--- Stage 7, the short way: gives functions their new code without updating the stack.
---
--- Only when the change set says that nothing but functions' code would change; anything else fails,
--- and is listed. CloudFormation's own view of the stack stays as it was until the next full run.
local aws = require "engine.aws"
local change_set = require "engine.aws.change_set"
local failure = require "engine.failure"
local follow = require "engine.aws.follow"

local inplace = {}

local DEADLINE = 120 -- seconds until Lambda has taken a function's code

-- Whether a change is one of the function's code alone.
local function is_code_only(change)
  if change.Action ~= "Modify"
    or change.ResourceType ~= "AWS::Lambda::Function"
    or #(change.Details or {}) == 0
  then
    return false
  end
  for _, detail in ipairs(change.Details) do
    local target = detail.Target or {}
    if target.Attribute ~= "Properties" or target.Name ~= "Code" then
      return false
    end
  end
  return true
end

local function describe(change)
  local parts = {}
  for _, detail in ipairs(change.Details or {}) do
    local target = detail.Target or {}
    table.insert(parts, target.Name or target.Attribute)
  end
  local what = #parts > 0 and " (" .. table.concat(parts, ", ") .. ")" or ""
  local action, id = change.Action or "?", change.LogicalResourceId or "?"
  return ("%s of %s, %s%s"):format(action, id, change.ResourceType or "?", what)
end

--- The changes that are not of a function's code alone, as texts.
---@param changes table[]
---@return string[]
function inplace.refused(changes)
  local refused = {}
  for _, change in ipairs(changes) do
    if not is_code_only(change) then
      table.insert(refused, describe(change))
    end
  end
  table.sort(refused)
  return refused
end

local function update_calls(changes, build)
  local calls = {}
  for i, change in ipairs(changes) do
    local code = build.template.Resources[change.LogicalResourceId].Properties.Code
    calls[i] = {
      "lambda",
      "UpdateFunctionCode",
      {
        FunctionName = change.PhysicalResourceId,
        S3Bucket = type(code.S3Bucket) == "string" and code.S3Bucket or build.bucket,
        S3Key = code.S3Key,
      },
    }
  end
  return calls
end

local function await_function(session, name)
  local pauses, started = follow.pauses(session.clock), session.clock.monotonic()
  while true do
    local facts = aws.call(session, "lambda", "GetFunction", { FunctionName = name }).Configuration
    local status = facts.LastUpdateStatus or "Successful"
    if status == "Successful" then
      return
    elseif status == "Failed" then
      failure.raise("not_rolled_back", ("Lambda did not take the code of '%s'"):format(name), {
        code = "E502",
        cause = facts.LastUpdateStatusReason,
      })
    elseif session.clock.monotonic() - started > DEADLINE then
      failure.raise("deadline", ("Lambda is still taking the code of '%s'"):format(name), {
        code = "E503",
        still_running = true,
      })
    end
    pauses:wait()
  end
end

local function update_all(session, changes, build)
  for _, result in ipairs(aws.call_all(session, update_calls(changes, build))) do
    if result.failure then
      error(failure.wrap(result.failure, "not every function has its new code", {
        kind = "not_rolled_back",
        hint = "run it again, or provision without --inplace",
        still_running = true, -- those that were updated need the new archive
      }), 0)
    end
  end
  for _, change in ipairs(changes) do
    await_function(session, change.PhysicalResourceId)
  end
end

--- Updates functions' code as the change set tells, and removes the change set.
---@param prepared engine.Prepared   from engine.apply
---@param build engine.Build
---@param session engine.Session
---@return engine.Operation
function inplace.run(prepared, build, session)
  local live, made = prepared.live, prepared.made
  if made.empty then
    return { kind = "none", id = live.id, name = live.name, changes = 0 }
  end
  local function remove()
    change_set.remove(session, made)
  end
  local refused = inplace.refused(made.changes)
  if #made.changes == 0 then
    table.insert(refused, "a change of outputs or tags alone")
  end
  if #refused > 0 then
    pcall(remove)
    failure.raise("failed", "more than functions' code would change", {
      code = "E506",
      cause = table.concat(refused, "; "),
      hint = "provision without --inplace",
    })
  end
  local ok, raised = pcall(update_all, session, made.changes, build)
  pcall(remove)
  if not ok then
    error(raised, 0)
  end
  return { kind = "inplace", id = live.id, name = live.name, changes = #made.changes }
end

return inplace
