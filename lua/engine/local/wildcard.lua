--- Patterns of policies: `*` is any text, `?` any one character. The time that it takes grows with
--- the text, whatever the pattern: texts come from clients.
local wildcard = {}

local STAR <const>, QUESTION <const> = ("*"):byte(), ("?"):byte()

-- Byte by byte, for patterns that have a `?`.
local function matches_bytes(pattern, text)
  local p, t, star, mark = 1, 1, nil, 1
  while t <= #text do
    local byte = pattern:byte(p)
    if byte == STAR then
      star, mark, p = p, t, p + 1
    elseif byte and (byte == QUESTION or byte == text:byte(t)) then
      p, t = p + 1, t + 1
    elseif star then
      mark = mark + 1
      p, t = star + 1, mark
    else
      return false
    end
  end
  return pattern:find("^%**$", p) ~= nil
end

--- Whether the pattern fits the whole text.
---@param pattern string
---@param text string
---@return boolean
function wildcard.matches(pattern, text)
  local star = pattern:find("*", 1, true)
  if pattern:find("?", 1, true) then
    return matches_bytes(pattern, text)
  elseif not star then
    return pattern == text
  elseif text:sub(1, star - 1) ~= pattern:sub(1, star - 1) then
    return false
  end
  local place = star -- in the text: what is before it is matched
  while true do
    local next_star = pattern:find("*", star + 1, true)
    if not next_star then
      local tail = #pattern - star
      return #text - tail + 1 >= place and text:sub(#text - tail + 1) == pattern:sub(star + 1)
    end
    local _, last = text:find(pattern:sub(star + 1, next_star - 1), place, true)
    if not last then
      return false
    end
    place, star = last + 1, next_star
  end
end

--- The same for a pattern and a text that an author's document may have made something else.
---@param pattern any
---@param text any
---@return boolean
function wildcard.fits(pattern, text)
  return type(pattern) == "string" and type(text) == "string" and wildcard.matches(pattern, text)
end

return wildcard
