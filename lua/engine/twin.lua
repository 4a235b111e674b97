--- Copies of plain values. Their metatables stay, for these tell `[]` from `{}`.
local twin = {}

--- A copy of a table in which every item is what `fn` makes of it.
---@param value table
---@param fn fun(item: any, key: any): any
---@return table
function twin.of(value, fn)
  local made = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    made[key] = fn(item, key)
  end
  return made
end

--- A copy that shares nothing with the original.
---@generic T
---@param value T
---@return T
function twin.deep(value)
  return type(value) == "table" and twin.of(value, twin.deep) or value
end

return twin
