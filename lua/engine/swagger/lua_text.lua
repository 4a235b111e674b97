--- What a description says, as parts of a Lua text.
local lua_text = {}

local KEYWORDS <const> = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat "
  .. "return then true until while"):gmatch "%a+" do
  KEYWORDS[word] = true
end

--- A name that Lua accepts: other characters become '_'.
---@param text string
---@return string
function lua_text.identifier(text)
  local name = text:gsub("[^%w_]+", "_"):gsub("^_+", ""):gsub("_+$", "")
  if name == "" or name:find "^%d" or KEYWORDS[name] then
    name = "_" .. name
  end
  return name
end

--- A text in quotes, on one line.
---@param text string
---@return string
function lua_text.quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(char)
    local plain = char == '"' or char == "\\"
    return plain and "\\" .. char or ("\\%03d"):format(char:byte())
  end) .. '"'
end

--- A text as part of a comment: one line.
---@param text any
---@return string
function lua_text.line(text)
  return (tostring(text):gsub("%s+", " "):gsub("%c", ""))
end

--- A field of a table's type.
---@param name string
---@return string
function lua_text.field(name)
  return name:find "^[%a_][%w_]*$" and not KEYWORDS[name] and name
    or ("[%s]"):format(lua_text.quoted(name))
end

return lua_text
