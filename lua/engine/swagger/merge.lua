--- Lays one object over another: where both hold an object, these are laid over each other; else the
--- upper one's value stands. Neither is changed.
local shape = require "engine.swagger.shape"
local twin = require "engine.twin"

local function merge(lower, upper)
  local result = twin.deep(lower)
  for key, value in pairs(upper) do
    if shape.type(value) == "object" and shape.type(result[key]) == "object" then
      result[key] = merge(result[key], value)
    else
      result[key] = twin.deep(value)
    end
  end
  return result
end

return merge
