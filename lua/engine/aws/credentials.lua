--- Finds credentials: the first source that has any, asked in AWS's order.
---
---     a profile named by --profile → the environment → AWS_PROFILE or `default` → the container
---
--- A profile gives static keys, a role to assume (from another profile, or from the environment),
--- or a program that prints them. No secret ever enters a message.
local failure = require "engine.failure"

local credentials = {}

---@class engine.Credentials
---@field access_key_id string
---@field secret_access_key string
---@field session_token? string
---@field expires? number   seconds since 1970

local CONTAINER_HOST = "http://169.254.170.2"
local PROGRAM_TIMEOUT = 60 -- seconds

local function refuse(message, hint, cause)
  failure.raise("credentials", message, { code = "E401", hint = hint, cause = cause })
end

local function from_environment(session)
  local id, secret = session:variable "AWS_ACCESS_KEY_ID", session:variable "AWS_SECRET_ACCESS_KEY"
  if not id and not secret then
    return nil
  elseif not id or not secret then
    refuse(
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

-- The document that credential programs and container endpoints share.
local function from_document(text, source)
  local json, clock = require "host.json", require "host.clock"
  local document = json.decode(text)
  if type(document) ~= "table" or type(document.AccessKeyId) ~= "string"
    or type(document.SecretAccessKey) ~= "string" then
    refuse(source .. " did not answer with credentials")
  end
  local token = document.SessionToken or document.Token
  local expires
  if type(document.Expiration) == "string" then
    expires = assert(clock.parse(document.Expiration))
  end
  return {
    access_key_id = document.AccessKeyId,
    secret_access_key = document.SecretAccessKey,
    session_token = type(token) == "string" and token or nil,
    expires = expires,
  }
end

-- Runs the program as the shell would, and never repeats what it printed: that may hold secrets.
local function from_program(command, name)
  local process = require "host.process"
  local source = ("the credential_process of profile '%s'"):format(name)
  local result, err = process.run {
    "/bin/sh",
    "-c",
    command,
    error = "discard",
    timeout = PROGRAM_TIMEOUT,
    max_output = 64 * 1024,
  }
  if not result then
    refuse(source .. " could not be run", nil, err)
  elseif result.status ~= 0 then
    local status = result.status or ("signal " .. tostring(result.signal))
    refuse(("%s failed (%s)"):format(source, status), "run it by hand to see why")
  end
  return from_document(result.output, source)
end

-- Trades credentials for those of a role.
local function assume(session, profile, source)
  local aws = require "engine.aws"
  local name = profile.role_session_name or ("laconic-%d"):format(session.clock.now() // 1)
  local answer = aws.call(session:as(source), "sts", "AssumeRole", {
    RoleArn = profile.role_arn,
    RoleSessionName = name,
    ExternalId = profile.external_id,
    DurationSeconds = profile.duration_seconds,
  }).Credentials
  return {
    access_key_id = answer.AccessKeyId,
    secret_access_key = answer.SecretAccessKey,
    session_token = answer.SessionToken,
    expires = require("host.clock").parse(answer.Expiration),
  }
end

local from_container, from_profile

-- What `credential_source` may name, as far as we can go there.
local function from_source(session, name, source)
  local found
  if source == "Environment" then
    found = from_environment(session)
  elseif source == "EcsContainer" then
    found = from_container(session)
  else
    refuse(("profile '%s': credential_source '%s' is not supported"):format(name, source),
      "use Environment, EcsContainer, or a source_profile")
  end
  return found
    or refuse(("profile '%s': its credential_source '%s' has none"):format(name, source))
end

local function from_role(session, name, profile, seen)
  if profile.mfa_serial then
    refuse(("profile '%s' asks for an MFA code, which is not supported"):format(name),
      "run `aws sts assume-role` and set AWS_ACCESS_KEY_ID and its companions")
  end
  local source
  if profile.source_profile then
    source = from_profile(session, profile.source_profile, seen)
      or refuse(("profile '%s': its source_profile '%s' holds no credentials"):format(name,
        profile.source_profile))
  elseif profile.credential_source then
    source = from_source(session, name, profile.credential_source)
  else
    refuse(("profile '%s' has a role_arn but neither source_profile nor credential_source"):format(
      name))
  end
  return assume(session, profile, source)
end

local function has_static_keys(profile)
  return profile.aws_access_key_id and profile.aws_secret_access_key
end

local function static_keys(profile)
  return {
    access_key_id = profile.aws_access_key_id,
    secret_access_key = profile.aws_secret_access_key,
    session_token = profile.aws_session_token,
  }
end

-- `seen`: the profiles on the way here, so that a circle is told and not walked.
function from_profile(session, name, seen)
  local profile = session:profiles():find(name)
  if not profile then
    if #seen == 0 then
      return nil
    end
    refuse(("the source_profile '%s' of '%s' does not exist"):format(name, seen[#seen]))
  end
  if seen[name] then
    -- A profile with a role and keys of its own may be its own source.
    if seen[#seen] == name and has_static_keys(profile) then
      return static_keys(profile)
    end
    refuse(("the source_profile of '%s' leads back to '%s'"):format(seen[#seen], name))
  end
  seen[name] = true
  table.insert(seen, name)
  if profile.role_arn then
    return from_role(session, name, profile, seen)
  elseif has_static_keys(profile) then
    return static_keys(profile)
  elseif profile.credential_process then
    return from_program(profile.credential_process, name)
  elseif profile.sso_session or profile.sso_start_url or profile.login_session then
    local export = "aws configure export-credentials --profile " .. name
    refuse(("profile '%s' signs in through a browser, which is not supported yet"):format(name),
      ('run `eval "$(%s --format env)"`, or set credential_process = %s'):format(export, export))
  end
  return nil
end

local function container_url(session)
  local relative = session:variable "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  if relative then
    return CONTAINER_HOST .. relative
  end
  return session:variable "AWS_CONTAINER_CREDENTIALS_FULL_URI"
end

-- The token goes over plain HTTP to this machine and the container host alone.
local function is_trusted(url)
  local parts = require("host.uri").parse(url)
  if not parts then
    return false
  end
  local host = parts.host
  return parts.scheme == "https"
    or host == "localhost"
    or host == "::1"
    or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
    or host == "169.254.170.2"
    or host == "169.254.170.23"
end

local function container_token(session)
  local path = session:variable "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
  if path then
    local text = session.read_file(path)
      or refuse(("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: there is no file %s"):format(path))
    return (text:gsub("[\r\n]+$", ""))
  end
  return session:variable "AWS_CONTAINER_AUTHORIZATION_TOKEN"
end

function from_container(session)
  local url = container_url(session)
  if not url then
    return nil
  elseif not is_trusted(url) then
    refuse("AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or lead to this machine")
  end
  local response, err = require("host.http").request {
    url = url,
    headers = { Authorization = container_token(session) },
    connect_timeout = 2,
    timeout = 5,
    max_body = 64 * 1024,
  }
  if not response then
    refuse("the container's credentials cannot be reached", nil, err)
  elseif response.status ~= 200 then
    refuse(("the container's credentials were refused (HTTP %d)"):format(response.status))
  end
  return from_document(response.body, "the container's endpoint")
end

--- Finds credentials for a session; raises a failure that says what to set when there are none.
---@param session engine.Session
---@return engine.Credentials
function credentials.resolve(session)
  local named = session.flags.profile
  local found = not named and from_environment(session)
  if not found then
    session:profile() -- a name that leads nowhere is told as such
  end
  found = found
    or from_profile(session, named or session:variable "AWS_PROFILE" or "default", {})
    or not named and from_container(session)
  if not found then
    local where = named and (" in profile '%s'"):format(named) or ""
    refuse(("no AWS credentials were found%s"):format(where), "set AWS_ACCESS_KEY_ID and"
      .. " AWS_SECRET_ACCESS_KEY, or run `aws configure`, or name a profile with --profile;"
      .. " without an account, say --local")
  end
  return found
end

return credentials
