--- AWS_IAM: the request is signed for execute-api, by header or by query.
local refusal = require "engine.local.services.apigateway.refusal"
local signed = require "engine.local.http.signed"

local iam = {}

-- AWS's code → the gateway response that says so.
local RESPONSES <const> = {
  ExpiredTokenException = "EXPIRED_TOKEN",
  MissingAuthenticationTokenException = "MISSING_AUTHENTICATION_TOKEN",
}

--- Refuses a request that is not signed, or not as it should be; notes who signed the others.
---@param exchange engine.local.services.apigateway.Exchange
function iam.check(exchange)
  local identity, problem, code =
    signed.identify(exchange.cloud, exchange.request, "execute-api", exchange.stage.region)
  if identity then
    exchange:note("identity", identity)
  elseif not problem then
    refusal.raise("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
  else
    refusal.raise(RESPONSES[code] or "INVALID_SIGNATURE", problem, code and {
      code = code, status = 403,
    })
  end
end

return iam
