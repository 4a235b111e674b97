--- Values that are fetched once, kept for a time, and fetched again: what stands in Parameter Store
--- and Secrets Manager.
---
--- When the time is up and fetching fails, the old value stands in for the new one, and another try is
--- made half a minute later: a service in trouble does not bring down what could go on without it. The
--- function's log tells. A value that was never fetched has nothing to stand in for it: the failure is
--- raised, as it is when `stands_in(problem)` says that this failure tells something about the value.
local clock = require "host.clock"
local current = require "engine.runtime.current"

local remembered = {}
remembered.__index = remembered

local RETRY = 30 -- seconds
local MOST = 256 -- values; past them all are forgotten, so that names out of events are bounded

---@class engine.runtime.Remembered
---@field values table<string, { value: any, until_when: number }>
---@field count integer
---@field stands_in fun(problem: any): boolean

---@param options? { stands_in?: fun(problem: any): boolean }  default: always
---@return engine.runtime.Remembered
function remembered.new(options)
  local stands_in = options and options.stands_in or function()
    return true
  end
  return setmetatable({ values = {}, count = 0, stands_in = stands_in }, remembered)
end

local function warn(name, problem)
  local context = current.context()
  if context and context.log then
    context.log.warn("an old value is used: it cannot be fetched again", {
      name = name,
      error = tostring(problem),
    })
  end
end

local function keep(self, name, value, until_when)
  if not self.values[name] then
    if self.count == MOST then
      self.values, self.count = {}, 0
    end
    self.count = self.count + 1
  end
  self.values[name] = { value = value, until_when = until_when }
end

--- The value of that name: the one that is kept, or what `fetch()` returns.
---@param name string
---@param seconds number  how long a value is good
---@param fetch fun(): any
---@return any
function remembered:get(name, seconds, fetch)
  local now, kept = clock.now(), self.values[name]
  if kept and now < kept.until_when then
    return kept.value
  end
  local ok, value = pcall(fetch)
  if ok then
    keep(self, name, value, now + seconds)
    return value
  elseif not kept or not self.stands_in(value) then
    self:forget(name)
    error(value, 0)
  end
  warn(name, value)
  kept.until_when = now + RETRY
  return kept.value
end

--- Forgets one value, or all.
---@param name? string
function remembered:forget(name)
  if name == nil then
    self.values, self.count = {}, 0
  elseif self.values[name] then
    self.values[name] = nil
    self.count = self.count - 1
  end
end

return remembered
