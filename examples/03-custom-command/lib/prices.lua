--- What things cost. The function and the command ask the same module.
local prices = {}

local CENTS = { book = 1290, pen = 180, lamp = 3900 }

--- The sum of some items, in cents, after a discount in percent.
---@param items string[]
---@param discount? number
---@return integer
function prices.total(items, discount)
  local sum = 0
  for _, item in ipairs(items) do
    local cents = CENTS[item] or error(("nothing is called '%s'"):format(item), 2)
    sum = sum + cents
  end
  return math.floor(sum * (100 - (discount or 0)) / 100)
end

--- 1470 → "14.70"
---@param cents integer
---@return string
function prices.text(cents)
  return ("%d.%02d"):format(cents // 100, cents % 100)
end

return prices
