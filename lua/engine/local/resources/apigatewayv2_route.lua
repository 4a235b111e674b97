--- AWS::ApiGatewayV2::Route.
local fault = require "engine.local.fault"
local order = require "engine.order"
local part = require "engine.local.services.apigatewayv2.part"

local METHODS <const> = {
  ANY = true, DELETE = true, GET = true, HEAD = true, OPTIONS = true, PATCH = true, POST = true,
  PUT = true,
}

local function check_key(key, protocol)
  if type(key) ~= "string" or key == "" then
    fault.raise("BadRequestException", "RouteKey is required")
  elseif protocol == "WEBSOCKET" or key == "$default" then
    return
  end
  local method, path = key:match "^(%S+) (/%S*)$"
  if not METHODS[method or ""] then
    fault.raise("BadRequestException",
      ("The provided route key is not formatted properly for HTTP protocol. Format should be "
        .. "\"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\": '%s'"):format(key))
  elseif path:find "{[^}]*%+}." then
    fault.raise("BadRequestException",
      ("A greedy path variable must be the last segment of a route: '%s'"):format(key))
  end
end

-- Tokens are for HTTP APIs, and what checks them for routes that say so.
local function check_token(own, api)
  local authorizer = api.definition.authorizers[own.AuthorizerId or ""]
  local is_jwt = authorizer ~= nil and authorizer.AuthorizerType == "JWT"
  if is_jwt ~= (own.AuthorizationType == "JWT") then
    fault.raise("BadRequestException", "Invalid authorizer ID specified. Setting the authorization "
      .. "type to CUSTOM or JWT requires a valid authorizer.")
  elseif own.AuthorizationScopes ~= nil and type(own.AuthorizationScopes) ~= "table" then
    fault.raise("BadRequestException", "AuthorizationScopes is a list of texts")
  elseif own.AuthorizationScopes and own.AuthorizationScopes[1] and not is_jwt then
    fault.raise("BadRequestException", "Invalid Route authorization type specified. Authorization "
      .. "Scopes are only valid for COGNITO_USER_POOLS and JWT authorization types")
  end
end

local function check(own, _, api, id)
  check_key(own.RouteKey, api.properties.ProtocolType)
  check_token(own, api)
  for _, other in ipairs(order.keys(api.definition.routes)) do
    if other ~= id and api.definition.routes[other].RouteKey == own.RouteKey then
      fault.raise("ConflictException",
        ("Route with key %s already exists for this API"):format(own.RouteKey), 409)
    end
  end
end

return part {
  where = "routes", attribute = "RouteId", replacement = { ApiId = true }, check = check,
}
