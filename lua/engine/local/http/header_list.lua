--- Names and values of headers: in lower case, and, where functions and templates have said them, without
--- what would break an answer.
local header_list = {}

local MOST <const> = 120 -- the server sends 128
local MOST_KNOWN <const> = 500
local LONGEST_KNOWN <const> = 64

local known, count = {}, 0 -- the names that come again and again → in lower case; false: they are none

local function read_name(name)
  return name:find "^[%w!#$%%&'*+%-.^_`|~]+$" and name:lower() or false
end

--- A header's name in lower case; false for a text that names none.
---@param name string
---@return string|false
function header_list.lower(name)
  local lower = known[name]
  if lower == nil then
    lower = read_name(name)
    if count >= MOST_KNOWN then
      known, count = {}, 0
    end
    if #name <= LONGEST_KNOWN then
      known[name], count = lower, count + 1
    end
  end
  return lower
end

--- Whether a text may name a header.
---@param name any
---@return boolean
function header_list.is_name(name)
  return type(name) == "string" and header_list.lower(name) ~= false
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
