--- Functions as REST APIs call them: found by the URI of an integration, and refused to the client in
--- the API's own words where they cannot be called.
local identifier = require "engine.local.identifier"
local refusal = require "engine.local.services.apigateway.refusal"
local target = require "engine.local.http.target"

local function_call = {}

local PRINCIPAL <const> = "apigateway.amazonaws.com"
local MOST_MILLISECONDS <const> = 29000
local MAX_PAYLOAD <const> = 6291456

--- The function that an integration's or an authorizer's URI names; nil when it names none.
---@param uri any
---@param variables table<string, string>
---@param more { role?: string, milliseconds?: number }
---@return engine.local.http.Target?
function function_call.target(uri, variables, more)
  local arn = type(uri) == "string"
    and target.with_variables(uri, variables):match "/functions/(.+)/invocations$"
  return arn and target.new {
    arn = arn,
    service = PRINCIPAL,
    role = more.role ~= "" and more.role or nil,
    seconds = math.min(more.milliseconds or MOST_MILLISECONDS, MOST_MILLISECONDS) / 1000,
  }
end

--- Calls the function and waits for its answer; refuses the request when that is not to be had.
---@param cloud engine.local.Cloud
---@param behind engine.local.http.Target
---@param payload string
---@param source string  the ARN that a permission names
---@param request_id? string  default: one of its own
---@return engine.local.services.lambda.Result
function function_call.invoke(cloud, behind, payload, source, request_id)
  if #payload > MAX_PAYLOAD then
    refusal.raise("REQUEST_TOO_LARGE", "Request Entity Too Large")
  end
  local result, obstacle = behind:call(cloud, payload, request_id, source)
  if obstacle == "late" then
    refusal.raise("INTEGRATION_TIMEOUT", "Endpoint request timed out")
  elseif not result then
    refusal.internal()
  end
  return result
end

--- Puts the call into the function's queue, for integrations that ask for the invocation type Event.
function function_call.enqueue(cloud, behind, payload, source)
  if not behind:find(cloud, source) then
    refusal.internal()
  end
  cloud:service("lambda").invoke_later(cloud, behind:invocation(payload, identifier.uuid()))
end

return function_call
