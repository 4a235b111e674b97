--- Lets in who brings a JSON web token of an issuer: HTTP APIs' authorizers of the type JWT.
---
--- The steps are API Gateway's, in its order: the token is found and taken apart, its signature is checked
--- with a key of the issuer, then its claims, then its scopes (see claims.lua for the source). RSA
--- alone is taken. A token that is no good is answered with 401 and a challenge that says why
--- (RFC 6750, 3; without a token `Bearer` alone), one without the scope with 403, and where the issuer's
--- keys cannot be had, with 500. No log and no answer holds a token.
local addresses = require "engine.local.addresses"
local claims = require "engine.local.http.jwt.claims"
local json = require "host.json"
local signature = require "engine.local.http.jwt.signature"
local token = require "engine.local.http.jwt.token"

local authorizer = {}

local REMEDY <const> = "Start it, or mend JwtConfiguration.Issuer of the authorizer"
local CHALLENGE <const> = 'Bearer scope="" error="invalid_token" error_description="%s"'

---@class engine.local.services.apigatewayv2.JwtAuthorizer
---@field issuer string
---@field keys engine.local.http.jwt.Source
---@field audiences string[]
---@field source fun(headers: table<string, string>, query: table<string, string>): string?

---@class engine.local.services.apigatewayv2.JwtQuestion
---@field cloud engine.local.Cloud
---@field headers table<string, string>  lower-case
---@field query table<string, string>
---@field scopes? string[]  the token has to hold one of them

--- What a function is told of a token.
---@class engine.local.services.apigatewayv2.JwtBearer
---@field claims table<string, string>
---@field scopes string[]|userdata  null where the route asks for none

---@class engine.local.services.apigatewayv2.JwtRefusal
---@field status 401|403|500
---@field message string
---@field challenge? string  the header www-authenticate

-- One place, of the kinds that API Gateway knows for tokens; another one holds none.
local function read_source(sources)
  local text = type(sources) == "table" and sources[1] or sources
  local header = tostring(text):match "^%$request%.header%.(.+)$"
  local parameter = tostring(text):match "^%$request%.querystring%.(.+)$"
  return function(headers, query)
    return header and headers[header:lower()] or parameter and query[parameter] or nil
  end
end

--- Makes what is asked out of an authorizer's properties.
---@param properties table
---@return engine.local.services.apigatewayv2.JwtAuthorizer
function authorizer.compile(properties)
  local words = properties.JwtConfiguration or {}
  return {
    issuer = words.Issuer,
    keys = { issuer = words.Issuer, remedy = REMEDY },
    audiences = words.Audience or {},
    source = read_source(properties.IdentitySource),
  }
end

local function unauthorized(problem)
  return {
    status = 401,
    message = "Unauthorized",
    challenge = problem and CHALLENGE:format(problem) or "Bearer",
  }
end

-- Who mints tokens on this cloud may know a thing by its address here.
local function is_same(cloud, said, wanted)
  return said == wanted or said == addresses.reachable(cloud, wanted)
end

local function wanted_by(self, cloud)
  return {
    issuer = function(said)
      return is_same(cloud, said, self.issuer)
    end,
    audience = function(said)
      for _, audience in ipairs(self.audiences) do
        if is_same(cloud, said, audience) then
          return true
        end
      end
      return false
    end,
  }
end

-- The token, when the issuer has signed it.
local function read_signed(self, cloud, text)
  local read, problem = token.read(text)
  local is_unreachable
  if read then
    problem, is_unreachable = signature.problem(cloud, read, self.keys)
  end
  if is_unreachable then
    return nil, { status = 500, message = "Internal Server Error" }
  elseif problem then
    return nil, unauthorized(problem)
  end
  return read
end

--- Asks whether a request may pass. Only for tasks: the issuer may have to be asked.
---@param self engine.local.services.apigatewayv2.JwtAuthorizer
---@param question engine.local.services.apigatewayv2.JwtQuestion
---@return engine.local.services.apigatewayv2.JwtBearer?
---@return engine.local.services.apigatewayv2.JwtRefusal?
function authorizer.ask(self, question)
  local text = (self.source(question.headers, question.query) or "")
    :gsub("^%s*[Bb][Ee][Aa][Rr][Ee][Rr]%s+", "")
  if text == "" then
    return nil, unauthorized(nil)
  end
  local read, refusal = read_signed(self, question.cloud, text)
  if not read then
    return nil, refusal
  end
  local problem = claims.problem(read.claims, wanted_by(self, question.cloud))
  if problem then
    return nil, unauthorized(problem)
  end
  local scopes = question.scopes and claims.scopes(read.claims)
  if scopes and not claims.has_one(scopes, question.scopes) then
    return nil, { status = 403, message = "Forbidden" }
  end
  return { claims = claims.texts(read.claims), scopes = scopes or json.null }
end

return authorizer
