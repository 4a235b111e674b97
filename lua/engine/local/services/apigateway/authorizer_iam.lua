--- AWS_IAM: the request is signed for execute-api, by header or by query.
local auth = require "engine.local.auth"
local fault = require "engine.local.fault"
local refusal = require "engine.local.services.apigateway.refusal"

local iam = {}

local SERVICE <const> = "execute-api"

-- The fault's code → the gateway response that says so.
local RESPONSES <const> = {
  ExpiredTokenException = "EXPIRED_TOKEN",
  MissingAuthenticationTokenException = "MISSING_AUTHENTICATION_TOKEN",
}

local function refuse(problem)
  refusal.raise(RESPONSES[problem.code] or "INVALID_SIGNATURE", problem.message, {
    code = problem.code, status = 403,
  })
end

--- Refuses a request that is not signed, or not as it should be; notes who signed the others.
---@param exchange engine.local.services.apigateway.Exchange
function iam.check(exchange)
  local request = exchange.request
  local claim = auth.claim(request)
  if not claim.form then
    refusal.raise("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
  end
  if not claim.malformed and claim.service ~= SERVICE then
    refusal.raise("INVALID_SIGNATURE",
      ("Credential should be scoped to correct service: '%s'."):format(SERVICE))
  end
  local ok, identity = pcall(auth.verify, exchange.cloud, request, claim, "rest_json")
  if ok then
    exchange:note("identity", identity)
  elseif fault.is(identity) then
    refuse(identity)
  else
    error(identity, 0)
  end
end

return iam
