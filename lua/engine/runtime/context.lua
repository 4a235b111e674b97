--- The second argument of a handler: which invocation this is, how long it may take, its logger.
local clock = require "host.clock"
local json = require "host.json"
local logger = require "engine.runtime.logger"

local context = {}

---@class laconic.Context
---@field request_id string
---@field deadline number             seconds since 1970
---@field remaining_time fun(): number              seconds until the deadline
---@field remaining_time_in_millis fun(): integer
---@field function_name? string
---@field function_version? string
---@field memory_limit_mb? integer
---@field invoked_function_arn? string
---@field log_group_name? string
---@field log_stream_name? string
---@field trace_id? string
---@field client_context? any         what a mobile client sent, decoded
---@field identity? any               Cognito's, decoded
---@field tenant_id? string
---@field log table<string, fun(message: string, fields?: table)>

local function decoded(text)
  local value = text and json.decode(text)
  return value ~= json.null and value or nil
end

--- Makes the context of an invocation.
---@param invocation host.lambda_runtime.Invocation
---@return laconic.Context
function context.new(invocation)
  local function remaining_time()
    return math.max(0, invocation.deadline - clock.now())
  end
  return {
    request_id = invocation.request_id,
    deadline = invocation.deadline,
    remaining_time = remaining_time,
    remaining_time_in_millis = function()
      return math.floor(remaining_time() * 1000)
    end,
    function_name = os.getenv "AWS_LAMBDA_FUNCTION_NAME",
    function_version = os.getenv "AWS_LAMBDA_FUNCTION_VERSION",
    memory_limit_mb = math.tointeger(os.getenv "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    invoked_function_arn = invocation.function_arn,
    log_group_name = os.getenv "AWS_LAMBDA_LOG_GROUP_NAME",
    log_stream_name = os.getenv "AWS_LAMBDA_LOG_STREAM_NAME",
    trace_id = invocation.trace_id,
    client_context = decoded(invocation.client_context),
    identity = decoded(invocation.cognito_identity),
    tenant_id = invocation.tenant_id,
    log = logger.new(invocation.request_id),
  }
end

return context
