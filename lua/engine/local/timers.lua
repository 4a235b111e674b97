--- Moments in order: a binary heap whose entries know their place, so that a wait that ended early
--- leaves at once instead of lingering until its time-out.
local timers = {}
timers.__index = timers

---@class engine.local.Timer
---@field at number        when, on the monotonic clock
---@field place? integer   its index in the heap, while it is in

---@return engine.local.Timers
function timers.new()
  return setmetatable({}, timers)
end

local function put(self, place, timer)
  self[place] = timer
  timer.place = place
end

local function rise(self, place, timer)
  while place > 1 and self[place // 2].at > timer.at do
    put(self, place, self[place // 2])
    place = place // 2
  end
  put(self, place, timer)
end

local function sink(self, place, timer)
  local count = #self
  while place * 2 <= count do
    local child = place * 2
    if child < count and self[child + 1].at < self[child].at then
      child = child + 1
    end
    if self[child].at >= timer.at then
      break
    end
    put(self, place, self[child])
    place = child
  end
  put(self, place, timer)
end

---@param timer engine.local.Timer
function timers:add(timer)
  rise(self, #self + 1, timer)
end

--- Takes a timer out; one that is not in is no mistake.
---@param timer engine.local.Timer
function timers:remove(timer)
  local place = timer.place
  if not place then
    return
  end
  timer.place = nil
  local last = table.remove(self)
  if last == timer then
    return
  end
  if place > 1 and self[place // 2].at > last.at then
    rise(self, place, last)
  else
    sink(self, place, last)
  end
end

--- The earliest timer, left in.
---@return engine.local.Timer?
function timers:first()
  return self[1]
end

return timers
