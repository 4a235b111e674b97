--- Secrets of Secrets Manager.
---
---     local secretsmanager = require "laconic.aws.secretsmanager"
---     local login = secretsmanager.get("shop/database", { json = true })
---     print(login.username)
---
--- To keep secrets between invocations there is laconic.secrets.
---@module "laconic.aws.secretsmanager"
local check = require "engine.check"
local client = require "laconic.aws.client"

local secretsmanager = {}

local GET = {
  client = { type = "table" },
  json = { type = "boolean" },
  stage = { type = "string" },
  version_id = { type = "string" },
}

-- What a decoder says of a wrong text may quote it.
local function decode(id, text)
  local value = require("host.json").decode(text)
  if value == nil then
    local failure = require "engine.failure"
    failure.raise("failed", ("the secret '%s' is no JSON"):format(id), { where = check.where() })
  end
  return value
end

---@class laconic.SecretOptions
---@field json? boolean        the secret is a JSON text: its value is returned
---@field version_id? string
---@field stage? string        default "AWSCURRENT"
---@field client? laconic.AwsClient

--- The value of a secret: its text, its bytes, or what its JSON says. Raises
--- "ResourceNotFoundException" when there is none.
---@param id string            name or ARN
---@param options? laconic.SecretOptions
---@return any value
---@return { version_id: string, arn: string, stages: string[] } facts
function secretsmanager.get(id, options)
  check.type("secretsmanager.get: id", id, "string")
  options = options or {}
  check.fields("secretsmanager.get", options, GET)
  local answer = client.of("secretsmanager", options):call("GetSecretValue", {
    SecretId = id,
    VersionId = options.version_id,
    VersionStage = options.stage,
  })
  local value = answer.SecretString
  if not value and answer.SecretBinary then
    value = assert(require("host.digest").from_base64(answer.SecretBinary))
  end
  if options.json then
    value = decode(id, value or "")
  end
  return value, {
    version_id = answer.VersionId,
    arn = answer.ARN,
    stages = answer.VersionStages,
  }
end

local PUT = {
  client = { type = "table" },
  id = { type = "string", required = true, least = 1 },
  bytes = { type = "string" },
  token = { type = "string", least = 32, most = 64 },
  value = { type = { "string", "table" } },
}

---@class laconic.SecretPut
---@field id string             name or ARN of a secret that exists
---@field value? string|table   a table goes as JSON; or
---@field bytes? string         what is no text
---@field token? string         32 to 64 characters: the same token twice makes one version
---@field client? laconic.AwsClient

--- Gives a secret a new value, which becomes the current one.
---@param request laconic.SecretPut
---@return { version_id: string }
function secretsmanager.put(request)
  check.fields("secretsmanager.put", request, PUT)
  local value = request.value
  if (value == nil) == (request.bytes == nil) then
    check.fail("E102", "secretsmanager.put: one of 'value' and 'bytes' is needed")
  end
  local digest = require "host.digest"
  local answer = client.of("secretsmanager", request):call("PutSecretValue", {
    SecretId = request.id,
    SecretString = type(value) == "table" and assert(require("host.json").encode(value)) or value,
    SecretBinary = request.bytes and digest.to_base64(request.bytes) or nil,
    ClientRequestToken = request.token or digest.to_hex(digest.random(16)),
  })
  return { version_id = answer.VersionId }
end

return secretsmanager
