--- Stage 1: what the service takes for granted is there: the roles it names, the bucket it uses.
---
--- Adds to the build: role_arns, bucket, region, account (when it was asked for), versioned.
local aws = require "engine.aws"
local bucket = require "engine.aws.bucket"
local failure = require "engine.failure"

local verify = {}

-- Where the author named the role: the first function that has it.
local function place_of(model, role_name)
  for _, fn in ipairs(model.functions) do
    if fn.role and fn.role.name == role_name then
      return fn.where
    end
  end
end

local function look_up_roles(model, session)
  local calls = {}
  for i, name in ipairs(model.role_names) do
    calls[i] = { "iam", "GetRole", { RoleName = name } }
  end
  local arns = {}
  for i, result in ipairs(aws.call_all(session, calls)) do
    local name = model.role_names[i]
    if result.answer then
      arns[name] = result.answer.Role.Arn
    elseif result.failure.code == "NoSuchEntity" then
      failure.raise("invalid", ("there is no IAM role '%s' in this account"):format(name), {
        code = "E406",
        where = place_of(model, name),
        hint = "create it, name another, or let the stack make one with `privileges`",
      })
    else
      error(result.failure, 0)
    end
  end
  return arns
end

--- Checks the account against the model; each role is asked for once.
---@param model engine.Model
---@param build engine.Build
---@param session engine.Session
---@return engine.Build build
function verify.run(model, build, session)
  build.region = session:region()
  build.role_arns = look_up_roles(model, session)
  local found = build.bucket and bucket.named(session, build.bucket) or bucket.own(session)
  build.bucket, build.versioned, build.bucket_absent = found.name, found.versioned, found.absent
  build.account = session.known_account
  return build
end

return verify
