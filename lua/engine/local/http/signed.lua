--- Requests to functions' URLs and APIs that are signed, where AWS_IAM is what they want.
local auth = require "engine.local.auth"
local fault = require "engine.local.fault"
local json = require "host.json"

local signed = {}

--- Who signed the request for that service; nil, and what AWS would say to it, when it is not signed as
--- it should be; nil alone when it is not signed at all.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param service string  "lambda", "execute-api"
---@param region string   where the thing that is asked is
---@return engine.local.Identity?
---@return string? problem
---@return string? code  AWS's, of what the signature itself is refused for
function signed.identify(cloud, request, service, region)
  local claim = auth.claim(request)
  if not claim.form then
    return nil
  elseif not claim.malformed and claim.service ~= service then
    return nil, ("Credential should be scoped to correct service: '%s'."):format(service)
  elseif not claim.malformed and claim.region ~= region then
    return nil, ("Credential should be scoped to a valid region, not '%s'."):format(claim.region)
  end
  request.service = claim.service
  local ok, result = pcall(auth.verify, cloud, request, claim, "rest_json")
  if ok then
    return result
  elseif not fault.is(result) then
    error(result, 0)
  end
  return nil, result.message, result.code
end

--- What an event of format 2.0 says of them: its `requestContext.authorizer`.
---@param identity engine.local.Identity
---@return table
function signed.authorizer(identity)
  return {
    iam = {
      accessKey = identity.access_key_id,
      accountId = identity.account,
      callerId = identity.user_id,
      cognitoIdentity = json.null,
      principalOrgId = json.null,
      userArn = identity.arn,
      userId = identity.user_id,
    },
  }
end

return signed
