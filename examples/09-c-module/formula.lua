-- Sums, products and brackets: "2*(3+4)" → 14. The grammar is the program: lpeg, written in C, reads
-- a text by it and folds what it finds.
local lpeg = require "lpeg"

local formula = {}

local space = lpeg.S " \t" ^ 0
local number = lpeg.R "09" ^ 1 * ("." * lpeg.R "09" ^ 1) ^ -1 / tonumber * space

local function sign(characters)
  return lpeg.C(lpeg.S(characters)) * space
end

local COMPUTE <const> = {
  ["+"] = function(a, b)
    return a + b
  end,
  ["-"] = function(a, b)
    return a - b
  end,
  ["*"] = function(a, b)
    return a * b
  end,
  ["/"] = function(a, b)
    return a / b
  end,
}

-- operand (sign operand)*, folded from the left.
local function chain(operand, characters)
  return lpeg.Cf(operand * lpeg.Cg(sign(characters) * operand) ^ 0, function(left, how, right)
    return COMPUTE[how](left, right)
  end)
end

local grammar = lpeg.P {
  "whole",
  whole = space * lpeg.V "sum" * -1,
  sum = chain(lpeg.V "product", "+-"),
  product = chain(lpeg.V "operand", "*/"),
  operand = number + "(" * space * lpeg.V "sum" * ")" * space,
}

--- The value of a formula; nil when it is none.
---@param text string
---@return number?
function formula.value(text)
  return lpeg.match(grammar, text)
end

return formula
