--- How often methods and keys may be asked. The buckets stand in memory, and outlast deployments.
local method_settings = require "engine.local.services.apigateway.method_settings"
local refusal = require "engine.local.services.apigateway.refusal"
local token_bucket = require "engine.local.token_bucket"

local throttle = {}

--- A limit with a name of its own; nil when nothing is limited.
---@param key string
---@param said? { rateLimit?: number, burstLimit?: number }
---@return { key: string, rate: number, burst: number }?
function throttle.limit(key, said)
  local rate, burst = tonumber(said and said.rateLimit), tonumber(said and said.burstLimit)
  if not rate or rate < 0 then
    return nil
  end
  return { key = key, rate = rate, burst = burst or rate }
end

--- What a stage's settings limit a method to: those of the method itself win over those of all.
---@return { key: string, rate: number, burst: number }?
function throttle.of_method(stage, path, verb)
  local chosen = method_settings.find(stage.settings, path, verb, "throttlingRateLimit")
  return chosen and throttle.limit(("%s/%s/%s%s"):format(stage.api.id, stage.name, verb, path), {
    rateLimit = chosen.throttlingRateLimit, burstLimit = chosen.throttlingBurstLimit,
  })
end

--- Takes one token, where there is one.
---@param cloud engine.local.Cloud
---@param limit { key: string, rate: number, burst: number }
---@return boolean
function throttle.take(cloud, limit)
  local memory = cloud:memory "apigateway"
  memory.buckets = memory.buckets or {}
  local bucket = memory.buckets[limit.key] or token_bucket.new(limit.rate, limit.burst)
  memory.buckets[limit.key] = bucket
  bucket.rate, bucket.burst = limit.rate, limit.burst
  return bucket:take()
end

--- The same, or refuses the request.
---@param cloud engine.local.Cloud
---@param limit { key: string, rate: number, burst: number }
function throttle.check(cloud, limit)
  if not throttle.take(cloud, limit) then
    refusal.raise("THROTTLED", "Too Many Requests")
  end
end

return throttle
