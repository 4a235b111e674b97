--- Whether two plain values are the same all the way down: `1` and `1.0` are, a table and itself are.
---@param a any
---@param b any
---@return boolean
local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

return same
