--- Bytes as text: what is not UTF-8 cannot stand in an event.
local text = {}

--- The bytes as text, with U+FFFD in the place of what is not UTF-8.
---@param bytes string
---@return string
function text.of(bytes)
  if utf8.len(bytes) then
    return bytes
  end
  local parts, place = {}, 1
  while place <= #bytes do
    local _, bad = utf8.len(bytes, place)
    table.insert(parts, bytes:sub(place, (bad or #bytes + 1) - 1))
    if bad then
      table.insert(parts, "\u{FFFD}")
    end
    place = bad and bad + 1 or #bytes + 1
  end
  return table.concat(parts)
end

--- The same for every text in a table, its names too.
---@param value any
---@return any
function text.clean(value)
  if type(value) == "string" then
    return text.of(value)
  elseif type(value) ~= "table" then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    copy[text.clean(key)] = text.clean(item)
  end
  return copy
end

return text
