--- What a request says of a function's configuration, checked as Lambda checks it.
local fault = require "engine.local.fault"
local json = require "host.json"

local configuration = {}

local MAX_ENVIRONMENT_BYTES <const> = 4096
local DEFAULTS <const> = { MemorySize = 128, Timeout = 3 }
local RANGES <const> = { MemorySize = { 128, 10240 }, Timeout = { 1, 900 } }
local FIELDS <const> = {
  "DeadLetterConfig", "Description", "EphemeralStorage", "FileSystemConfigs", "Handler",
  "KMSKeyArn", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime", "Timeout",
  "TracingConfig", "VpcConfig",
}
local RESERVED <const> = {
  "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
}
local ARCHITECTURES <const> = { arm64 = true, x86_64 = true }

local function refuse(format, ...)
  fault.raise("InvalidParameterValueException", format:format(...))
end

local function check_range(name, value)
  local range = RANGES[name]
  if math.type(value) ~= "integer" or value < range[1] or value > range[2] then
    local field = name:sub(1, 1):lower() .. name:sub(2)
    fault.raise("ValidationException", ("1 validation error detected: Value '%s' at '%s' failed to "
      .. "satisfy constraint: Member must have value between %d and %d"):format(tostring(value),
      field, range[1], range[2]))
  end
end

local function check_environment(variables)
  local size, reserved = 0, {}
  for name, value in pairs(variables) do
    if type(value) ~= "string" or type(name) ~= "string" or not name:find "^%a[%w_]+$" then
      refuse("Environment variable %s is not valid: names have letters, digits and _, values are "
        .. "texts", tostring(name))
    end
    size = size + #name + #value
  end
  for _, name in ipairs(RESERVED) do
    if variables[name] ~= nil then
      table.insert(reserved, name)
    end
  end
  if #reserved > 0 then
    refuse("Lambda was unable to configure your environment variables because the environment "
      .. "variables you have provided contains reserved keys that are currently not supported for "
      .. "modification. Reserved keys used in this request: %s", table.concat(reserved, ", "))
  elseif size > MAX_ENVIRONMENT_BYTES then
    refuse("Lambda was unable to configure your environment variables because the environment "
      .. "variables you have provided exceeded the 4KB limit. Size measured: %d", size)
  end
end

local function check_role(cloud, role)
  local name = type(role) == "string"
    and role:match "^arn:aws[%w-]*:iam::%d+:role/?.*/([%w+=,.@_-]+)$"
  if not name then
    fault.raise("ValidationException", ("1 validation error detected: Value '%s' at 'role' failed "
      .. "to satisfy constraint: Member must satisfy regular expression pattern: "
      .. "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"):format(tostring(role)))
  end
  local ok, problem = pcall(cloud.call, cloud, "iam", "GetRole", { RoleName = name })
  if not ok and fault.is(problem) then
    refuse "The role defined for the function cannot be assumed by Lambda."
  end
  assert(ok, problem)
end

--- Reads the architectures of a request; default x86_64.
---@return string[]
function configuration.architectures(value)
  local list = type(value) == "table" and #value > 0 and value or { "x86_64" }
  if #list ~= 1 or not ARCHITECTURES[list[1]] then
    refuse "Architectures must be one of x86_64 and arm64."
  end
  return json.array { list[1] }
end

--- Brings the fields that a request has into a configuration; json.null takes one away.
---@param cloud engine.local.Cloud
---@param config table
---@param params table
function configuration.apply(cloud, config, params)
  for _, name in ipairs(FIELDS) do
    local value = params[name]
    if value == json.null then
      config[name] = DEFAULTS[name]
    elseif value ~= nil then
      config[name] = value
    end
    config[name] = config[name] == nil and DEFAULTS[name] or config[name]
    if RANGES[name] then
      check_range(name, config[name])
    end
  end
  if params.Environment == json.null then
    config.Environment = json.object {}
  elseif type(params.Environment) == "table" then
    local variables = type(params.Environment.Variables) == "table"
      and params.Environment.Variables or {}
    check_environment(variables)
    config.Environment = json.object(variables)
  end
  if params.Role ~= nil then
    check_role(cloud, config.Role)
  end
end

return configuration
