--- Calls to other functions.
---
---     local lambda = require "laconic.aws.lambda"
---     local answer = lambda.invoke { name = "price", payload = { article = 7 } }
---     print(answer.price)
---
---@module "laconic.aws.lambda"
local check = require "engine.check"
local client = require "laconic.aws.client"
local failure = require "engine.failure"
local json = require "host.json"

local lambda = {}

local INVOKE = {
  client = { type = "table" },
  client_context = { type = "table" },
  name = { type = "string", required = true, least = 1 },
  payload = { type = "any" },
  qualifier = { type = "string", least = 1 },
}

local function call(request, kind)
  local digest, context = require "host.digest", request.client_context
  return client.of("lambda", request):call("Invoke", {
    FunctionName = request.name,
    Qualifier = request.qualifier,
    InvocationType = kind,
    ClientContext = context and digest.to_base64(assert(json.encode(context))) or nil,
    Payload = request.payload ~= nil and assert(json.encode(request.payload)) or "{}",
  })
end

-- What the function raised becomes an error here, with the function's own words.
local function refuse(name, answer)
  local told = json.decode(answer.body)
  told = type(told) == "table" and told or {}
  failure.raise("service", ("the function '%s' failed"):format(name), {
    code = "FunctionError",
    status = answer.status,
    where = check.where(),
    cause = type(told.errorMessage) == "string" and told.errorMessage or nil,
    error_type = told.errorType,
    stack_trace = told.stackTrace,
    retryable = false,
    request_id = answer.headers["x-amzn-requestid"],
  })
end

---@class laconic.LambdaInvoke
---@field name string                name, ARN, or "123456789012:name"
---@field payload? any               the event: anything that JSON can say; default {}
---@field qualifier? string          a version or an alias
---@field client_context? table      for an invocation that is waited for
---@field client? laconic.AwsClient

--- Calls a function, waits, and returns what it returned. When it failed, an error is raised: code
--- "FunctionError", with the function's `error_type` and `stack_trace`.
---@param request laconic.LambdaInvoke
---@return any result
---@return { status: integer, version?: string } facts
function lambda.invoke(request)
  check.fields("lambda.invoke", request, INVOKE)
  local answer = call(request, "RequestResponse")
  if answer.headers["x-amz-function-error"] then
    refuse(request.name, answer)
  end
  local result
  if answer.body ~= "" then
    local problem
    result, problem = json.decode(answer.body)
    if problem then
      result = answer.body -- raw bytes are a function's right
    elseif result == json.null then
      result = nil
    end
  end
  return result, { status = answer.status, version = answer.headers["x-amz-executed-version"] }
end

--- Hands an event to a function and returns at once: Lambda keeps the event, and tries again when the
--- function fails.
---@param request laconic.LambdaInvoke
---@return { status: integer, request_id?: string }
function lambda.invoke_async(request)
  check.fields("lambda.invoke_async", request, INVOKE)
  local answer = call(request, "Event")
  return { status = answer.status, request_id = answer.headers["x-amzn-requestid"] }
end

return lambda
