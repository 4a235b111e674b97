--- The first digits of a value's hash: the same for the same definition, whatever made it. For ids
--- where a readable one would lose something.
local digest = require "host.digest"
local json = require "host.json"

---@param value any
---@return string
return function(value)
  return digest.sha256(assert(json.encode(value))):sub(1, 8)
end
