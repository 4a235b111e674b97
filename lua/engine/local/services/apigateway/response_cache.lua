--- The cache of a stage: answers under keys, each for its time, and no more of them than there is room
--- for. The oldest make room for the newest.
---
---     local cache = response_cache.new(64 * 1024 * 1024)
---     cache:keep("key", answer, now + 300)
---     local answer = cache:get("key", now)
local response_cache = {}
response_cache.__index = response_cache

local MOST_ANSWER <const> = 1048576 -- bytes: what API Gateway keeps of one
local OVERHEAD <const> = 256 -- of an entry and of each header, about

---@class engine.local.services.apigateway.ResponseCache
---@field most integer   bytes
---@field bytes integer  that are taken
---@field entries table<string, { key: string, answer: table, ends: number, bytes: integer }>
---@field queue table[]   the entries from `first` to `last`, the oldest first
---@field first integer
---@field last integer

---@param most integer  bytes
---@return engine.local.services.apigateway.ResponseCache
function response_cache.new(most)
  local self = setmetatable({ most = most }, response_cache)
  self:clear()
  return self
end

--- Forgets all.
function response_cache:clear()
  self.entries, self.queue, self.first, self.last, self.bytes = {}, {}, 1, 0, 0
end

local function size_of(key, answer)
  local bytes = OVERHEAD + #key + #(answer.body or "")
  for _, pair in ipairs(answer.headers) do
    bytes = bytes + OVERHEAD + #pair[1] + #pair[2]
  end
  return bytes
end

--- The answer that is kept under a key; nil when there is none, or none any more.
---@param key string
---@param now number  seconds
---@return table?
function response_cache:get(key, now)
  local entry = self.entries[key]
  return entry and now < entry.ends and entry.answer or nil
end

local function make_room(self)
  while self.bytes > self.most do
    local oldest = self.queue[self.first]
    self.queue[self.first] = nil
    self.first = self.first + 1
    self.entries[oldest.key] = nil
    self.bytes = self.bytes - oldest.bytes
  end
end

-- Each key has one place in the queue, from when it first came.
local function place_of(self, key)
  local entry = self.entries[key]
  if not entry then
    entry = { key = key, bytes = 0 }
    self.entries[key] = entry
    self.last = self.last + 1
    self.queue[self.last] = entry
  end
  return entry
end

--- Keeps an answer until a time. One that is too large is not kept.
---@param key string
---@param answer { status: integer, headers: table[], body: string }
---@param ends number  seconds
function response_cache:keep(key, answer, ends)
  local bytes = size_of(key, answer)
  if #(answer.body or "") > MOST_ANSWER or bytes > self.most then
    local before = self.entries[key]
    if before then
      before.ends = 0
    end
    return
  end
  local entry = place_of(self, key)
  self.bytes = self.bytes + bytes - entry.bytes
  entry.answer, entry.ends, entry.bytes = answer, ends, bytes
  make_room(self)
end

return response_cache
