--- COGNITO_USER_POOLS: lets in who brings a token of a user pool (see user_pools.lua for whose are
--- checked). Without scopes the method wants an identity token, with scopes an access token that holds
--- one of them ("Integrate a REST API with an Amazon Cognito user pool",
--- docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html). For
--- which of a pool's clients it was made is nothing to API Gateway, but where IdentityValidationExpression
--- asks for it. No log and no answer holds a token.
local claims = require "engine.local.http.jwt.claims"
local clock = require "host.clock"
local json = require "host.json"
local jwt_token = require "engine.local.http.jwt.token"
local log = require "host.log"
local refusal = require "engine.local.services.apigateway.refusal"
local regex = require "host.regex"
local user_pools = require "engine.local.services.apigateway.user_pools"

local cognito = {}

local DEFAULT_SOURCE <const> = "method.request.header.Authorization"
local LATEST <const> = 253402300799 -- the last second of the year 9999
local TIMES <const> = { exp = true, iat = true }

---@class engine.local.services.apigateway.CognitoAuthorizer
---@field said table
---@field header string
---@field pools? engine.local.services.apigateway.UserPool[]  once it is asked
---@field scopes? string[]  the method's
---@field audience? host.regex.Regex|false  false: nobody's, for it cannot be read

local function unauthorized()
  refusal.raise("UNAUTHORIZED", "Unauthorized")
end

-- The issuer, first: what a token claims that nobody has signed is not worth a look.
local function check_issuer(self, exchange, token)
  self.pools = self.pools or user_pools.of(exchange.cloud, exchange.stage, self.said)
  local judgement = user_pools.judge(exchange.cloud, self.pools, token)
  if judgement == "unreachable" then
    refusal.raise("AUTHORIZER_FAILURE")
  elseif not judgement then
    unauthorized()
  elseif judgement == "believed" and not exchange.stage.believes_tokens then
    exchange.stage.believes_tokens = true -- said once, not for each method
    log.warn("tokens are believed, whoever signed them: this cloud only records the user pool, and "
      .. "nobody has its keys", { api = exchange.stage.api.id })
  end
  return judgement
end

-- A token that a developer makes up need not say what it is for.
local function is_use(said, wanted, judgement)
  return said == wanted or said == nil and judgement == "believed"
end

local function check_claims(self, said, judgement)
  if math.type(said.exp) and said.exp < clock.now() then
    refusal.raise("UNAUTHORIZED", "The incoming token has expired")
  elseif not math.type(said.exp) and judgement ~= "believed" then
    unauthorized()
  elseif not is_use(said.token_use, self.scopes and "access" or "id", judgement) then
    unauthorized()
  elseif self.scopes and not claims.has_one(claims.scopes(said), self.scopes) then
    unauthorized()
  end
  local audience = said.aud or said.client_id
  if self.audience == false or self.audience
    and not (type(audience) == "string" and self.audience:matches(audience)) then
    unauthorized()
  end
end

-- Lists come as "a,b", other tables as JSON, the two times as Java writes a date.
local function claim_text(name, value)
  local time = TIMES[name] and math.tointeger(value)
  if time and time >= 0 and time <= LATEST then
    return os.date("!%a %b %d %H:%M:%S UTC %Y", time)
  elseif not json.is_array(value) then
    return type(value) == "table" and assert(json.encode(value)) or tostring(value)
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = type(item) == "string" and item or assert(json.encode(item))
  end
  return table.concat(parts, ",")
end

local function texts_of(said)
  local texts = {}
  for name, value in pairs(said) do
    texts[name] = value ~= json.null and claim_text(name, value) or nil
  end
  return texts
end

local function check(self, exchange)
  local text = (exchange:header(self.header) or ""):gsub("^%s*[Bb][Ee][Aa][Rr][Ee][Rr]%s+", "")
  local token = jwt_token.read(text)
  if not token then
    unauthorized()
  end
  check_claims(self, token.claims, check_issuer(self, exchange, token))
  exchange:note("authorizer", { claims = texts_of(token.claims) })
end

--- What lets in whoever brings a token.
---@param authorizer table
---@param method table  as GetMethod answers
---@return fun(exchange: engine.local.services.apigateway.Exchange)
function cognito.compile(authorizer, method)
  local source = authorizer.identitySource or DEFAULT_SOURCE
  local scopes, audience = method.authorizationScopes, authorizer.identityValidationExpression
  local self = {
    header = source:match "^method%.request%.header%.(.+)$" or "Authorization",
    said = authorizer,
    scopes = scopes and scopes[1] and scopes or nil,
    audience = audience and (regex.compile(audience) or false),
  }
  return function(exchange)
    check(self, exchange)
  end
end

return cognito
