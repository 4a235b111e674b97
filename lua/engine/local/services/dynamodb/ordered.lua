--- Texts in byte order, each with a value: added, removed and walked through in either direction
--- without looking at the others.
---
--- The texts stand in blocks of a few hundred, so that one that comes or goes moves its block's
--- neighbours alone.
local ordered = {}
ordered.__index = ordered

local MOST <const> = 512 -- texts of a block

---@class engine.local.services.dynamodb.Ordered
---@field count integer

---@return engine.local.services.dynamodb.Ordered
function ordered.new()
  return setmetatable({ blocks = { {} }, values = {}, count = 0 }, ordered)
end

-- The first place of a list whose `text_at` is not below `text`; one past the end when all are.
local function first_from(count, text, text_at)
  local low, high = 1, count + 1
  while low < high do
    local middle = (low + high) // 2
    if text_at(middle) < text then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- Where a text is, or belongs.
local function locate(self, text)
  local blocks = self.blocks
  local place = first_from(#blocks, text, function(i)
    local block = blocks[i]
    return block[#block] or ""
  end)
  place = math.min(place, #blocks)
  local block = blocks[place]
  return place, first_from(#block, text, function(i)
    return block[i]
  end)
end

local function split(self, place)
  local block = self.blocks[place]
  local half = #block // 2
  local upper = table.move(block, half + 1, #block, 1, {})
  for i = #block, half + 1, -1 do
    block[i] = nil
  end
  table.insert(self.blocks, place + 1, upper)
end

--- Adds a text, or gives the one that is there another value.
---@param text string
---@param value any  never nil
function ordered:put(text, value)
  if self.values[text] == nil then
    local place, i = locate(self, text)
    local block = self.blocks[place]
    table.insert(block, i, text)
    if #block > MOST then
      split(self, place)
    end
    self.count = self.count + 1
  end
  self.values[text] = value
end

---@param text string
---@return any value  nil when it is not there
function ordered:get(text)
  return self.values[text]
end

--- Takes a text away; one that is not there is no mistake.
---@param text string
function ordered:remove(text)
  if self.values[text] == nil then
    return
  end
  local place, i = locate(self, text)
  local block = self.blocks[place]
  table.remove(block, i)
  if #block == 0 and #self.blocks > 1 then
    table.remove(self.blocks, place)
  end
  self.values[text] = nil
  self.count = self.count - 1
end

local function ascending(self, lower, upper)
  local place, i = locate(self, lower)
  i = i - 1
  return function()
    i = i + 1
    local block = self.blocks[place]
    if block and i > #block then
      place, i = place + 1, 1
      block = self.blocks[place]
    end
    local text = block and block[i]
    if text and (not upper or text < upper) then
      return text, self.values[text]
    end
  end
end

local function descending(self, lower, upper)
  local place, i = #self.blocks, #self.blocks[#self.blocks] + 1
  if upper then
    place, i = locate(self, upper)
  end
  return function()
    i = i - 1
    local block = self.blocks[place]
    if i < 1 and place > 1 then
      place = place - 1
      block = self.blocks[place]
      i = #block
    end
    local text = block[i]
    if text and text >= lower then
      return text, self.values[text]
    end
  end
end

--- Iterates over the texts from `lower` to before `upper`, as long as nothing comes or goes.
---@param lower string
---@param upper? string        default: to the end
---@param is_descending? boolean
---@return fun(): string?, any
function ordered:each(lower, upper, is_descending)
  return (is_descending and descending or ascending)(self, lower, upper)
end

return ordered
