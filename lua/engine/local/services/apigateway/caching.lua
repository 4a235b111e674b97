--- Caches of stages: which methods' answers are kept, under which keys, and which clients may have them
--- made anew. By API Gateway's rules ("Cache settings for REST APIs" of its guide): GET alone unless a
--- setting names another verb; every answer of the integration, whatever its status; 300 seconds.
---
--- Keys are the parameters that the integration names: requests that differ in others share an answer.
--- What is kept stands in memory, and is forgotten with the deployment.
local mapping = require "engine.local.services.apigateway.mapping"
local method_settings = require "engine.local.services.apigateway.method_settings"
local refusal = require "engine.local.services.apigateway.refusal"
local response_cache = require "engine.local.services.apigateway.response_cache"

local caching = {}

local MOST_BYTES <const> = 64 * 1024 * 1024 -- less than the smallest of AWS's cache clusters
local DEFAULT_SECONDS <const>, MOST_SECONDS <const> = 300, 3600
local WARNING <const> = {
  "Warning", "199 Cache-control headers were ignored because the caller was unauthorized.",
}
local OWN_IDS <const> = {
  ["x-amzn-requestid"] = "id", ["x-amz-apigw-id"] = "extended_id", ["x-amzn-trace-id"] = "trace_id",
}

-- By APIs' records and stages' names; what is known of an API goes with it.
local function all_caches(cloud)
  local memory = cloud:memory "apigateway"
  memory.caches = memory.caches or setmetatable({}, { __mode = "k" })
  return memory.caches
end

-- A stage and its canary have one each.
local function place_of(name, is_canary)
  return is_canary and name .. "/canary" or name
end

--- The cache of a stage; nil when it has none. It outlasts changes of other APIs, and not its deployment.
---@param said table  the stage's record
---@param deployment_id string
---@param is_canary? boolean  it is for its canary
---@return engine.local.services.apigateway.ResponseCache?
function caching.of_stage(cloud, api, said, deployment_id, is_canary)
  local caches, place = all_caches(cloud), place_of(said.stageName, is_canary)
  caches[api] = caches[api] or {}
  local known = caches[api][place]
  if not said.cacheClusterEnabled then
    caches[api][place] = nil
    return nil
  elseif not known or known.deployment_id ~= deployment_id then
    known = { deployment_id = deployment_id, cache = response_cache.new(MOST_BYTES) }
    caches[api][place] = known
  end
  return known.cache
end

--- Forgets what a stage has kept, and its canary.
---@param name string  of the stage
function caching.flush(cloud, api, name)
  for _, is_canary in ipairs { false, true } do
    local known = (all_caches(cloud)[api] or {})[place_of(name, is_canary)]
    if known then
      known.cache:clear()
    end
  end
end

-- Values with their lengths: no client can make two of them look like others.
local function key_of(exchange, rules)
  local parts = { rules.namespace, exchange.request.method }
  for _, expression in ipairs(rules.parameters) do
    local value = mapping.text(mapping.value(exchange, expression))
    table.insert(parts, value and #value .. ":" .. value or "-")
  end
  return table.concat(parts, "\n")
end

-- Whether the client wants the answer made anew, and may: those may who have signed, for whoever can sign
-- may do all in this cloud. Others are refused, or told that nobody listened.
local function wish_of(exchange, setting)
  local control = exchange:header "cache-control"
  if not (control and control:lower():find "%f[%w]max%-age%s*=%s*0%f[%D]") then
    return nil
  elseif setting.requireAuthorizationForCacheControl == false or exchange.identity then
    return "renew"
  elseif setting.unauthorizedCacheControlHeaderStrategy == "FAIL_WITH_403" then
    refusal.raise("ACCESS_DENIED", "User is not authorized to access this resource")
  end
  return setting.unauthorizedCacheControlHeaderStrategy ~= "SUCCEED_WITHOUT_RESPONSE_HEADER"
    and "warn" or nil
end

-- A kept answer for another request.
local function served(kept, exchange)
  local headers = {}
  for i, pair in ipairs(kept.headers) do
    local own = OWN_IDS[pair[1]:lower()]
    headers[i] = own and { pair[1], exchange[own] } or pair
  end
  return { status = kept.status, headers = headers, body = kept.body }
end

local function rules_of(stage, method, verb)
  local setting, is_exact = method_settings.find(stage.settings, method.resource_path, verb)
  local integration = method.definition.methodIntegration
  if not stage.cache or not integration or not setting or not setting.cachingEnabled then
    return nil
  end
  local seconds = tonumber(setting.cacheTtlInSeconds) or DEFAULT_SECONDS
  return seconds > 0 and {
    setting = setting,
    seconds = math.min(seconds, MOST_SECONDS),
    all_verbs = is_exact,
    namespace = tostring(integration.cacheNamespace or method.resource_id),
    parameters = integration.cacheKeyParameters or {},
  } or nil
end

--- A method's integration behind the stage's cache; the integration itself where nothing is kept.
---@param stage engine.local.services.apigateway.Stage
---@param method engine.local.services.apigateway.Method
---@param verb string
---@param integrate fun(exchange: engine.local.services.apigateway.Exchange): table
---@return fun(exchange: engine.local.services.apigateway.Exchange): table
function caching.behind(stage, method, verb, integrate)
  local rules, cache = rules_of(stage, method, verb), stage.cache
  if not rules then
    return integrate
  end
  return function(exchange)
    if not rules.all_verbs and exchange.request.method ~= "GET" then
      return integrate(exchange)
    end
    local key, wish = key_of(exchange, rules), wish_of(exchange, rules.setting)
    local answer = wish ~= "renew" and cache:get(key, exchange.now)
    exchange.is_kept = answer and true
    if not answer then
      answer = integrate(exchange)
      cache:keep(key, answer, exchange.now + rules.seconds)
    end
    local own = served(answer, exchange)
    table.insert(own.headers, wish == "warn" and WARNING or nil)
    return own
  end
end

return caching
