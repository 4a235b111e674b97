--- COGNITO_USER_POOLS: this cloud has no user pools, so that the signature of a token is not checked.
--- One that is missing, is no JSON web token, or is past its time is refused; the claims of any other
--- are believed, and the log says so.
local clock = require "host.clock"
local digest = require "host.digest"
local json = require "host.json"
local log = require "host.log"
local refusal = require "engine.local.services.apigateway.refusal"

local cognito = {}

local DEFAULT_SOURCE <const> = "method.request.header.Authorization"

local function unauthorized()
  refusal.raise("UNAUTHORIZED", "Unauthorized")
end

-- The claims of a JSON web token, whoever signed it.
local function read_claims(token)
  local payload = token:match "^[%w_-]+%.([%w_-]+)%.[%w_-]+$"
  local text = payload and digest.from_base64url(payload)
  local claims = text and json.decode(text)
  return type(claims) == "table" and not json.is_array(claims) and claims or nil
end

local function as_texts(claims)
  local texts = {}
  for name, value in pairs(claims) do
    texts[name] = type(value) == "table" and json.encode(value) or tostring(value)
  end
  return texts
end

--- What lets in whoever brings a token.
---@param authorizer table
---@return fun(exchange: engine.local.services.apigateway.Exchange)
function cognito.compile(authorizer)
  local source = authorizer.identitySource or DEFAULT_SOURCE
  local header = source:match "^method%.request%.header%.(.+)$" or "Authorization"
  local is_told = false
  return function(exchange)
    local token = (exchange:header(header) or ""):gsub("^Bearer%s+", "")
    local claims = read_claims(token)
    if not claims then
      unauthorized()
    elseif math.type(claims.exp) and claims.exp < clock.now() then
      refusal.raise("UNAUTHORIZED", "The incoming token has expired")
    end
    if not is_told then
      is_told = true
      log.warn("tokens of Cognito's user pools are believed: this cloud cannot check who signed "
        .. "them", { api = exchange.stage.api.id })
    end
    exchange:note("authorizer", { claims = as_texts(claims) })
  end
end

return cognito
