--- Who calls AWS, and how to become somebody else.
---
---     local aws, sts = require "laconic.aws", require "laconic.aws.sts"
---     print(sts.caller_identity().account)
---     local other = aws.client("s3", {
---       credentials = function()
---         return sts.assume_role { role = "arn:aws:iam::123456789012:role/reader" }
---       end,
---     })
---
---@module "laconic.aws.sts"
local check = require "engine.check"
local client = require "laconic.aws.client"

local sts = {}

--- Who the credentials belong to.
---@param options? { client?: laconic.AwsClient }
---@return { account: string, arn: string, user_id: string }
function sts.caller_identity(options)
  local answer = client.of("sts", options):call "GetCallerIdentity"
  return { account = answer.Account, arn = answer.Arn, user_id = answer.UserId }
end

local TEXT = { type = "string", least = 1 }

local ASSUME = {
  client = { type = "table" },
  role = { type = "string", required = true, least = 20 },
  session_name = { type = "string", least = 2, most = 64 },
  duration = { type = "integer", least = 900, most = 43200, unit = "seconds" },
  external_id = TEXT,
  policy = { type = { "string", "table" } },
  policies = { each = { type = "string" } },
  source_identity = TEXT,
  tags = { type = "table" },
}

-- { team = "shop" } → { { Key = "team", Value = "shop" } }, in the order of keys
local function write_tags(tags)
  local list = {}
  for key, value in pairs(tags or {}) do
    table.insert(list, { Key = key, Value = value })
  end
  table.sort(list, function(a, b)
    return a.Key < b.Key
  end)
  return list
end

local function write_policies(arns)
  local list = {}
  for i, arn in ipairs(arns or {}) do
    list[i] = { arn = arn }
  end
  return list
end

---@class laconic.AssumeRole
---@field role string               the role's ARN
---@field session_name? string      in the role's logs; default "laconic-" and the time
---@field duration? integer         seconds, 900 to 43,200; default 3,600
---@field external_id? string
---@field policy? table|string      what of the role's rights is left
---@field policies? string[]        the same, as ARNs of managed policies
---@field source_identity? string
---@field tags? table<string, string>  the session's
---@field client? laconic.AwsClient

--- Trades one's own credentials for a role's. A function that calls this, as a client's `credentials`,
--- gives a client that renews them.
---@param request laconic.AssumeRole
---@return laconic.AwsCredentials
function sts.assume_role(request)
  check.fields("sts.assume_role", request, ASSUME)
  local clock = require "host.clock"
  local policy = request.policy
  local answer = client.of("sts", request):call("AssumeRole", {
    RoleArn = request.role,
    RoleSessionName = request.session_name or ("laconic-%d"):format(clock.now() // 1),
    DurationSeconds = request.duration,
    ExternalId = request.external_id,
    Policy = type(policy) == "table" and assert(require("host.json").encode(policy)) or policy,
    PolicyArns = write_policies(request.policies),
    SourceIdentity = request.source_identity,
    Tags = write_tags(request.tags),
  }).Credentials
  return {
    access_key_id = answer.AccessKeyId,
    secret_access_key = answer.SecretAccessKey,
    session_token = answer.SessionToken,
    expires = assert(clock.parse(answer.Expiration)),
  }
end

return sts
