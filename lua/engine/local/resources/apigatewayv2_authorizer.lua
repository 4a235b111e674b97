--- AWS::ApiGatewayV2::Authorizer.
local fault = require "engine.local.fault"
local part_resource = require "engine.local.services.apigatewayv2.part_resource"

local function check(own)
  if own.AuthorizerType ~= "REQUEST" and own.AuthorizerType ~= "JWT" then
    fault.raise("BadRequestException", "AuthorizerType must be one of [REQUEST, JWT]")
  elseif own.AuthorizerType == "REQUEST" and not own.AuthorizerUri then
    fault.raise("BadRequestException", "AuthorizerUri is required for a REQUEST authorizer")
  end
end

return part_resource.new {
  where = "authorizers", attribute = "AuthorizerId", replacement = { ApiId = true }, check = check,
}
