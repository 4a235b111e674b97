--- A request to an API as the conditions of policies see it, by the keys of "AWS condition keys that can
--- be used in API Gateway resource policies" of API Gateway's Developer Guide
--- (docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html).
---
--- Nobody comes from a VPC here, so that aws:SourceVpc, aws:SourceVpce and aws:VpcSourceIp are never
--- there. What is https:// at AWS is http:// here, and counts as secure.
local clock = require "host.clock"
local received = require "engine.local.http.received"

local invocation = {}

-- Of the session of a role that is "assumed-role", of the account itself "Account".
local function type_of(arn)
  local kind = arn:match "^arn:[^:]*:[^:]*::%d+:([%w-]+)/"
  return kind == "assumed-role" and "AssumedRole" or kind == "user" and "User" or "Account"
end

--- The role of a session's ARN; every other ARN as it is.
---@param arn string
---@return string
function invocation.principal_arn(arn)
  local partition, account, role = arn:match "^arn:([^:]*):sts::(%d+):assumed%-role/([^/]+)/"
  return role and ("arn:%s:iam::%s:role/%s"):format(partition, account, role) or arn
end

-- Of everybody's requests.
local OF_ALL <const> = {
  ["aws:currenttime"] = function()
    return clock.iso8601(clock.now())
  end,
  ["aws:epochtime"] = function()
    return tostring(clock.now() // 1 | 0)
  end,
  ["aws:referer"] = function(request)
    return request:header "referer"
  end,
  ["aws:securetransport"] = function()
    return "true"
  end,
  ["aws:sourceip"] = received.address,
  ["aws:useragent"] = function(request)
    return request:header "user-agent"
  end,
}

-- Of those that somebody signed.
local OF_SIGNED <const> = {
  ["aws:principalaccount"] = function(identity)
    return identity.account
  end,
  ["aws:principalarn"] = function(identity)
    return invocation.principal_arn(identity.arn)
  end,
  ["aws:principaltype"] = function(identity)
    return type_of(identity.arn)
  end,
  ["aws:userid"] = function(identity)
    return identity.user_id
  end,
  ["aws:username"] = function(identity)
    return identity.arn:match ":user/(.*)$"
  end,
}

--- Wraps a request.
---@param request engine.local.Request
---@param arn string  of what is asked
---@param identity? engine.local.Identity  who signed it
---@return engine.local.http.Invocation
function invocation.of(request, arn, identity)
  return {
    arn = arn,
    value = function(key)
      if OF_ALL[key] then
        return OF_ALL[key](request)
      end
      return identity and OF_SIGNED[key] and OF_SIGNED[key](identity) or nil
    end,
  }
end

return invocation
