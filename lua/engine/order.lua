--- Iteration whose order never depends on chance: wherever bytes or messages come out of a table.
local order = {}

--- The keys of a table, sorted. All of them are texts, or all of them numbers.
---@generic K
---@param t table<K, any>
---@return K[]
function order.keys(t)
  local keys = {}
  for key in pairs(t) do
    table.insert(keys, key)
  end
  table.sort(keys)
  return keys
end

return order
