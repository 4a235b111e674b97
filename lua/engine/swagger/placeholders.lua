--- `$Region$` and its kin in a processed document: each is replaced where it stands, as a value and
--- never as text of the document, so that whatever a value holds, the document stays what it was.
local texts = require "engine.texts"

local placeholders = {}

local function join(parts)
  if #parts == 1 then
    return parts[1]
  end
  return { ["Fn::Join"] = { "", parts } }
end

local function replaced(text, values)
  local parts, from = {}, 1
  while true do
    local first, last, name = text:find("%$([%a][%w]*)%$", from)
    while first and values[name] == nil do
      first, last, name = text:find("%$([%a][%w]*)%$", last) -- the second '$' may begin one
    end
    if not first then
      break
    end
    if first > from then
      table.insert(parts, text:sub(from, first - 1))
    end
    table.insert(parts, values[name])
    from = last + 1
  end
  if from <= #text or #parts == 0 then
    table.insert(parts, text:sub(from))
  end
  return join(parts)
end

--- A copy in which the placeholders of `values` are replaced in every text; others stay.
---@param value any
---@param values table<string, any>  texts and intrinsics by name
---@return any
function placeholders.replace(value, values)
  return texts.replaced(value, function(text)
    return replaced(text, values)
  end)
end

return placeholders
