--- AWS::ApiGatewayV2::Authorizer.
local fault = require "engine.local.fault"
local part = require "engine.local.services.apigatewayv2.part"

local function refuse(text)
  fault.raise("BadRequestException", text)
end

-- The issuer is asked for its keys with the first token, where AWS asks it here: its own function may
-- be in this very stack.
local function check_jwt(own, api)
  local words, sources = own.JwtConfiguration, own.IdentitySource
  if api.properties.ProtocolType ~= "HTTP" then
    refuse "Only HTTP APIs support authorizers of type JWT"
  elseif type(words) ~= "table" or type(words.Issuer) ~= "string" or words.Issuer == "" then
    refuse "JwtConfiguration.Issuer is required for a JWT authorizer"
  elseif type(words.Audience) ~= "table" or #words.Audience == 0 then
    refuse "JwtConfiguration.Audience is required for a JWT authorizer"
  elseif type(sources) == "table" and #sources ~= 1 then
    refuse "A JWT authorizer has exactly one IdentitySource"
  end
end

local function check(own, _, api)
  if own.AuthorizerType == "JWT" then
    check_jwt(own, api)
  elseif own.AuthorizerType ~= "REQUEST" then
    refuse "AuthorizerType must be one of [REQUEST, JWT]"
  elseif not own.AuthorizerUri then
    refuse "AuthorizerUri is required for a REQUEST authorizer"
  end
end

return part {
  where = "authorizers", attribute = "AuthorizerId", replacement = { ApiId = true }, check = check,
}
