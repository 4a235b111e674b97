--- Lambda authorizers, of a token or of the whole request: a function says by a policy who may ask
--- what. Its answer is kept for as long as the authorizer says, by what identified the caller.
local clock = require "host.clock"
local function_call = require "engine.local.services.apigateway.function_call"
local invocation = require "engine.local.http.invocation"
local invoke_policy = require "engine.local.http.invoke_policy"
local json = require "host.json"
local kept_answers = require "engine.local.http.kept_answers"
local log = require "host.log"
local mapping = require "engine.local.services.apigateway.mapping"
local naming = require "engine.local.naming"
local proxy_event = require "engine.local.services.apigateway.proxy_event"
local refusal = require "engine.local.services.apigateway.refusal"
local regex = require "host.regex"
local text = require "engine.local.http.text"

local lambda = {}

local DEFAULT_SECONDS <const> = 300

---@class engine.local.services.apigateway.LambdaAuthorizer
---@field said table
---@field target? engine.local.http.Target
---@field source string          the ARN that the function's permission names
---@field identity string[]      mapping expressions of what identifies the caller
---@field pattern? host.regex.Regex
---@field kept engine.local.http.KeptAnswers

local function unauthorized()
  refusal.raise("UNAUTHORIZED", "Unauthorized")
end

local function misconfigured(self, problem)
  log.warn("a Lambda authorizer cannot be used", { authorizer = self.said.id, problem = problem })
  refusal.raise("AUTHORIZER_CONFIGURATION_ERROR")
end

-- What identifies the caller; without all of it nobody is asked.
local function identity_of(self, exchange)
  local values = {}
  for _, expression in ipairs(self.identity) do
    local value = mapping.text(mapping.value(exchange, expression))
    if not value or value == "" then
      unauthorized()
    end
    table.insert(values, value)
  end
  return values
end

local function event_of(self, exchange, identity)
  if self.said.type == "TOKEN" then
    return assert(json.encode(text.clean {
      type = "TOKEN", methodArn = exchange:method_arn(), authorizationToken = identity[1],
    }))
  end
  return proxy_event.for_authorizer(exchange)
end

local function check_answer(self, answer)
  if type(answer) ~= "table" or json.is_array(answer) then
    misconfigured(self, "its answer is not an object")
  elseif type(answer.principalId) ~= "string" then
    misconfigured(self, "its answer has no principalId")
  elseif type(answer.policyDocument) ~= "table" then
    misconfigured(self, "its answer has no policyDocument")
  end
  for name, value in pairs(type(answer.context) == "table" and answer.context or {}) do
    if type(value) == "table" then
      misconfigured(self, ("context.%s is no text, number or truth value"):format(name))
    end
  end
  return answer
end

-- A function that fails with the message "Unauthorized" says so of the caller.
local function read_answer(self, result)
  local answer = json.decode(result.payload)
  if result.error then
    local message = type(answer) == "table" and answer.errorMessage
    if message == "Unauthorized" then
      unauthorized()
    end
    misconfigured(self, "the function failed: " .. tostring(message))
  end
  return check_answer(self, answer)
end

local function call(self, exchange, identity)
  if not self.target then
    misconfigured(self, "its URI names no function")
  end
  if not self.target:find(exchange.cloud, self.source) then
    misconfigured(self, "its function cannot be called")
  end
  local result = function_call.invoke(exchange.cloud, self.target,
    event_of(self, exchange, identity), self.source)
  return read_answer(self, result)
end

local function ask(self, exchange)
  local identity = identity_of(self, exchange)
  if self.pattern and not self.pattern:matches(identity[1]) then
    unauthorized()
  end
  local known = self.kept:get(identity)
  if known then
    return known, 0
  end
  local started = clock.monotonic()
  local answer = call(self, exchange, identity)
  self.kept:keep(identity, answer)
  return answer, (clock.monotonic() - started) * 1000 // 1 | 0
end

local function context_of(answer, milliseconds)
  local context = {}
  for name, value in pairs(type(answer.context) == "table" and answer.context or {}) do
    context[name] = value ~= json.null and tostring(value) or nil
  end
  context.principalId, context.integrationLatency = answer.principalId, milliseconds
  return context
end

local function check(self, exchange)
  local answer, milliseconds = ask(self, exchange)
  exchange:note("authorizer", context_of(answer, milliseconds))
  exchange.usage_key = answer.usageIdentifierKey
  local effect = invoke_policy.effect(answer.policyDocument,
    invocation.of(exchange.request, exchange:method_arn()))
  if effect == "Deny" then
    refusal.raise("ACCESS_DENIED",
      "User is not authorized to access this resource with an explicit deny")
  elseif effect ~= "Allow" and exchange.policy_effect ~= "Allow" then
    refusal.raise("ACCESS_DENIED", "User is not authorized to access this resource")
  end
end

local function expressions(source)
  local list = {}
  for expression in (source or ""):gmatch "[^,%s]+" do
    table.insert(list, expression)
  end
  return list
end

local function new(authorizer, stage)
  local self = {
    said = authorizer,
    target = function_call.target(authorizer.authorizerUri, stage.variables, {
      role = authorizer.authorizerCredentials,
    }),
    source = naming.arn("execute-api", stage.region, stage.account,
      ("%s/authorizers/%s"):format(stage.api.id, authorizer.id)),
    identity = expressions(authorizer.identitySource),
    kept = kept_answers.new(tonumber(authorizer.authorizerResultTtlInSeconds) or DEFAULT_SECONDS),
  }
  local pattern = authorizer.identityValidationExpression
  self.pattern = authorizer.type == "TOKEN" and pattern and regex.compile(pattern) or nil
  return self
end

--- What asks an authorizer. All methods of a stage that have the same one share its answers.
---@param authorizer table
---@param stage engine.local.services.apigateway.Stage
---@return fun(exchange: engine.local.services.apigateway.Exchange)
function lambda.compile(authorizer, stage)
  stage.lambda_authorizers = stage.lambda_authorizers or {}
  local self = stage.lambda_authorizers[authorizer.id] or new(authorizer, stage)
  stage.lambda_authorizers[authorizer.id] = self
  return function(exchange)
    check(self, exchange)
  end
end

return lambda
