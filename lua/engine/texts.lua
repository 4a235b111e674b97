--- All the texts that a plain value holds.
local texts = {}

--- A copy in which every text is what `fn` makes of it; keys are left alone, and metatables kept.
---@param value any
---@param fn fun(text: string): any
---@return any
function texts.replaced(value, fn)
  if type(value) == "string" then
    return fn(value)
  elseif type(value) ~= "table" then
    return value
  end
  local twin = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    twin[key] = texts.replaced(item, fn)
  end
  return twin
end

return texts
