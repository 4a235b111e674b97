--- What can be said of a function. `service:lambda` checks it here, at its author's line.
---@module "laconic.lambda"
local check = require "engine.check"

local lambda = {}

---@class laconic.LambdaOptions
---@field name string                 letters, digits, '-' and '_'; with the service's at most 63
---@field handler fun(event: any, context: table): any
---@field description? string         default "<service>: <name>"
---@field memory? integer             MB, 128 to 10,240; default 128
---@field timeout? integer            seconds, 1 to 900; default 3
---@field environment? table<string, string|laconic.Intrinsic>  4,096 bytes at most
---@field architecture? "x86_64"|"arm64"  default "x86_64"; one for all functions of a service
---@field ephemeral_storage? integer  MB of /tmp, 512 to 10,240; default 512
---@field layers? any[]               ARNs of layer versions, 5 at most
---@field vpc? { subnets: any[], security_groups: any[] }
---@field file_system? { arn: any, path: string }  an EFS access point, seen at "/mnt/…"; needs vpc;
---  the permission comes with it
---@field dead_letter? any            the ARN of a queue or topic; the permission comes with it
---@field tracing? "active"|"pass_through"  X-Ray; the permission comes with it
---@field kms_key? any                the ARN of the key that encrypts the environment
---@field reserved_concurrency? integer  0 stops the function
---@field log? laconic.LogOptions
---@field tags? table<string, string|laconic.Intrinsic>
---@field role? any                   an existing role's name, an ARN as an intrinsic, or iam.role { … }
---@field privileges? laconic.Privilege[]
---@field depends_on? any             names or handles of resources
---@field discovers? any             true or a list: what laconic.discovery finds in the function: what
---  depends_on names, and names, handles or { resource = …, attributes = { "StreamArn", … } }
---@field secrets? laconic.Handle[]   what service:secret returned: the permission comes with it
---@field decorators? function[]      fn(template, lambda, build)
---@field interceptors? laconic.Interceptor[]  what runs around the handler, inside the service's own
---@field url? boolean|laconic.FunctionUrlOptions  an address of its own: see laconic.function_url
---@field deadline_margin? number     seconds before the time-out at which the handler is stopped with an
---  error of its own line; default 0.1, and of a short time a tenth; 0: never

---@class laconic.LogOptions
---@field format? "text"|"json"       default "text"
---@field level? "trace"|"debug"|"info"|"warn"|"error"|"fatal"  needs format = "json"
---@field system_level? "debug"|"info"|"warn"  needs format = "json"
---@field retention? integer          days; default 30
---@field group? any                  an existing log group's name: then the stack makes none

-- What Lambda sets, and refuses to be given.
local RESERVED = {
  AWS_ACCESS_KEY = true,
  AWS_ACCESS_KEY_ID = true,
  AWS_DEFAULT_REGION = true,
  AWS_EXECUTION_ENV = true,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE = true,
  AWS_LAMBDA_FUNCTION_NAME = true,
  AWS_LAMBDA_FUNCTION_VERSION = true,
  AWS_LAMBDA_INITIALIZATION_TYPE = true,
  AWS_LAMBDA_LOG_GROUP_NAME = true,
  AWS_LAMBDA_LOG_STREAM_NAME = true,
  AWS_LAMBDA_RUNTIME_API = true,
  AWS_REGION = true,
  AWS_SECRET_ACCESS_KEY = true,
  AWS_SESSION_TOKEN = true,
  LAMBDA_RUNTIME_DIR = true,
  LAMBDA_TASK_ROOT = true,
  _HANDLER = true,
  _X_AMZN_TRACE_ID = true,
}

local ENVIRONMENT_BYTES = 4096

-- What CloudWatch Logs accepts, in days.
local RETENTIONS = {
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
}

local TEXTS = { each = { type = "text" } }

local function some_texts(most)
  return { each = TEXTS.each, least = 1, most = most, required = true }
end

local function test_name(name)
  if not name:match "^[%w_-]+$" then
    return ("'%s' is not a function's name: letters, digits, '-' and '_' expected"):format(name)
  end
end

local function test_role(role)
  if type(role) == "string" and (#role > 64 or not role:match "^[%w+=,.@_-]+$") then
    return role:match "^arn:" and "a role's name expected, not its ARN"
      or ("'%s' is not a role's name"):format(role)
  elseif type(role) == "table" and not check.is_intrinsic(role)
    and not require("laconic.iam").is_role(role) then
    return "an existing role's name, an intrinsic or iam.role { … } expected"
  end
end

local function test_mount(path)
  if not path:match "^/mnt/[%w._-]+$" then
    return ("'%s' is not a place for a file system: '/mnt/' and one name expected"):format(path)
  end
end

local LOG = {
  format = { one_of = { "text", "json" } },
  level = { one_of = { "trace", "debug", "info", "warn", "error", "fatal" } },
  system_level = { one_of = { "debug", "info", "warn" } },
  retention = { one_of = RETENTIONS },
  group = { type = "text" },
}

--- What every field must obey; see `lambda.check` for what they must obey together.
lambda.RULES = {
  name = { type = "string", required = true, least = 1, most = 64, test = test_name },
  handler = { type = "function", required = true },
  description = { type = "string", most = 256 },
  memory = { type = "integer", least = 128, most = 10240, unit = "MB" },
  timeout = { type = "integer", least = 1, most = 900, unit = "seconds" },
  environment = { type = "table" },
  architecture = { one_of = { "x86_64", "arm64" } },
  ephemeral_storage = { type = "integer", least = 512, most = 10240, unit = "MB" },
  layers = { each = TEXTS.each, most = 5 },
  vpc = { fields = { subnets = some_texts(16), security_groups = some_texts(5) } },
  dead_letter = { type = "text" },
  file_system = {
    fields = {
      arn = { type = "text", required = true },
      path = { type = "string", required = true, most = 160, test = test_mount },
    },
  },
  tracing = { one_of = { "active", "pass_through" } },
  kms_key = { type = "text" },
  reserved_concurrency = { type = "integer", least = 0 },
  log = { fields = LOG },
  tags = { type = "table" },
  role = { type = { "string", "table" }, test = test_role },
  privileges = { type = "table" },
  depends_on = { type = { "string", "table" } },
  discovers = { type = { "boolean", "table" } },
  secrets = { type = "table" },
  decorators = { each = { type = "function" } },
  interceptors = { each = { type = "table" } },
  url = { type = { "boolean", "table" } },
  deadline_margin = { type = "number", least = 0, most = 60, unit = "seconds" },
}

local function check_variable(name)
  local field = "lambda.environment." .. tostring(name)
  if RESERVED[name] then
    check.fail("E110", field .. ": Lambda sets this one itself")
  elseif name == "LACONIC_DISCOVERY" then
    check.fail("E110", field .. ": `discovers` sets this one itself")
  elseif type(name) ~= "string" or not name:match "^%a[%w_]+$" then
    check.fail("E105", field
      .. ": a letter, then letters, digits or '_' expected, two in all at least")
  end
end

local function check_environment(environment)
  local bytes = 0
  for name, value in pairs(environment) do
    check_variable(name)
    if type(value) == "string" then
      bytes = bytes + #value
    else
      check.type("lambda.environment." .. name, value, "text")
    end
    bytes = bytes + #name
  end
  if bytes > ENVIRONMENT_BYTES then
    local text = "lambda.environment: %d bytes, and Lambda takes %d"
    check.fail("E109", text:format(bytes, ENVIRONMENT_BYTES))
  end
end

local function check_log(log)
  for _, field in ipairs { "level", "system_level" } do
    if log[field] and log.format ~= "json" then
      check.fail("E104", ("lambda.log.%s: Lambda filters by level only with format = \"json\"")
        :format(field))
    end
  end
  if log.group and log.retention then
    check.fail("E104", "lambda.log.retention: belongs to a log group that the stack makes",
      "leave out 'group', or set the retention where the group is made")
  end
end

local function check_privileges(options)
  local iam = require "laconic.iam"
  iam.check_privileges("lambda.privileges", options.privileges)
  if options.role and not iam.is_role(options.role) then
    check.fail("E104", "lambda.privileges: the role exists already, the stack cannot add to it",
      "leave out 'role', or say role = iam.role { privileges = … }")
  end
end

--- Checks what was said of a function.
---@param options laconic.LambdaOptions
function lambda.check(options)
  check.type("lambda", options, "table")
  if options.events ~= nil then
    check.fail("E101", "lambda.events: event sources are not there yet",
      "until then, add the rule or mapping and its AWS::Lambda::Permission with service:resource")
  end
  check.fields("lambda", options, lambda.RULES)
  check_environment(options.environment or {})
  check_log(options.log or {})
  if options.file_system and not options.vpc then
    check.fail("E102", "lambda.file_system: it is reached through a VPC, and 'vpc' is missing")
  end
  if options.tags then
    require("laconic.tags").check("lambda.tags", options.tags)
  end
  for i, item in ipairs(options.interceptors or {}) do
    require("laconic.interceptor").check(("lambda.interceptors[%d]"):format(i), item)
  end
  if options.privileges then
    check_privileges(options)
  end
end

return lambda
