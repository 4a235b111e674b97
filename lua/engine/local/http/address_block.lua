--- Ranges of addresses, as conditions of policies and of load balancers' rules say them: "192.0.2.0/24",
--- "2001:db8::/32", or one address alone.
---
---     address_block.contains("192.0.2.0/24", "192.0.2.7")  --> true
local address_block = {}

local MOST_KNOWN <const> = 1000 -- blocks, which authors write

local function read_v4(text)
  local bytes = { text:match "^(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$" }
  for i, digits in ipairs(bytes) do
    bytes[i] = math.tointeger(tonumber(digits))
    if bytes[i] > 255 then
      return nil
    end
  end
  return bytes[1] and string.char(table.unpack(bytes)) or nil
end

-- The groups between colons as bytes; the last may be an address of IPv4.
local function read_groups(text)
  local parts = {}
  for group in text:gmatch "[^:]+" do
    local is_hex = group:find "^%x%x?%x?%x?$"
    local bytes = is_hex and string.pack(">I2", tonumber(group, 16)) or read_v4(group)
    if not bytes then
      return nil
    end
    table.insert(parts, bytes)
  end
  return table.concat(parts)
end

local function read_v6(text)
  if not text:find "^[%x:.]+$" or text:find ":::" or text:find "^:[^:]" or text:find "[^:]:$" then
    return nil
  end
  local before, after = text:match "^(.-)::(.*)$"
  if after and after:find("::", 1, true) then
    return nil
  end
  local head, tail = read_groups(before or text), read_groups(after or "")
  if not head or not tail or #head + #tail > 16 or not before and #head ~= 16 then
    return nil
  end
  return head .. ("\0"):rep(16 - #head - #tail) .. tail
end

-- An address as 4 or 16 bytes; nil when it is none.
local function read(text)
  return read_v4(text) or read_v6(text)
end

local function parse(block)
  local base, digits = block:match "^([^/]+)/(%d%d?%d?)$"
  local first = read(base or block)
  local bits = first and (digits and math.tointeger(tonumber(digits)) or #first * 8)
  return first and bits <= #first * 8 and { first = first, bits = bits } or nil
end

local known, count = {}, 0

local function parsed(block)
  local found = known[block]
  if found == nil then
    if count >= MOST_KNOWN then
      known, count = {}, 0
    end
    found = parse(block) or false
    known[block], count = found, count + 1
  end
  return found
end

--- Whether a text is one.
---@param block any
---@return boolean
function address_block.is_block(block)
  return type(block) == "string" and parse(block) ~= nil
end

--- Whether an address is in it.
---@param block string
---@param address string
---@return boolean
function address_block.contains(block, address)
  local found, bytes = parsed(block), read(address)
  if not found or not bytes or #bytes ~= #found.first then
    return false
  end
  local whole, rest = found.bits // 8, found.bits % 8
  if bytes:sub(1, whole) ~= found.first:sub(1, whole) then
    return false
  end
  return rest == 0
    or bytes:byte(whole + 1) >> (8 - rest) == found.first:byte(whole + 1) >> (8 - rest)
end

return address_block
