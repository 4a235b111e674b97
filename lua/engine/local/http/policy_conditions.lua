--- The conditions of a policy's statement, as IAM evaluates them: "IAM JSON policy elements: Condition
--- operators" and "Creating a condition with multiple keys or values" of its User Guide.
local address_block = require "engine.local.http.address_block"
local clock = require "host.clock"
local json = require "host.json"
local one_or_more = require "engine.local.one_or_more"
local order = require "engine.order"
local wildcard = require "engine.local.wildcard"

local policy_conditions = {}

local function numbers(compare)
  return function(wanted, actual)
    local a, b = tonumber(actual), tonumber(wanted)
    return a ~= nil and b ~= nil and compare(a, b)
  end
end

-- A date is ISO 8601's, or seconds since 1970.
local function seconds_of(text)
  return tonumber(text) or (clock.parse(text))
end

local function dates(compare)
  return function(wanted, actual)
    local a, b = seconds_of(actual), seconds_of(wanted)
    return a ~= nil and b ~= nil and compare(a, b)
  end
end

local COMPARE <const> = {
  Equals = function(a, b)
    return a == b
  end,
  GreaterThan = function(a, b)
    return a > b
  end,
  GreaterThanEquals = function(a, b)
    return a >= b
  end,
  LessThan = function(a, b)
    return a < b
  end,
  LessThanEquals = function(a, b)
    return a <= b
  end,
}

local function like(wanted, actual)
  return wildcard.matches(wanted, actual)
end

local function equals_folded(wanted, actual)
  return wanted:lower() == actual:lower()
end

-- Operator → whether what is there is as it is wanted. Both are texts.
local OPERATORS <const> = {
  ArnEquals = like,
  ArnLike = like,
  Bool = equals_folded,
  IpAddress = address_block.contains,
  StringEquals = function(wanted, actual)
    return wanted == actual
  end,
  StringEqualsIgnoreCase = equals_folded,
  StringLike = like,
}
for name, compare in pairs(COMPARE) do
  OPERATORS["Numeric" .. name], OPERATORS["Date" .. name] = numbers(compare), dates(compare)
end

-- The same, turned round.
local NEGATED <const> = {
  ArnNotEquals = "ArnEquals", ArnNotLike = "ArnLike", DateNotEquals = "DateEquals",
  NotIpAddress = "IpAddress", NumericNotEquals = "NumericEquals",
  StringNotEquals = "StringEquals", StringNotEqualsIgnoreCase = "StringEqualsIgnoreCase",
  StringNotLike = "StringLike",
}

local known = {} -- what was read; there are only so many operators

-- "ForAnyValue:StringLikeIfExists" → what it asks for; nil when there is no such operator.
local function read(operator)
  if known[operator] then
    return known[operator]
  end
  local set, rest = operator:match "^(For%a+):(.+)$"
  local name, is_optional = rest or operator, false
  if name:find "IfExists$" then
    name, is_optional = name:sub(1, -9), true
  end
  local test = OPERATORS[NEGATED[name] or name]
  if not test or set and set ~= "ForAllValues" and set ~= "ForAnyValue" then
    return nil
  end
  known[operator] = {
    test = test, negated = NEGATED[name] ~= nil, set = set, is_optional = is_optional,
  }
  return known[operator]
end

local function is_any(test, wanted, actual)
  for _, one in ipairs(one_or_more(wanted)) do
    if type(one) ~= "table" and test(tostring(one), actual) then
      return true
    end
  end
  return false
end

local function is_met(operator, key, wanted, value)
  local actual = value(key:lower())
  if operator == "Null" then
    return (actual == nil) == (tostring(one_or_more(wanted)[1]) == "true")
  end
  local asked = read(operator)
  if not asked then
    return false
  elseif actual == nil and asked.set then
    return asked.set == "ForAllValues"
  elseif actual == nil then
    return asked.is_optional or asked.negated
  end
  return is_any(asked.test, wanted, actual) ~= asked.negated
end

--- Whether all of them are met.
---@param said any  Condition
---@param value fun(key: string): string?  of a key in lower case: "aws:sourceip"
---@return boolean
function policy_conditions.met(said, value)
  for operator, keys in pairs(type(said) == "table" and said or {}) do
    for key, wanted in pairs(type(keys) == "table" and keys or {}) do
      if not is_met(tostring(operator), tostring(key), wanted, value) then
        return false
      end
    end
  end
  return true
end

-- What of an operator's values is none.
local function value_problem(operator, keys)
  local test = operator ~= "Null" and read(operator).test
  for _, key in ipairs(order.keys(keys)) do
    for _, one in ipairs(one_or_more(keys[key])) do
      if type(one) == "table" or one == json.null then
        return ("%s of %s is no text"):format(key, operator)
      elseif test == address_block.contains and not address_block.is_block(tostring(one)) then
        return ("%s of %s is no range of addresses: %s"):format(key, operator, tostring(one))
      end
    end
  end
end

--- What is wrong with them; nil when nothing is.
---@param said any
---@return string?
function policy_conditions.problem(said)
  if said == nil then
    return nil
  elseif type(said) ~= "table" or json.is_array(said) then
    return "Condition is no object"
  end
  for _, operator in ipairs(order.keys(said)) do
    local keys = said[operator]
    if operator ~= "Null" and not read(operator) then
      return "there is no operator " .. operator
    elseif type(keys) ~= "table" or json.is_array(keys) then
      return operator .. " is no object"
    end
    local problem = value_problem(operator, keys)
    if problem then
      return problem
    end
  end
end

return policy_conditions
