--- The second argument of a handler: which invocation this is, how long it may take, its logger.
---
--- It is the table that the Runtime API's answer came in, with a metatable that all invocations
--- share: nothing is made for an invocation that does not ask for it.
local clock = require "host.clock"
local current = require "engine.runtime.current"

local context = {}

--- The fields that are not always there are nil then. Interceptors and handlers add their own.
---@class laconic.Context
---@field request_id string
---@field deadline number             seconds since 1970: when Lambda ends the process
---@field remaining_time fun(): number              seconds until the deadline
---@field remaining_time_in_millis fun(): integer
---@field cancelled fun(): boolean    whether it is time to come to an end: true from
---  twice the margin before the deadline; at the margin the handler is stopped
---@field stream fun(self: laconic.Context, options?: laconic.StreamOptions): laconic.Stream
---@field function_name? string
---@field function_version? string
---@field memory_limit_mb? integer
---@field invoked_function_arn? string
---@field log_group_name? string
---@field log_stream_name? string
---@field trace_id? string            X-Ray's header, also in the environment as _X_AMZN_TRACE_ID
---@field client_context? any         what a mobile client sent, decoded
---@field identity? any               Cognito's, decoded
---@field tenant_id? string
---@field log table<string, fun(message: string, fields?: table)>  trace debug info warn error fatal

--- Seconds before the deadline at which a handler is stopped, when its function says nothing.
context.MARGIN = 0.1

local margin = context.MARGIN
local api -- where answers go

local methods = {}

-- What asks for the time may be called with a dot or a colon: the invocation at hand is meant.

--- Seconds until the deadline. Says `context.remaining_time()` or `context:remaining_time()`.
function methods.remaining_time(self)
  return math.max(0, (self or current.context()).deadline - clock.now())
end

function methods.remaining_time_in_millis(self)
  return math.floor(methods.remaining_time(self) * 1000)
end

function methods.cancelled(self)
  self = self or current.context()
  return self.deadline > 0 and clock.now() >= self.deadline - 2 * margin
end

function methods:stream(options)
  return require("engine.runtime.stream").open(self, api, options)
end

local VARIABLES = {
  function_name = "AWS_LAMBDA_FUNCTION_NAME",
  function_version = "AWS_LAMBDA_FUNCTION_VERSION",
  memory_limit_mb = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  log_group_name = "AWS_LAMBDA_LOG_GROUP_NAME",
  log_stream_name = "AWS_LAMBDA_LOG_STREAM_NAME",
}

local TEXTS = { client_context = "client_context_json", identity = "identity_json" }

local function decoded(text)
  local json = require "host.json"
  local value = json.decode(text)
  return value ~= json.null and value or nil
end

local metatable = { __name = "laconic.context" }

function metatable:__index(name)
  local value = methods[name]
  if value ~= nil then
    return value
  elseif name == "log" then
    value = require("engine.runtime.logger").log
    methods.log = value
  elseif VARIABLES[name] then
    value = os.getenv(VARIABLES[name])
    value = math.tointeger(name == "memory_limit_mb" and value) or value
    methods[name] = value -- the same for every invocation
  elseif TEXTS[name] then
    local text = rawget(self, TEXTS[name])
    value = text and decoded(text)
    rawset(self, name, value)
  end
  return value
end

--- Says how long before the deadline a handler is stopped; 0: never.
---@param seconds number
function context.set_margin(seconds)
  margin = seconds > 0 and seconds or context.MARGIN
end

--- Says where what is streamed goes.
---@param loop host.lambda_runtime.Loop
function context.set_api(loop)
  api = loop
end

--- Makes the context of an invocation, of the very table that it came in.
---@param invocation host.lambda_runtime.Invocation
---@return laconic.Context
function context.new(invocation)
  return setmetatable(invocation, metatable)
end

return context
