--- All the texts that a plain value holds.
local twin = require "engine.twin"

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
  return twin.of(value, function(item)
    return texts.replaced(item, fn)
  end)
end

return texts
