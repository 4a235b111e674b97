--- How many requests a route lets through: a bucket that holds `burst` of them and is filled with `rate`
--- each second.
local clock = require "host.clock"

local throttle = {}
throttle.__index = throttle

--- Makes a bucket out of a stage's settings for routes; nil where they set no limit.
---@param settings? table  ThrottlingBurstLimit, ThrottlingRateLimit
---@return engine.local.services.apigatewayv2.Throttle?
function throttle.new(settings)
  local rate = tonumber((settings or {}).ThrottlingRateLimit)
  local burst = tonumber((settings or {}).ThrottlingBurstLimit)
  if not rate and not burst then
    return nil
  end
  burst = burst or math.max(rate, 1)
  return setmetatable({
    rate = rate or burst, burst = burst, left = burst, at = clock.monotonic(),
  }, throttle)
end

--- Takes one request out; false when there is none left.
---@return boolean
function throttle:admit()
  local now = clock.monotonic()
  self.left = math.min(self.burst, self.left + (now - self.at) * self.rate)
  self.at = now
  if self.left < 1 then
    return false
  end
  self.left = self.left - 1
  return true
end

return throttle
