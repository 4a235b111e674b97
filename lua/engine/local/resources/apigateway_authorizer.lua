--- AWS::ApiGateway::Authorizer.
local fault = require "engine.local.fault"
local part = require "engine.local.services.apigateway.part"

local TYPES <const> = { COGNITO_USER_POOLS = true, REQUEST = true, TOKEN = true }

local function check(authorizer)
  local is_lambda = authorizer.type == "TOKEN" or authorizer.type == "REQUEST"
  if not TYPES[authorizer.type] then
    fault.raise("BadRequestException",
      "Authorizer type must be TOKEN, REQUEST or COGNITO_USER_POOLS")
  elseif is_lambda and type(authorizer.authorizerUri) ~= "string" then
    fault.raise("BadRequestException", "Invalid Authorizer URI: it is missing")
  elseif authorizer.type == "TOKEN" and type(authorizer.identitySource) ~= "string" then
    fault.raise("BadRequestException", "Invalid mapping expression specified: IdentitySource")
  end
end

return part {
  where = "authorizers",
  replacement = { RestApiId = true },
  attribute = "AuthorizerId",
  check = check,
}
