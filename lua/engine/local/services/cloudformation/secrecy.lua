--- What a custom resource answered with NoEcho is not shown where it was put to use: an event tells the
--- properties of a resource with asterisks in the place of such a value.
local json = require "host.json"

local secrecy = {}

local MASK <const> = "****"
local LEAST_BYTES <const> = 3 -- a shorter one stands everywhere, and hides nothing

local function collect(value, list)
  if type(value) == "table" then
    for _, item in pairs(value) do
      collect(item, list)
    end
  elseif type(value) == "string" and #value >= LEAST_BYTES then
    table.insert(list, value)
  end
end

-- The longest first, so that one which holds another leaves nothing of itself.
local function secrets_of(stack)
  local list = {}
  for _, record in pairs(stack.resources) do
    if record.no_echo then
      collect(record.attributes, list)
    end
  end
  table.sort(list, function(a, b)
    return #a > #b or #a == #b and a < b
  end)
  return list
end

local function replaced(text, secret)
  local from, parts = 1, {}
  while true do
    local first, last = text:find(secret, from, true)
    if not first then
      return table.concat(parts) .. text:sub(from)
    end
    table.insert(parts, text:sub(from, first - 1) .. MASK)
    from = last + 1
  end
end

--- A JSON text of properties, without the secrets of the stack's custom resources.
---@param stack table
---@param text string
---@return string
function secrecy.mask(stack, text)
  for _, secret in ipairs(secrets_of(stack)) do
    local quoted = json.encode(secret)
    text = quoted and replaced(text, quoted:sub(2, -2)) or text
  end
  return text
end

return secrecy
