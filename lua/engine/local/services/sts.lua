--- STS: who is calling, and temporary credentials.
local clock = require "host.clock"
local credentials = require "engine.local.credentials"
local fault = require "engine.local.fault"

local sts = {
  protocol = "query",
  namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
  actions = {},
  members = {
    AssumeRole = "RoleArn RoleSessionName DurationSeconds?:number",
    GetAccessKeyInfo = "AccessKeyId",
    GetSessionToken = "DurationSeconds?:number",
  },
}
local actions = sts.actions

local function seconds_of(params, default, most)
  local seconds = math.tointeger(tonumber(params.DurationSeconds or default))
  if not seconds or seconds < 900 or seconds > most then
    fault.raise("ValidationError",
      ("DurationSeconds must be between 900 and %d seconds"):format(most))
  end
  return seconds
end

local function shape(key)
  return {
    AccessKeyId = key.access_key_id,
    SecretAccessKey = key.secret_access_key,
    SessionToken = key.session_token,
    Expiration = clock.iso8601(key.expires),
  }
end

function actions.GetCallerIdentity(request)
  return {
    Account = request.identity.account,
    Arn = request.identity.arn,
    UserId = request.identity.user_id,
  }
end

function actions.GetSessionToken(request, params, cloud)
  return { Credentials = shape(credentials.issue(cloud, request.identity,
    seconds_of(params, 43200, 129600))) }
end

-- AWS does not tell whether a role is absent or merely closed to the caller.
local function find_role(request, arn, cloud)
  local account, name = (arn or ""):match "^arn:aws:iam::(%d+):role/.-([^/]+)$"
  local role = account == cloud.account and cloud.state:get("iam/roles/" .. name)
  if not role or role.Arn ~= arn then
    fault.raise("AccessDenied", ("User: %s is not authorized to perform: sts:AssumeRole on"
      .. " resource: %s"):format(request.identity.arn, tostring(arn)), 403)
  end
  return role
end

function actions.AssumeRole(request, params, cloud)
  local session = params.RoleSessionName or ""
  if not session:match "^[%w_+=,.@-]+$" or #session < 2 or #session > 64 then
    fault.raise("ValidationError", "1 validation error detected: Value at 'roleSessionName' failed"
      .. " to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*, and"
      .. " have a length between 2 and 64")
  end
  local role = find_role(request, params.RoleArn, cloud)
  local identity = {
    arn = ("arn:aws:sts::%s:assumed-role/%s/%s"):format(cloud.account, role.RoleName, session),
    user_id = role.RoleId .. ":" .. session,
  }
  local key = credentials.issue(cloud, identity,
    seconds_of(params, 3600, role.MaxSessionDuration or 43200))
  return {
    Credentials = shape(key),
    AssumedRoleUser = { Arn = identity.arn, AssumedRoleId = identity.user_id },
    PackedPolicySize = params.Policy and 1 or nil,
  }
end

function actions.GetAccessKeyInfo(_, params, cloud)
  local key = credentials.find(cloud, params.AccessKeyId or "")
  if not key then
    fault.raise("ValidationError", "The access key is not known here")
  end
  return { Account = key.account }
end

return sts
