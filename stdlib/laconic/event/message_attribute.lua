--- Attributes of messages as Lua values: the same in SQS and SNS, but for the names of their parts.
---@module "laconic.event.message_attribute"
local shape = require "laconic.event.shape"

local message_attribute = {}

-- "Number.float" is a number, too: what follows the dot is the sender's.
local function value_of(source, path, attribute, parts)
  local kind = shape.field(source, path, attribute, { "", "string", parts.type })
  local base = kind:match "^[^.]*"
  if base == "Binary" then
    local text = shape.field(source, path, attribute, { "", "string", parts.binary })
    return { bytes = shape.base64(source, path .. "." .. parts.binary, text) }
  end
  local text = shape.field(source, path, attribute, { "", "string", parts.text })
  if base == "Number" then
    return math.tointeger(text) or tonumber(text)
      or shape.fail(source, path .. "." .. parts.text, "number expected")
  elseif kind == "String.Array" and source == "sns" then
    return shape.json(source, path .. "." .. parts.text, text)
  end
  return text
end

--- Numbers become integers where they are whole and fit, else floats; SNS's String.Array a list; binary
--- attributes { bytes = "…" }, as laconic.aws sends them; all others strings.
---@param source string
---@param path string
---@param map table<string, table>
---@param parts { type: string, text: string, binary: string }  what the source calls them
---@return table<string, any>
function message_attribute.read(source, path, map, parts)
  local values = {}
  for name, attribute in pairs(map) do
    local where = ("%s.%s"):format(path, name)
    if type(attribute) ~= "table" then
      shape.fail(source, where, "table expected, got " .. type(attribute))
    end
    values[name] = value_of(source, where, attribute, parts)
  end
  return values
end

return message_attribute
