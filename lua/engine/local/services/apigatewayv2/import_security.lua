--- Who may ask, as an HTTP API's definition says: the authorizers of its security schemes, and what an
--- operation requires of them.
local fault = require "engine.local.fault"
local order = require "engine.order"
local shape = require "engine.local.import_shape"

local import_security = {}

local EXTENSION <const> = "x-amazon-apigateway-authorizer"
local DEFAULT_SOURCE <const> = "$request.header.Authorization"

-- "$request.header.A, $request.querystring.b"
local function sources_of(text)
  local list = {}
  for source in (text or DEFAULT_SOURCE):gmatch "[^,%s]+" do
    table.insert(list, source)
  end
  return list
end

local function jwt(said, place)
  local wanted = shape.map(said.jwtConfiguration, place .. ".jwtConfiguration")
  return {
    AuthorizerType = "JWT",
    IdentitySource = sources_of(shape.text(said.identitySource, place .. ".identitySource")),
    JwtConfiguration = {
      Issuer = shape.text(wanted.issuer, place .. ".jwtConfiguration.issuer"),
      Audience = shape.texts(wanted.audience, place .. ".jwtConfiguration.audience"),
    },
  }
end

local function request(said, place)
  return {
    AuthorizerType = "REQUEST",
    AuthorizerUri = shape.text(said.authorizerUri, place .. ".authorizerUri"),
    AuthorizerCredentialsArn =
      shape.text(said.authorizerCredentials, place .. ".authorizerCredentials"),
    AuthorizerPayloadFormatVersion =
      shape.text(said.authorizerPayloadFormatVersion, place .. ".authorizerPayloadFormatVersion"),
    AuthorizerResultTtlInSeconds = tonumber(tostring(said.authorizerResultTtlInSeconds)),
    EnableSimpleResponses = tostring(said.enableSimpleResponses) == "true",
    IdentitySource = sources_of(shape.text(said.identitySource, place .. ".identitySource")),
  }
end

local KINDS <const> = { jwt = jwt, request = request }

local function read_scheme(run, name, scheme)
  local said = scheme[EXTENSION]
  if type(said) == "table" then
    local place = ("components.securitySchemes.%s.%s"):format(name, EXTENSION)
    local make = KINDS[tostring(said.type):lower()]
    if not make then
      fault.raise("BadRequestException",
        ("Unable to put authorizer '%s': its type is jwt or request"):format(name))
    end
    local authorizer = make(said, place)
    authorizer.Name = name
    return run:add("authorizers", name, authorizer), authorizer.AuthorizerType
  elseif scheme["x-amazon-apigateway-authtype"] == "awsSigv4" then
    return nil, "AWS_IAM"
  end
end

--- Reads the schemes: the authorizers are added, and what a scheme's name means is told.
---@param run engine.local.services.apigatewayv2.Import
---@return table<string, { type: string, authorizer?: string }>
function import_security.read(run)
  local components, schemes = shape.map(run.body.components, "components"), {}
  local said = shape.map(components.securitySchemes, "components.securitySchemes")
  for _, name in ipairs(order.keys(said)) do
    local id, kind = read_scheme(run, name, shape.map(said[name], "the security scheme " .. name))
    -- API Gateway lets other schemes pass, and asks nothing.
    schemes[name] = kind and { type = kind == "REQUEST" and "CUSTOM" or kind, authorizer = id }
  end
  return schemes
end

--- Puts into a route what its operation requires, or the whole document.
---@param run engine.local.services.apigatewayv2.Import
---@param operation table
---@param route table
function import_security.apply(run, operation, route)
  for _, requirement in ipairs(shape.list(operation.security or run.body.security, "security")) do
    for _, name in ipairs(order.keys(shape.map(requirement, "an item of security"))) do
      local scheme = run.schemes[name]
      if scheme then
        local scopes = shape.texts(requirement[name], "security." .. name)
        route.AuthorizationType, route.AuthorizerId = scheme.type, scheme.authorizer
        route.AuthorizationScopes = #scopes > 0 and scopes or nil
      end
    end
  end
end

return import_security
