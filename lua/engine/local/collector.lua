--- Collects garbage a little at a time, whenever the loop is about to wait.
---
--- Lua's own pace counts what was allocated since it last looked, a large text like a small one, and
--- then does as much work in one go: every few hundred requests one waited 5 ms for a whole
--- collection. Here a step takes a fraction of a millisecond, and most are made while
--- nobody waits.
local loop = require "engine.local.loop"

local collector = {}

local STEP_KB <const> = 128 -- allocated, for which one step is made
local STEP_SIZE <const> = 11 -- its work: for the logarithm of so many bytes, as Lua counts it
local STEP_PACE <const> = 100
local MOST_STEPS <const> = 16 -- at once
local SLACK_KB <const> = 16 * 1024 -- beyond what is in use, times GROWTH, all is collected at once
local GROWTH <const> = 2

--- Takes the place of Lua's own pace, in the loop.
function collector.start()
  collectgarbage("incremental", 200, STEP_PACE, STEP_SIZE)
  collectgarbage "stop"
  local in_use = collectgarbage "count" -- after the last whole round
  local seen = in_use
  loop.before_waiting(function()
    local count = collectgarbage "count"
    local steps = (count - seen) // STEP_KB
    if count > GROWTH * in_use + SLACK_KB then
      collectgarbage()
      in_use = collectgarbage "count"
      seen = in_use
    elseif steps > 0 then
      for _ = 1, math.min(steps, MOST_STEPS) do
        if collectgarbage("step", 0) then
          in_use = collectgarbage "count"
        end
      end
      seen = collectgarbage "count"
    end
  end)
end

return collector
