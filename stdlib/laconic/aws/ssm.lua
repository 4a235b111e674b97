--- Parameters of Systems Manager's Parameter Store.
---
---     local ssm = require "laconic.aws.ssm"
---     print(ssm.get "/shop/currency")                        --> EUR
---     for name, value in pairs(ssm.by_path "/shop/") do print(name, value) end
---
--- A StringList is a list of texts. Secret ones are decrypted unless `decrypt = false` is said. To
--- keep secrets between invocations there is laconic.secrets.
---@module "laconic.aws.ssm"
local batches = require "laconic.aws.batches"
local check = require "engine.check"
local client = require "laconic.aws.client"

local ssm = {}

local MOST = 10 -- names in a call

local OPTIONS = { client = { type = "table" }, decrypt = { type = "boolean" } }

local function value_of(parameter)
  if parameter.Type ~= "StringList" then
    return parameter.Value
  end
  local list = {}
  for item in (parameter.Value .. ","):gmatch "([^,]*)," do
    table.insert(list, item)
  end
  return list
end

local function decrypt(options)
  return options.decrypt ~= false
end

---@class laconic.SsmOptions
---@field decrypt? boolean            default true
---@field client? laconic.AwsClient

--- The value of a parameter. Raises "ParameterNotFound" when there is none.
---@param name string                 or its ARN; ":3" or ":label" behind it names a version
---@param options? laconic.SsmOptions
---@return string|string[] value
---@return { type: string, version: integer, arn: string, modified: number } facts
function ssm.get(name, options)
  check.type("ssm.get: name", name, "string")
  options = options or {}
  check.fields("ssm.get", options, OPTIONS)
  local parameter = client.of("ssm", options):call("GetParameter", {
    Name = name,
    WithDecryption = decrypt(options),
  }).Parameter
  return value_of(parameter), {
    type = parameter.Type,
    version = parameter.Version,
    arn = parameter.ARN,
    modified = parameter.LastModifiedDate,
  }
end

--- The values of several parameters, ten in a call.
---@param names string[]
---@param options? laconic.SsmOptions
---@return table<string, string|string[]> values  by name
---@return string[] missing                       the names that lead nowhere
function ssm.get_many(names, options)
  check.value("ssm.get_many: names", names, { each = { type = "string" } })
  options = options or {}
  check.fields("ssm.get_many", options, OPTIONS)
  local own, values, missing = client.of("ssm", options), {}, {}
  for _, some in batches.cut(names, MOST) do
    local answer = own:call("GetParameters", { Names = some, WithDecryption = decrypt(options) })
    for _, parameter in ipairs(answer.Parameters or {}) do
      values[parameter.Name .. (parameter.Selector or "")] = value_of(parameter)
    end
    for _, name in ipairs(answer.InvalidParameters or {}) do
      table.insert(missing, name)
    end
  end
  return values, missing
end

--- The values of all parameters below a path, page after page.
---@param path string  "/shop/"
---@param options? { recursive?: boolean, decrypt?: boolean, client?: laconic.AwsClient }
---  recursive: also what is deeper, default true
---@return table<string, string|string[]> values  by name
function ssm.by_path(path, options)
  check.type("ssm.by_path: path", path, "string")
  options = options or {}
  check.fields("ssm.by_path", options, {
    client = OPTIONS.client,
    decrypt = OPTIONS.decrypt,
    recursive = { type = "boolean" },
  })
  local values = {}
  local pages = client.of("ssm", options):pages("GetParametersByPath", {
    Path = path,
    Recursive = options.recursive ~= false,
    WithDecryption = decrypt(options),
  })
  for page in pages do
    for _, parameter in ipairs(page.Parameters or {}) do
      values[parameter.Name] = value_of(parameter)
    end
  end
  return values
end

local PUT = {
  client = { type = "table" },
  description = { type = "string" },
  key_id = { type = "string" },
  name = { type = "string", required = true, least = 1 },
  overwrite = { type = "boolean" },
  tier = { one_of = { "Standard", "Advanced", "Intelligent-Tiering" } },
  type = { one_of = { "String", "StringList", "SecureString" } },
  value = { type = { "string", "table" }, required = true },
}

---@class laconic.SsmPut
---@field name string
---@field value string|string[]     a list makes a StringList
---@field type? "String"|"StringList"|"SecureString"  default by the value, never secret
---@field overwrite? boolean        default false: raises "ParameterAlreadyExists"
---@field description? string
---@field key_id? string            the KMS key of a SecureString
---@field tier? string
---@field client? laconic.AwsClient

--- Sets a parameter.
---@param request laconic.SsmPut
---@return integer version
function ssm.put(request)
  check.fields("ssm.put", request, PUT)
  local value, kind = request.value, request.type
  if type(value) == "table" then
    check.value("ssm.put.value", value, { each = { type = "string" } })
    value, kind = table.concat(value, ","), kind or "StringList"
  end
  return client.of("ssm", request):call("PutParameter", {
    Name = request.name,
    Value = value,
    Type = kind or "String",
    Overwrite = request.overwrite or false,
    Description = request.description,
    KeyId = request.key_id,
    Tier = request.tier,
  }).Version
end

return ssm
