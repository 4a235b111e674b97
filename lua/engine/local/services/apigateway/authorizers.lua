--- Who may ask a method: nobody in particular, whom IAM knows, or whom an authorizer lets in, and the
--- API's policy.
local cognito = require "engine.local.services.apigateway.authorizer_cognito"
local iam = require "engine.local.services.apigateway.authorizer_iam"
local lambda = require "engine.local.services.apigateway.authorizer_lambda"
local refusal = require "engine.local.services.apigateway.refusal"
local resource_policy = require "engine.local.services.apigateway.resource_policy"

local authorizers = {}

local function misconfigured()
  refusal.raise("AUTHORIZER_CONFIGURATION_ERROR")
end

local function compile_own(said, kind, stage)
  if kind == "NONE" then
    return nil
  elseif kind == "AWS_IAM" then
    return iam.check
  end
  local authorizer = stage.definition.authorizers[said.authorizerId or ""]
  if not authorizer then
    return misconfigured
  elseif authorizer.type == "COGNITO_USER_POOLS" then
    return cognito.compile(authorizer, said)
  end
  return lambda.compile(authorizer, stage)
end

--- What lets a method's requests in, or refuses them; nil when all may ask.
---@param said table  the method, as GetMethod answers
---@param stage engine.local.services.apigateway.Stage
---@return (fun(exchange: engine.local.services.apigateway.Exchange))?
function authorizers.compile(said, stage)
  local kind = said.authorizationType or "NONE"
  local authorize = compile_own(said, kind, stage)
  return stage.policy and resource_policy.join(stage.policy, kind, authorize) or authorize
end

return authorizers
