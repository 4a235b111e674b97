--- What Lambda tells a process by its environment: exactly its variables, and the function's own.
local addresses = require "engine.local.addresses"
local credentials = require "engine.local.credentials"

local environment = {}

local SESSION_SECONDS <const> = 12 * 3600

--- The environment variables of an instance's process, and nothing else.
---@param self engine.local.services.lambda.Instance
---@return table<string, string>
function environment.of(self)
  local config, cloud = self.config, self.cloud
  local session = credentials.issue(cloud, {
    arn = ("arn:aws:sts::%s:assumed-role/%s/%s"):format(cloud.account,
      config.Role:match "[^/]*$", self.name),
    user_id = "AROALOCAL:" .. self.name,
  }, SESSION_SECONDS)
  local env = {}
  for name, value in pairs(config.Environment or {}) do
    env[name] = addresses.reachable(cloud, value)
  end
  env._HANDLER = config.Handler or ""
  env.AWS_ACCESS_KEY_ID = session.access_key_id
  env.AWS_SECRET_ACCESS_KEY = session.secret_access_key
  env.AWS_SESSION_TOKEN = session.session_token
  env.AWS_DEFAULT_REGION, env.AWS_REGION = self.region, self.region
  env.AWS_ENDPOINT_URL = env.AWS_ENDPOINT_URL or cloud.url
  env.AWS_EXECUTION_ENV = "AWS_Lambda_" .. (config.Runtime or "provided.al2023")
  env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = tostring(config.MemorySize)
  env.AWS_LAMBDA_FUNCTION_NAME = self.name
  env.AWS_LAMBDA_FUNCTION_VERSION = config.version
  env.AWS_LAMBDA_INITIALIZATION_TYPE = "on-demand"
  local logging = config.LoggingConfig or {}
  env.AWS_LAMBDA_LOG_FORMAT = logging.LogFormat
  env.AWS_LAMBDA_LOG_LEVEL = logging.ApplicationLogLevel
  env.AWS_LAMBDA_LOG_GROUP_NAME, env.AWS_LAMBDA_LOG_STREAM_NAME = self.log.group, self.log.name
  env.AWS_LAMBDA_RUNTIME_API = self.address
  env.LAMBDA_RUNTIME_DIR, env.LAMBDA_TASK_ROOT = "/var/runtime", self.folder
  env.LACONIC_LOCAL_URL = cloud.url -- see engine.aws.endpoint
  env.LANG = env.LANG or "en_US.UTF-8"
  env.LD_LIBRARY_PATH = env.LD_LIBRARY_PATH or ("%s:%s/lib"):format(self.folder, self.folder)
  env.PATH = env.PATH or "/usr/local/bin:/usr/bin:/bin:/opt/bin"
  env.TMPDIR = env.TMPDIR or self.scratch
  env.TZ = env.TZ or ":UTC"
  return env
end

return environment
