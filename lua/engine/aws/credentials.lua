--- Finds credentials: the first source that has any, asked in the order of AWS's own SDKs.
---
---     a profile named by --profile
---     the environment          AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
---     a web identity           AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN
---     a profile                AWS_PROFILE, or `default`
---     the container            AWS_CONTAINER_CREDENTIALS_FULL_URI or …_RELATIVE_URI
---     the instance             EC2's metadata service, unless AWS_EC2_METADATA_DISABLED is `true`
---
--- Each source is a file of its own, loaded when it is asked. A source that is not set up is passed
--- over; one that is and fails is told. No secret ever enters a message.
local failure = require "engine.failure"

local credentials = {}

---@class engine.Credentials
---@field access_key_id string
---@field secret_access_key string
---@field session_token? string
---@field expires? number   seconds since 1970

local ATTEMPTS = 3

--- Sends a request of a source, and again when nobody answered or the other side is in trouble.
---@param session engine.Session
---@param request table       for host.http
---@param first_wait number   seconds; each further wait is twice as long
---@return host.http.Response? response
---@return table? err
function credentials.ask(session, request, first_wait)
  local response, err
  for attempt = 1, ATTEMPTS do
    response, err = require("host.http").request(request)
    local passing = err and err.kind == "network" or response and response.status >= 500
    if not passing or attempt == ATTEMPTS then
      break
    end
    assert(session.clock.sleep(first_wait * 2 ^ (attempt - 1)))
  end
  return response, err
end

--- Raises that there are no credentials, and why.
---@param message string
---@param hint? string
---@param cause? any
function credentials.refuse(message, hint, cause)
  failure.raise("credentials", message, { code = "E401", hint = hint, cause = cause })
end

--- The environment's; nil when it has none.
---@param session engine.Session
---@return engine.Credentials?
function credentials.from_environment(session)
  local id, secret = session:variable "AWS_ACCESS_KEY_ID", session:variable "AWS_SECRET_ACCESS_KEY"
  if not id and not secret then
    return nil
  elseif not id or not secret then
    credentials.refuse(
      ("%s is set, but %s is not"):format(
        id and "AWS_ACCESS_KEY_ID" or "AWS_SECRET_ACCESS_KEY",
        id and "AWS_SECRET_ACCESS_KEY" or "AWS_ACCESS_KEY_ID"
      ),
      "set both, or neither"
    )
  end
  return {
    access_key_id = id,
    secret_access_key = secret,
    session_token = session:variable "AWS_SESSION_TOKEN",
  }
end

local function from_profile(session)
  session:profile() -- a name that leads nowhere is told as such
  local name = session.flags.profile or session:variable "AWS_PROFILE" or "default"
  return require("engine.aws.credentials.profile").find(session, name)
end

local function source(module)
  return function(session)
    return require("engine.aws.credentials." .. module).find(session)
  end
end

local SOURCES = {
  { name = "the environment (AWS_ACCESS_KEY_ID)", find = credentials.from_environment },
  {
    name = "a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)",
    find = source "web_identity",
  },
  { name = "the profiles of ~/.aws", find = from_profile },
  {
    name = "the container (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
    find = source "container",
  },
  { name = "the instance's metadata", find = source "instance" },
}

local HINT = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`, or name a"
  .. " profile with --profile; without an account, say --local"

--- Finds credentials for a session; raises a failure that says where it looked, and what to set, when
--- there are none.
---@param session engine.Session
---@return engine.Credentials
function credentials.resolve(session)
  local named = session.flags.profile
  if named then
    return from_profile(session)
      or credentials.refuse(("no AWS credentials were found in profile '%s'"):format(named), HINT)
  end
  local looked_at = {}
  for _, one in ipairs(SOURCES) do
    local found = one.find(session)
    if found then
      return found
    end
    table.insert(looked_at, one.name)
  end
  credentials.refuse("no AWS credentials were found", HINT,
    "looked at " .. table.concat(looked_at, ", "))
end

return credentials
