--- Headers of an answer that functions and templates have said: what would break the answer is kept out
--- of it.
local header_list = {}

local MOST <const> = 120 -- the server sends 128

--- Whether a text may name a header.
---@param name any
---@return boolean
function header_list.is_name(name)
  return type(name) == "string" and name:find "^[%w!#$%%&'*+%-.^_`|~]+$" ~= nil
end

--- A value in one line.
---@param value string
---@return string
function header_list.line(value)
  if value:find "[%z\r\n]" then
    value = value:gsub("[%z\r\n]+", " ")
  end
  return value
end

--- Whether there are more than can be sent.
---@param list table[]
---@return boolean
function header_list.is_too_long(list)
  return #list > MOST
end

return header_list
