--- Patterns of policies: `*` is any text, `?` any one character. In time that grows with the text alone,
--- whatever the pattern.
local wildcard = {}

--- Whether the pattern fits the whole text.
---@param pattern string
---@param text string
---@return boolean
function wildcard.matches(pattern, text)
  local p, t, star, mark = 1, 1, nil, 1
  while t <= #text do
    local byte = pattern:byte(p)
    if byte == 42 then -- *
      star, mark, p = p, t, p + 1
    elseif byte and (byte == 63 or byte == text:byte(t)) then -- ?
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

return wildcard
