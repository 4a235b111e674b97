--- The user pools of Cognito whose tokens an authorizer lets in, and whether one of them has signed a
--- token.
---
--- A pool is somewhere else: this cloud has none. One of AWS's is asked for its keys, or an emulator of
--- Cognito's is, which AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER names as it does for AWS's own tools. A
--- pool that a stack of this cloud declares is only recorded, and is nowhere: nobody can sign in to it and
--- no token is its own, so that its tokens are those that a developer makes up. They are believed.
local log = require "host.log"
local signature = require "engine.local.http.jwt.signature"
local target = require "engine.local.http.target"

local user_pools = {}

local ENDPOINT <const> = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
local TYPE <const> = "AWS::Cognito::UserPool"
local REMEDY <const> = "The authorizer's ProviderARNs name that user pool; an emulator is named by "
  .. ENDPOINT

---@class engine.local.services.apigateway.UserPool
---@field arn string
---@field is_recorded boolean
---@field issuer string     as its tokens name it
---@field emulated? string  as an emulator's tokens do
---@field keys engine.local.http.jwt.Source

--- The URL of an emulator of Cognito; nil where none is named.
---@return string?
function user_pools.emulator()
  local url = os.getenv(ENDPOINT)
  return url and url ~= "" and url:gsub("/+$", "") or nil
end

local function read(cloud, arn)
  local partition, region, id =
    arn:match "^arn:(aws[%a-]*):cognito%-idp:([%w-]+):%d*:userpool/([%w_-]+)$"
  if not id then
    return nil
  end
  local suffix = partition == "aws-cn" and "amazonaws.com.cn" or "amazonaws.com"
  local issuer = ("https://cognito-idp.%s.%s/%s"):format(region, suffix, id)
  local emulator = user_pools.emulator()
  local emulated = emulator and emulator .. "/" .. id
  local base = emulated or issuer
  return {
    arn = arn,
    is_recorded = cloud:service("cloudformation").has(cloud, region, TYPE, id),
    issuer = issuer,
    emulated = emulated,
    keys = { issuer = base, keys_url = base .. "/.well-known/jwks.json", remedy = REMEDY },
  }
end

--- The pools of an authorizer; one whose ARN is none is left out, and the log says so.
---@param cloud engine.local.Cloud
---@param stage engine.local.services.apigateway.Stage
---@param authorizer table
---@return engine.local.services.apigateway.UserPool[]
function user_pools.of(cloud, stage, authorizer)
  local pools = {}
  for _, said in ipairs(authorizer.providerARNs or {}) do
    local arn = target.with_variables(tostring(said), stage.variables)
    local pool = read(cloud, arn)
    if not pool then
      log.warn("an authorizer names what is no user pool", { api = stage.api.id, arn = arn })
    end
    table.insert(pools, pool)
  end
  return pools
end

local function pool_of(pools, issuer)
  for _, pool in ipairs(pools) do
    if issuer == pool.issuer or issuer ~= nil and issuer == pool.emulated then
      return pool
    end
  end
  return nil
end

local function is_any_recorded(pools)
  for _, pool in ipairs(pools) do
    if pool.is_recorded then
      return true
    end
  end
  return false
end

--- What one of the pools has to do with a token. Only for tasks: its keys may have to be asked for.
---@param cloud engine.local.Cloud
---@param pools engine.local.services.apigateway.UserPool[]
---@param token engine.local.http.jwt.Token
---@return "signed"|"believed"|"unreachable"|nil  nil when none has signed it
function user_pools.judge(cloud, pools, token)
  local pool = pool_of(pools, token.claims.iss)
  if not pool or pool.is_recorded then
    return is_any_recorded(pools) and "believed" or nil
  end
  local problem, is_unreachable = signature.problem(cloud, token, pool.keys)
  return is_unreachable and "unreachable" or not problem and "signed" or nil
end

return user_pools
