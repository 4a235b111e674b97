--- How often may be asked: a bucket that holds `burst` tokens and is filled with `rate` of them each
--- second. It begins full.
local clock = require "host.clock"

local token_bucket = {}
token_bucket.__index = token_bucket

---@class engine.local.TokenBucket
---@field rate number
---@field burst number
---@field left number
---@field at number

---@param rate number
---@param burst number
---@return engine.local.TokenBucket
function token_bucket.new(rate, burst)
  return setmetatable({
    rate = rate, burst = burst, left = burst, at = clock.monotonic(),
  }, token_bucket)
end

--- Takes one token out; false when there is none left.
---@return boolean
function token_bucket:take()
  local now = clock.monotonic()
  self.left = math.min(self.burst, self.left + (now - self.at) * self.rate)
  self.at = now
  if self.left < 1 then
    return false
  end
  self.left = self.left - 1
  return true
end

return token_bucket
