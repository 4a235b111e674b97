--- How much one request puts, and how much one answer holds.
local invalid = require("engine.local.services.logs.refusal").invalid

local limits = {}

limits.MOST_EVENTS = 10000 -- of one page, and of one put
limits.MOST_BYTES = 1024 * 1024
limits.EVENT_OVERHEAD = 26 -- what AWS counts for an event beside its message

--- How many the answer may hold.
---@return integer
function limits.of(params, default, most)
  local limit = params.limit or default
  if not math.tointeger(limit) or limit < 1 or limit > most then
    invalid(("limit must be an integer between 1 and %d"):format(most))
  end
  return limit
end

return limits
