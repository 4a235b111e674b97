--- DynamoDB's numbers: decimals of up to 38 digits, exact, of either sign and from 1E-130 to
--- 9.99…E+125; their one spelling, their order, and their sums.
---
--- A decimal is its sign, its digits without zeros around them, and the power of ten by which
--- "0.digits" is multiplied: -1200 is { negative = true, digits = "12", power = 4 }. Zero has no digits.
local invalid = require("engine.local.services.dynamodb.refusal").invalid

local decimal = {}

local MOST_DIGITS <const> = 38
local HIGHEST_POWER <const> = 126 -- of 9.99…E+125
local LOWEST_POWER <const> = -129 -- of 1E-130
local LONGEST_PLAIN <const> = 15 -- digits whose sum surely fits into an integer

---@class engine.local.services.dynamodb.Decimal
---@field negative boolean
---@field digits string
---@field power integer

local function new(negative, digits, power)
  local leading = #digits:match "^0*"
  digits = digits:sub(leading + 1)
  digits = digits:sub(1, #digits - #digits:reverse():match "^0*")
  if digits == "" then
    return { negative = false, digits = "", power = 0 }
  end
  return { negative = negative, digits = digits, power = power - leading }
end

local function check_range(number)
  if #number.digits > MOST_DIGITS then
    invalid "Attempting to store more than 38 significant digits in a Number"
  elseif number.power > HIGHEST_POWER then
    invalid("Number overflow. Attempting to store a number with magnitude larger than supported"
      .. " range")
  elseif number.power < LOWEST_POWER and number.digits ~= "" then
    invalid("Number underflow. Attempting to store a number with magnitude smaller than supported"
      .. " range")
  end
  return number
end

--- Reads a number as DynamoDB takes it: "-12.50", "1e10".
---@param text string
---@return engine.local.services.dynamodb.Decimal
function decimal.parse(text)
  local sign, whole, part, rest = text:match "^([+-]?)(%d*)%.?(%d*)(.*)$"
  local exponent = rest == "" and "0" or rest and rest:match "^[eE]([+-]?%d+)$"
  if not exponent or whole .. part == "" then
    invalid("The parameter cannot be converted to a numeric value%s%s", text == "" and "" or ": ",
      text)
  end
  local power = math.max(-1e6, math.min(1e6, tonumber(exponent)))
  return check_range(new(sign == "-", whole .. part, #whole + math.tointeger(power)))
end

--- The one spelling of a number: no exponent, no zeros that say nothing.
---@param number engine.local.services.dynamodb.Decimal
---@return string
function decimal.text(number)
  local digits, power = number.digits, number.power
  if digits == "" then
    return "0"
  elseif power <= 0 then
    digits = "0." .. ("0"):rep(-power) .. digits
  elseif power >= #digits then
    digits = digits .. ("0"):rep(power - #digits)
  else
    digits = digits:sub(1, power) .. "." .. digits:sub(power + 1)
  end
  return (number.negative and "-" or "") .. digits
end

local function compare_magnitudes(a, b)
  if a.power ~= b.power then
    return a.power < b.power and -1 or 1
  end
  return a.digits == b.digits and 0 or a.digits < b.digits and -1 or 1
end

local function sign_of(number)
  return number.digits == "" and 0 or number.negative and -1 or 1
end

--- -1, 0 or 1: whether the first is less, equal or greater.
---@param a engine.local.services.dynamodb.Decimal
---@param b engine.local.services.dynamodb.Decimal
---@return -1|0|1
function decimal.compare(a, b)
  local sign_a, sign_b = sign_of(a), sign_of(b)
  if sign_a ~= sign_b then
    return sign_a < sign_b and -1 or 1
  end
  return sign_a * (sign_a == 0 and 0 or compare_magnitudes(a, b))
end

--- A text whose byte order is the order of the numbers.
---@param number engine.local.services.dynamodb.Decimal
---@return string
function decimal.sortable(number)
  local digits, power = number.digits, number.power - LOWEST_POWER
  if digits == "" then
    return "2"
  elseif not number.negative then
    return "3" .. ("%03d"):format(power) .. digits
  end
  local mirrored = digits:gsub("%d", function(digit)
    return ("%d"):format(9 - digit)
  end)
  -- A shorter negative number is the greater one: "~" stands behind every digit.
  return "1" .. ("%03d"):format(999 - power) .. mirrored .. "~"
end

-- The digits of a number from the power `top` down to the power `bottom`.
local function aligned(number, top, bottom)
  local text = ("0"):rep(top - number.power) .. number.digits
  text = text .. ("0"):rep(top - bottom - #text)
  return { text:byte(1, -1) }
end

local ZERO <const> = ("0"):byte()

-- Both lists are of one length; of a difference, the first is not the smaller one.
local function combine(a, b, sign)
  local carry = 0
  for place = #a, 1, -1 do
    local sum = a[place] - ZERO + sign * (b[place] - ZERO) + carry
    carry = sum // 10
    a[place] = ZERO + sum % 10
  end
  return string.char(ZERO + carry) .. string.char(table.unpack(a))
end

--- The sum, exact; one of more than 38 digits is refused.
---@param a engine.local.services.dynamodb.Decimal
---@param b engine.local.services.dynamodb.Decimal
---@return engine.local.services.dynamodb.Decimal
function decimal.add(a, b)
  if a.digits == "" or b.digits == "" then
    return a.digits == "" and b or a
  end
  if compare_magnitudes(a, b) < 0 then
    a, b = b, a
  end
  local top = a.power
  local bottom = math.min(a.power - #a.digits, b.power - #b.digits)
  local sign = a.negative == b.negative and 1 or -1
  local digits = combine(aligned(a, top, bottom), aligned(b, top, bottom), sign)
  return check_range(new(a.negative, digits, top + 1))
end

local function plain(text)
  return #text <= LONGEST_PLAIN and text:find "^%-?%d+$" and math.tointeger(text)
end

--- The sum (or the difference) of two numbers in their spelling, in its spelling.
---@param a string
---@param b string
---@param sign 1|-1
---@return string
function decimal.sum(a, b, sign)
  local whole_a, whole_b = plain(a), plain(b)
  if whole_a and whole_b then
    return ("%d"):format(whole_a + sign * whole_b)
  end
  local second = decimal.parse(b)
  if sign < 0 and second.digits ~= "" then
    second.negative = not second.negative
  end
  return decimal.text(decimal.add(decimal.parse(a), second))
end

return decimal
