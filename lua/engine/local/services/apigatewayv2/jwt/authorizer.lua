--- Lets in who brings a JSON web token of an issuer: HTTP APIs' authorizers of the type JWT.
---
--- The steps are API Gateway's, in its order: the token is found and taken apart, its signature is checked
--- with a key of the issuer, then its claims, then its scopes (see claims.lua for the source). RSA
--- alone is taken. A token that is no good is answered with 401 and a challenge that says why
--- (RFC 6750, 3; without a token `Bearer` alone), one without the scope with 403, and where the issuer's
--- keys cannot be had, with 500. No log and no answer holds a token.
local addresses = require "engine.local.addresses"
local claims = require "engine.local.services.apigatewayv2.jwt.claims"
local json = require "host.json"
local keys = require "engine.local.services.apigatewayv2.jwt.keys"
local log = require "host.log"
local rsa = require "host.rsa"
local token = require "engine.local.services.apigatewayv2.jwt.token"

local authorizer = {}

local HASHES <const> = { RS256 = "sha256", RS384 = "sha384", RS512 = "sha512" }
local CHALLENGE <const> = 'Bearer scope="" error="invalid_token" error_description="%s"'

---@class engine.local.services.apigatewayv2.JwtAuthorizer
---@field issuer string
---@field audiences string[]
---@field source fun(headers: table<string, string>, query: table<string, string>): string?

---@class engine.local.services.apigatewayv2.jwt.Question
---@field cloud engine.local.Cloud
---@field headers table<string, string>  lower-case
---@field query table<string, string>
---@field scopes? string[]  the token has to hold one of them

--- What a function is told of a token.
---@class engine.local.services.apigatewayv2.jwt.Bearer
---@field claims table<string, string>
---@field scopes string[]|userdata  null where the route asks for none

---@class engine.local.services.apigatewayv2.jwt.Refusal
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

-- What is wrong with a token's header; nil when nothing is. An extension that has to be understood
-- is not (RFC 7515, 4.1.11).
local function header_problem(header)
  if not HASHES[header.alg] then
    return "the token is not signed by RS256, RS384 or RS512"
  elseif type(header.kid) ~= "string" then
    return "the token does not name its key"
  elseif header.crit ~= nil then
    return "the token has an extension that is not known"
  end
end

local function signature_problem(self, read, key)
  if key.algorithm ~= nil and key.algorithm ~= read.header.alg then
    return "the token's key is for another algorithm"
  end
  local is_valid, err = rsa.verify {
    hash = HASHES[read.header.alg],
    modulus = key.modulus,
    exponent = key.exponent,
    bytes = read.signed,
    signature = read.signature,
  }
  if err then
    log.warn("tokens cannot be checked: a key of their issuer is not taken", {
      issuer = keys.shown(self.issuer), because = tostring(err),
    })
    return "the token's key cannot be used"
  end
  return not is_valid and "the token's signature is invalid" or nil
end

-- The token, when the issuer has signed it.
local function read_signed(self, cloud, text)
  local read, problem = token.read(text)
  problem = problem or header_problem(read.header)
  if problem then
    return nil, unauthorized(problem)
  end
  local key, obstacle = keys.find(cloud, self.issuer, read.header.kid)
  if obstacle == "unreachable" then
    return nil, { status = 500, message = "Internal Server Error" }
  end
  problem = not key and "the token's key is not known" or signature_problem(self, read, key)
  if problem then
    return nil, unauthorized(problem)
  end
  return read
end

--- Asks whether a request may pass. Only for tasks: the issuer may have to be asked.
---@param self engine.local.services.apigatewayv2.JwtAuthorizer
---@param question engine.local.services.apigatewayv2.jwt.Question
---@return engine.local.services.apigatewayv2.jwt.Bearer?
---@return engine.local.services.apigatewayv2.jwt.Refusal?
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
