--- Who may ask, as an imported document says: its security schemes, and what an operation requires of
--- them.
local fault = require "engine.local.fault"
local order = require "engine.order"
local shape = require "engine.local.import_shape"
local store = require "engine.local.services.apigateway.store"

local import_security = {}

local API_KEY <const> = "x-api-key"

---@class engine.local.services.apigateway.Scheme
---@field type "AWS_IAM"|"CUSTOM"|"COGNITO_USER_POOLS"|"API_KEY"
---@field authorizer? string  its id

local function authorizer_of(run, name, scheme)
  local said, place = scheme["x-amazon-apigateway-authorizer"], "the authorizer " .. name
  local kind = tostring(said.type):upper()
  local header = shape.text(scheme.name, place .. ": name") or "Authorization"
  local id = store.id_of(run.api.id .. "/authorizers/" .. name)
  local is_token = kind == "TOKEN" or kind == "COGNITO_USER_POOLS"
  if kind ~= "TOKEN" and kind ~= "REQUEST" and kind ~= "COGNITO_USER_POOLS" then
    fault.raise("BadRequestException",
      ("Unable to put authorizer '%s': its type is token, request or cognito_user_pools"):format(
        name))
  end
  run.definition.authorizers[id] = {
    id = id,
    name = name,
    type = kind,
    authType = shape.text(scheme["x-amazon-apigateway-authtype"], place .. ": authtype"),
    authorizerUri = shape.text(said.authorizerUri, place .. ": authorizerUri"),
    authorizerCredentials = shape.text(said.authorizerCredentials,
      place .. ": authorizerCredentials"),
    authorizerResultTtlInSeconds = tonumber(tostring(said.authorizerResultTtlInSeconds)),
    identitySource = shape.text(said.identitySource, place .. ": identitySource")
      or is_token and "method.request.header." .. header or nil,
    identityValidationExpression = shape.text(said.identityValidationExpression,
      place .. ": identityValidationExpression"),
    providerARNs = shape.texts(said.providerARNs, place .. ": providerARNs"),
  }
  return { type = kind == "COGNITO_USER_POOLS" and kind or "CUSTOM", authorizer = id }
end

local function read_scheme(run, name, scheme)
  if type(scheme["x-amazon-apigateway-authorizer"]) == "table" then
    return authorizer_of(run, name, scheme)
  elseif scheme["x-amazon-apigateway-authtype"] == "awsSigv4" then
    return { type = "AWS_IAM" }
  elseif scheme.type == "apiKey" and tostring(scheme.name):lower() == API_KEY then
    return { type = "API_KEY" }
  end
  return nil -- API Gateway lets other schemes pass, and asks nothing
end

--- The document's security schemes that API Gateway heeds.
---@param run engine.local.services.apigateway.Import
---@return table<string, engine.local.services.apigateway.Scheme>
function import_security.read(run)
  local body, schemes = run.body, {}
  local components = shape.map(body.components, "components")
  local said = shape.map(body.securityDefinitions or components.securitySchemes,
    "the security schemes' object")
  for _, name in ipairs(order.keys(said)) do
    schemes[name] = read_scheme(run, name, shape.map(said[name], "the security scheme " .. name))
  end
  return schemes
end

local function require_scheme(method, scheme, scopes)
  if scheme and scheme.type == "API_KEY" then
    method.apiKeyRequired = true
  elseif scheme then
    method.authorizationType, method.authorizerId = scheme.type, scheme.authorizer
    method.authorizationScopes = type(scopes) == "table" and #scopes > 0 and scopes or nil
  end
end

--- Puts into a method what its operation requires, or the whole document.
---@param run engine.local.services.apigateway.Import
function import_security.apply(run, operation, method)
  method.authorizationType, method.apiKeyRequired = "NONE", false
  local own = operation["x-amazon-apigateway-auth"]
  if type(own) == "table" and tostring(own.type):upper() == "AWS_IAM" then
    method.authorizationType = "AWS_IAM"
  end
  local said = operation.security or run.body.security
  for _, requirement in ipairs(shape.list(said, "security")) do
    for _, name in ipairs(order.keys(shape.map(requirement, "an item of security"))) do
      require_scheme(method, run.schemes[name], requirement[name])
    end
  end
end

return import_security
