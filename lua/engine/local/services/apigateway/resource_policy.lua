--- The resource policy of an API: who may call it, before or after the method's own authorizer has said
--- so, as "How API Gateway resource policies affect authorization workflow" of the Developer Guide has it
--- (docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html):
---
--- * Where a method asks nobody, the policy has to allow the request.
--- * Where it asks IAM, the policy may not deny it: who has signed it is of the API's account, and allowed.
--- * Where it asks a Lambda authorizer, the policy may not deny it, which is seen before the function is
---   asked. Of what the policy allows the function may be silent.
--- * Where it asks a user pool, and the token is good, the policy has to allow the request.
---
--- It is frozen with the deployment, as all that an API is.
local fault = require "engine.local.fault"
local invocation = require "engine.local.http.invocation"
local invoke_policy = require "engine.local.http.invoke_policy"
local json = require "host.json"
local log = require "host.log"
local naming = require "engine.local.naming"
local one_or_more = require "engine.local.one_or_more"
local policy_conditions = require "engine.local.http.policy_conditions"
local refusal = require "engine.local.services.apigateway.refusal"

local resource_policy = {}

-- ---- what an author may say -----------------------------------------------------------------------

local function invalid(reason)
  fault.raise("BadRequestException", "Invalid policy document. Please check the policy syntax and "
    .. "ensure that Principals are valid. " .. reason)
end

local function statements_of(document)
  local said = document.Statement
  if type(said) ~= "table" then
    return {}
  end
  return json.is_array(said) and said or { said }
end

local function check_statement(statement)
  if type(statement) ~= "table" then
    invalid "A statement is no object."
  elseif statement.Effect ~= "Allow" and statement.Effect ~= "Deny" then
    invalid "Effect is Allow or Deny."
  elseif statement.Principal == nil and statement.NotPrincipal == nil then
    invalid "A statement has no Principal."
  elseif statement.Action == nil and statement.NotAction == nil then
    invalid "A statement has no Action."
  elseif statement.Resource == nil and statement.NotResource == nil then
    invalid "A statement has no Resource."
  end
  local problem = policy_conditions.problem(statement.Condition)
  if problem then
    invalid(problem .. ".")
  end
end

--- Reads a policy, or refuses it in API Gateway's words.
---@param said any  a table, or a text in JSON; nil and "" are none
---@return table? document
function resource_policy.read(said)
  if said == nil or said == "" then
    return nil
  end
  local document = type(said) == "string" and json.decode(said) or said
  if type(document) ~= "table" or json.is_array(document) or #statements_of(document) == 0 then
    invalid "It has no Statement."
  end
  for _, statement in ipairs(statements_of(document)) do
    check_statement(statement)
  end
  return document
end

-- ---- ready to be asked ----------------------------------------------------------------------------

-- "execute-api:/dev/GET/pets" is short for the ARN in the API that the policy is of.
local function full_resources(said, stage)
  if said == nil then
    return nil
  end
  local list, prefix = json.array {}, naming.arn("execute-api", stage.region, stage.account,
    stage.api.id)
  for i, resource in ipairs(one_or_more(said)) do
    local short = type(resource) == "string" and resource:match "^execute%-api:(/.*)$"
    list[i] = short and prefix .. short or resource
  end
  return list
end

---@class engine.local.services.apigateway.ResourcePolicy
---@field Statement table[]
---@field is_told? boolean  that it refuses requests

--- The policy of a stage; nil when there is none.
---@param stage engine.local.services.apigateway.Stage
---@return engine.local.services.apigateway.ResourcePolicy?
function resource_policy.compile(stage)
  local document = stage.definition.policy
  if not document then
    return nil
  end
  local statements = json.array {}
  for i, said in ipairs(statements_of(document)) do
    local statement = {}
    for name, value in pairs(said) do
      statement[name] = value
    end
    statement.Resource = full_resources(said.Resource, stage)
    statement.NotResource = full_resources(said.NotResource, stage)
    statements[i] = statement
  end
  return { Statement = statements }
end

-- Whether a principal of AWS is somebody: their ARN, the role of their session, or their account.
local function is_principal(said, identity)
  if said == "*" then
    return true
  elseif not identity then
    return false
  end
  return said == identity.account or said == ("arn:aws:iam::%s:root"):format(identity.account)
    or said == identity.arn or said == invocation.principal_arn(identity.arn)
end

local function is_among(principals, identity)
  if type(principals) ~= "table" then
    return principals == "*"
  end
  for _, said in ipairs(one_or_more(principals.AWS)) do
    if is_principal(said, identity) then
      return true
    end
  end
  return false
end

local function effect_of(policy, exchange)
  local asked = invocation.of(exchange.request, exchange:method_arn(), exchange.identity)
  function asked.is_named(statement)
    if statement.Principal == nil then
      return not is_among(statement.NotPrincipal, exchange.identity)
    end
    return is_among(statement.Principal, exchange.identity)
  end
  return invoke_policy.effect(policy, asked)
end

-- ---- what becomes of a request --------------------------------------------------------------------

-- AWS hides all but the last digits of the account.
local function shown(arn)
  return (arn:gsub("^(arn:[^:]*:[^:]*:[^:]*:)%d+(%d%d%d%d:)", "%1********%2"))
end

local function refuse(policy, exchange, effect)
  local arn = exchange:method_arn()
  if not policy.is_told then
    policy.is_told = true
    log.warn("an API's resource policy refuses a request; no further one is told", {
      resource = arn, address = exchange:source_ip(),
      because = effect == "Deny" and "a statement denies it" or "no statement allows it",
    })
  end
  refusal.raise("ACCESS_DENIED", ("User: %s is not authorized to perform: execute-api:Invoke on "
    .. "resource: %s%s"):format(exchange.identity and exchange.identity.arn or "anonymous",
      shown(arn), effect == "Deny" and " with an explicit deny" or ""), { member = "Message" })
end

local function want_allow(policy, exchange)
  local effect = effect_of(policy, exchange)
  if effect ~= "Allow" then
    refuse(policy, exchange, effect)
  end
end

local function want_no_deny(policy, exchange)
  local effect = effect_of(policy, exchange)
  if effect == "Deny" then
    refuse(policy, exchange, effect)
  end
  return effect
end

-- Authorization type → what lets a request in.
local FLOWS <const> = {
  AWS_IAM = function(policy, authorize, exchange)
    authorize(exchange)
    want_no_deny(policy, exchange)
  end,
  COGNITO_USER_POOLS = function(policy, authorize, exchange)
    authorize(exchange)
    want_allow(policy, exchange)
  end,
  CUSTOM = function(policy, authorize, exchange)
    exchange.policy_effect = want_no_deny(policy, exchange)
    authorize(exchange)
  end,
  NONE = function(policy, _, exchange)
    want_allow(policy, exchange)
  end,
}

--- Joins a policy with what the method itself asks.
---@param policy engine.local.services.apigateway.ResourcePolicy
---@param kind "NONE"|"AWS_IAM"|"CUSTOM"|"COGNITO_USER_POOLS"
---@param authorize? fun(exchange: engine.local.services.apigateway.Exchange)
---@return fun(exchange: engine.local.services.apigateway.Exchange)
function resource_policy.join(policy, kind, authorize)
  local flow = FLOWS[kind] or FLOWS.CUSTOM
  return function(exchange)
    flow(policy, authorize, exchange)
  end
end

return resource_policy
