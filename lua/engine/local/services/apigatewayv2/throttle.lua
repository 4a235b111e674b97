--- How many requests a route lets through, by its stage's settings.
local token_bucket = require "engine.local.token_bucket"

local throttle = {}

--- Makes a bucket out of a stage's settings for routes; nil where they set no limit.
---@param settings? table  ThrottlingBurstLimit, ThrottlingRateLimit
---@return engine.local.TokenBucket?
function throttle.new(settings)
  local rate = tonumber((settings or {}).ThrottlingRateLimit)
  local burst = tonumber((settings or {}).ThrottlingBurstLimit)
  if not rate and not burst then
    return nil
  end
  burst = burst or math.max(rate, 1)
  return token_bucket.new(rate or burst, burst)
end

return throttle
