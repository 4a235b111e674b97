--- How IAM refuses what is about nothing.
local fault = require "engine.local.fault"

local refusal = {}

---@param what string  "attached policy"
---@param name string
function refusal.no_such(what, name)
  fault.raise("NoSuchEntity", ("The %s %s cannot be found."):format(what, name), 404)
end

return refusal
