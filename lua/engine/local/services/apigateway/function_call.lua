--- Functions as API Gateway calls them: found by the URI of an integration, allowed by the function's
--- own policy, and waited for no longer than the integration says.
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local granted = require "engine.local.services.lambda.granted"
local identifier = require "engine.local.identifier"
local log = require "host.log"
local loop = require "engine.local.loop"
local refusal = require "engine.local.services.apigateway.refusal"

local function_call = {}

local PRINCIPAL <const> = "apigateway.amazonaws.com"
local MOST_MILLISECONDS <const> = 29000
local MAX_PAYLOAD <const> = 6291456
local SLOWEST_START <const> = 10 -- seconds: a function's initialisation ends by itself

---@class engine.local.services.apigateway.Target
---@field region string
---@field name string
---@field qualifier? string
---@field arn string
---@field role? string       with it no permission is asked for
---@field seconds number     the longest wait

--- Puts a stage's variables into a text: "${stageVariables.alias}".
---@param text string
---@param variables table<string, string>
---@return string
function function_call.with_variables(text, variables)
  return (text:gsub("%${stageVariables%.([%w_]+)}", function(name)
    return variables[name] or ""
  end))
end

--- The function that an integration's or an authorizer's URI names; nil when it names none.
---@param uri any
---@param variables table<string, string>
---@param more { role?: string, milliseconds?: number }
---@return engine.local.services.apigateway.Target?
function function_call.target(uri, variables, more)
  local arn = type(uri) == "string"
    and function_call.with_variables(uri, variables):match "/functions/(.+)/invocations$"
  local region = arn and arn:match "^arn:aws[%w-]*:lambda:([%w-]+):%d+:function:"
  if not region then
    return nil
  end
  local ok, name, qualifier = pcall(functions.parse, arn)
  if not ok then
    return nil
  end
  return {
    region = region, name = name, qualifier = qualifier, arn = arn,
    role = more.role ~= "" and more.role or nil,
    seconds = math.min(more.milliseconds or MOST_MILLISECONDS, MOST_MILLISECONDS) / 1000,
  }
end

-- Whether the function's policy lets the API call it. The answer is kept with the target until the
-- policy is another one: statements are added and removed, never changed.
local function is_allowed(cloud, target, found, source)
  local statements = found.policies[target.qualifier or functions.LATEST] or {}
  local known = target.known
  if not known or known.statements ~= statements or known.count ~= #statements
    or known.last ~= statements[#statements] or known.source ~= source then
    known = { statements = statements, count = #statements, last = statements[#statements] }
    known.source, known.allowed = source, granted.allows(found, target.qualifier, {
      action = "lambda:InvokeFunction", service = PRINCIPAL, arn = source, account = cloud.account,
    })
    target.known = known
  end
  return known.allowed
end

--- The function behind a target, when the API may call it; else nil, and why not, for the log.
---@param source string  the ARN that a permission names
---@return table? found
---@return string? problem
function function_call.find(cloud, target, source)
  local found = functions.peek(cloud, target.region, target.name)
  if not found then
    return nil, "there is no such function"
  elseif not target.role and not is_allowed(cloud, target, found, source) then
    return nil, "the function's policy does not let the API call it: it needs a permission for "
      .. PRINCIPAL
  end
  return found
end

-- A function that ends by itself in time needs no clock of ours.
local function is_quick(found, target)
  local ok, config = pcall(functions.resolve, found, target.qualifier)
  return ok and (config.Timeout or 3) + SLOWEST_START <= target.seconds
end

local function call_of(target, payload)
  return {
    region = target.region, name = target.name, qualifier = target.qualifier, payload = payload,
  }
end

local function log_failure(target, problem)
  log.warn("an API could not call its function", {
    ["function"] = target.arn, error = tostring(problem),
  })
end

local function invoke(cloud, target, payload)
  local ok, result = pcall(cloud:service("lambda").invoke, cloud, call_of(target, payload))
  if not ok and not fault.is(result) then
    error(result, 0)
  elseif not ok then
    log_failure(target, result)
    refusal.internal()
  end
  return result
end

-- The function goes on when nobody waits for it any more, as it does in Lambda.
local function invoke_timed(cloud, target, payload)
  local task = loop.spawn(invoke, cloud, target, payload)
  task.quiet = true -- what it raises is raised here
  if not task:wait(target.seconds) then
    refusal.raise("INTEGRATION_TIMEOUT", "Endpoint request timed out")
  elseif not task.ok then
    error(task.result, 0)
  end
  return task.result
end

--- Calls the function and waits for its answer; refuses the request when that is not to be had.
---@param cloud engine.local.Cloud
---@param target engine.local.services.apigateway.Target
---@param payload string
---@param source string  the ARN that a permission names
---@return engine.local.services.lambda.Result
function function_call.invoke(cloud, target, payload, source)
  local found, problem = function_call.find(cloud, target, source)
  if not found then
    log_failure(target, problem)
    refusal.internal()
  elseif #payload > MAX_PAYLOAD then
    refusal.raise("REQUEST_TOO_LARGE", "Request Entity Too Large")
  end
  if is_quick(found, target) then
    return invoke(cloud, target, payload)
  end
  return invoke_timed(cloud, target, payload)
end

--- Puts the call into the function's queue, for integrations that ask for the invocation type Event.
function function_call.enqueue(cloud, target, payload, source)
  local found, problem = function_call.find(cloud, target, source)
  if not found then
    log_failure(target, problem)
    refusal.internal()
  end
  local call = call_of(target, payload)
  call.request_id = identifier.uuid()
  cloud:service("lambda").invoke_later(cloud, call)
end

return function_call
