--- The random names that AWS gives to requests, keys, versions and sessions.
local clock = require "host.clock"
local digest = require "host.digest"

local identifier = {}

local BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
local BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

local function letters(alphabet, count)
  local bytes = digest.random(count)
  local out = {}
  for i = 1, count do
    local place = bytes:byte(i) % #alphabet + 1
    out[i] = alphabet:sub(place, place)
  end
  return table.concat(out)
end

--- A random UUID: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed".
---@return string
function identifier.uuid()
  return assert(digest.uuid())
end

local second, beginning -- of the last trace id: many have the same

--- An id to follow a request by, as X-Ray writes them: "Root=1-6921f0a4-2f1b8e0a9c3d4e5f60718293".
---@return string
function identifier.trace()
  local now = clock.now() // 1 | 0
  if now ~= second then
    second, beginning = now, ("Root=1-%08x-"):format(now)
  end
  return beginning .. digest.random_hex(12)
end

--- A unique id as IAM makes them: "AROA" (a role), "ASIA" (a temporary key), … and 16 letters.
---@param prefix string
---@return string
function identifier.unique(prefix)
  return prefix .. letters(BASE32, 16)
end

--- `count` letters and digits.
---@param count integer
---@return string
function identifier.token(count)
  return letters(BASE62, count)
end

return identifier
