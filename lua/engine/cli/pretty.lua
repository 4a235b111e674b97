--- Values as a person reads them: keys sorted, one line when it fits, depth bounded.
local json = require "host.json"

local pretty = {}

local WIDTH, DEPTH, ITEMS = 80, 8, 200

local function is_name(key)
  return type(key) == "string" and key:match "^[%a_][%w_]*$"
end

local function sorted_keys(value)
  local keys, length = {}, #value
  for key in next, value do
    if not (math.type(key) == "integer" and key >= 1 and key <= length) then
      table.insert(keys, key)
    end
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "string" or type(a) == "number") then
      return a < b
    end
    return type(a) .. tostring(a) < type(b) .. tostring(b)
  end)
  return keys
end

local show

local function show_parts(value, indent, seen)
  local parts = {}
  for i = 1, math.min(rawlen(value), ITEMS) do
    table.insert(parts, show(rawget(value, i), indent + 2, seen))
  end
  for _, key in ipairs(sorted_keys(value)) do
    if #parts >= ITEMS then
      table.insert(parts, "…")
      break
    end
    local name = is_name(key) and key or "[" .. show(key, indent, seen) .. "]"
    table.insert(parts, name .. " = " .. show(rawget(value, key), indent + 2, seen))
  end
  return parts
end

function show(value, indent, seen)
  if value == json.null then
    return "null"
  elseif type(value) == "string" then
    return (("%q"):format(value):gsub("\\\n", "\\n"))
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__tostring then
    return tostring(value)
  elseif seen[value] then
    return "<cycle>"
  elseif indent > DEPTH * 2 then
    return "{…}"
  end
  seen[value] = true
  local parts = show_parts(value, indent, seen)
  seen[value] = nil
  if #parts == 0 then
    return "{}"
  end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + indent <= WIDTH and not line:find "\n" then
    return line
  end
  local pad = (" "):rep(indent + 2)
  return "{\n" .. pad .. table.concat(parts, ",\n" .. pad) .. ",\n" .. (" "):rep(indent) .. "}"
end

--- A value as text.
---@param value any
---@return string
function pretty.show(value)
  return show(value, 0, {})
end

return pretty
