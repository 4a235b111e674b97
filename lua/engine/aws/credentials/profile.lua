--- Credentials of a profile: static keys, a role to assume (from another profile, another source, or a
--- web identity), or a program that prints them.
local credentials = require "engine.aws.credentials"

local profiles = {}

local PROGRAM_TIMEOUT = 60 -- seconds

local refuse = credentials.refuse

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
  return require("engine.aws.credentials.document").read(result.output, source)
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

local from_profile

-- What `credential_source` may name.
local function from_source(session, name, source)
  local found
  if source == "Environment" then
    found = credentials.from_environment(session)
  elseif source == "EcsContainer" then
    found = require("engine.aws.credentials.container").find(session)
  elseif source == "Ec2InstanceMetadata" then
    found = require("engine.aws.credentials.instance").find(session)
  else
    refuse(("profile '%s': there is no credential_source '%s'"):format(name, source),
      "say Environment, EcsContainer or Ec2InstanceMetadata, or a source_profile")
  end
  return found
    or refuse(("profile '%s': its credential_source '%s' has none"):format(name, source))
end

local function from_role(session, name, profile, seen)
  if profile.mfa_serial then
    refuse(("profile '%s' asks for an MFA code, which is not supported"):format(name),
      "run `aws sts assume-role` and set AWS_ACCESS_KEY_ID and its companions")
  elseif profile.web_identity_token_file then
    return require("engine.aws.credentials.web_identity").assume(session, {
      token_file = profile.web_identity_token_file,
      role = profile.role_arn,
      session_name = profile.role_session_name,
      duration = profile.duration_seconds,
    })
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

--- The profile's; nil when there is no such profile, or one that gives none.
---@param session engine.Session
---@param name string
---@return engine.Credentials?
function profiles.find(session, name)
  return from_profile(session, name, {})
end

return profiles
