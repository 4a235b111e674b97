--- DynamoDB's attribute values as Lua values, both ways and without loss.
---
---     | DynamoDB    | Lua                                                                         |
---     |-------------|-----------------------------------------------------------------------------|
---     | S, BOOL     | string (UTF-8), boolean                                                     |
---     | N           | an integer of 64 bits, a float, or (neither holds it) `values.number "…"`   |
---     | B           | `values.binary(bytes)`, with the field `bytes`                              |
---     | NULL        | `host.json`'s null                                                          |
---     | L, M        | a list, a table with text keys; `host.json`'s array({}) is an empty list    |
---     | SS, NS, BS  | `values.set { … }`: a list of strings, of numbers, or of binaries           |
---
---@module "laconic.aws.dynamodb.values"
local check = require "engine.check"
local failure = require "engine.failure"
local json = require "host.json"

local values = {}

local Binary = { __name = "dynamodb.binary" }
local Number = { __name = "dynamodb.number" }
local Set = { __name = "dynamodb.set" }
Set.__index = Set

function Binary.__eq(a, b)
  return a.bytes == b.bytes
end

function Number:__tostring()
  return self.digits
end

function Number.__eq(a, b)
  return a.digits == b.digits
end

--- Whether the set holds the value.
---@param value any
---@return boolean
function Set:has(value)
  for _, item in ipairs(self) do
    if item == value then
      return true
    end
  end
  return false
end

--- Bytes that are no text.
---@param bytes string
---@return { bytes: string }
function values.binary(bytes)
  check.type("dynamodb.binary: bytes", bytes, "string")
  return setmetatable({ bytes = bytes }, Binary)
end

--- A number with more digits than Lua's numbers hold exactly; `tostring` gives the digits.
---@param digits string  at most 38 significant ones: "12345678901234567890.5"
---@return { digits: string }
function values.number(digits)
  check.type("dynamodb.number: digits", digits, "string")
  if not digits:find "^%-?%d*%.?%d*[eE]?[+-]?%d*$" or not tonumber(digits) then
    check.fail("E104", ("dynamodb.number: '%s' is no decimal number"):format(digits))
  end
  return setmetatable({ digits = digits }, Number)
end

--- A set: at least one value, all strings, all numbers, or all binaries.
---@param list any[]
---@return table set  the list itself, with `set:has(value)`
function values.set(list)
  check.type("dynamodb.set", list, "table")
  return setmetatable(list, Set)
end

-- "-0012.3400e2" → "-", "12340…": sign, digits without zeros around them, power of ten of the first.
local function split(text)
  local sign, whole, part, power = text:match "^(%-?)(%d*)%.?(%d*)[eE]?([+-]?%d*)$"
  local digits = whole .. part
  local leading = #digits:match "^0*"
  local exponent = #whole - leading + (tonumber(power) or 0)
  digits = digits:sub(leading + 1):gsub("0+$", "")
  if digits == "" then
    return "", "", 0
  end
  return sign, digits, exponent
end

local function is_same(a, b)
  local sign_a, digits_a, exponent_a = split(a)
  local sign_b, digits_b, exponent_b = split(b)
  return sign_a == sign_b and digits_a == digits_b and exponent_a == exponent_b
end

-- What arrived and is no attribute value: a stream's event may come from anyone.
local function refuse(path, problem)
  failure.raise("input", ("%s: %s"):format(path, problem), { type = "InvalidAttributeValue" })
end

local function expect(value, want, path)
  if type(value) ~= want then
    refuse(path, ("%s expected, got %s"):format(want, type(value)))
  end
  return value
end

local function read_number(text, path)
  local integer = expect(text, "string", path):find "^%-?%d+$" and math.tointeger(text)
  if integer then
    return integer
  elseif not text:find "^%-?%d*%.?%d*[eE]?[+-]?%d*$" or not tonumber(text) then
    refuse(path, "a number expected")
  end
  local number = tonumber(text)
  local _, digits = split(text)
  if math.type(number) == "float" and #digits <= 17
    and is_same(("%%.%dg"):format(math.max(1, #digits)):format(number), text) then
    return number
  end
  return setmetatable({ digits = text }, Number)
end

-- The shortest digits that lead back to the same float.
local function write_float(number, path)
  if number ~= number or number == math.huge or number == -math.huge then
    check.fail("E104", ("%s: DynamoDB has no number %s"):format(path, number))
  end
  for precision = 15, 17 do
    local text = ("%%.%dg"):format(precision):format(number)
    if tonumber(text) == number then
      return text
    end
  end
end

local function write_number(value, path)
  if getmetatable(value) == Number then
    return value.digits
  end
  return math.type(value) == "integer" and ("%d"):format(value) or write_float(value, path)
end

local function to_base64(bytes)
  return require("host.digest").to_base64(bytes)
end

local function kind_of(value)
  local metatable = getmetatable(value)
  if type(value) == "string" then
    return "S"
  elseif type(value) == "number" or metatable == Number then
    return "N"
  elseif metatable == Binary then
    return "B"
  end
end

local function write_set(set, path)
  local kind, list = kind_of(set[1]), {}
  if not kind then
    check.fail("E103", path .. ": a set holds strings, numbers or binaries, at least one")
  end
  for i, item in ipairs(set) do
    if kind_of(item) ~= kind then
      check.fail("E103", ("%s[%d]: the values of a set are of one kind"):format(path, i))
    end
    list[i] = kind == "S" and item or kind == "N" and write_number(item, path)
      or to_base64(item.bytes)
  end
  return { [kind .. "S"] = list }
end

local function is_list(value)
  return #value > 0 or json.is_array(value)
end

local write_table

-- `path` is where the value stands, for messages: "item.orders[3]".
local function write(value, path)
  local kind = kind_of(value)
  if kind == "S" then
    return { S = value }
  elseif kind == "N" then
    return { N = write_number(value, path) }
  elseif kind == "B" then
    return { B = to_base64(value.bytes) }
  elseif type(value) == "boolean" then
    return { BOOL = value }
  elseif value == json.null then
    return { NULL = true }
  elseif getmetatable(value) == Set then
    return write_set(value, path)
  elseif type(value) == "table" then
    return write_table(value, path)
  end
  check.fail("E103", ("%s: DynamoDB cannot hold a %s"):format(path, type(value)))
end

local MOST_DEPTH = 32 -- DynamoDB's own bound

function write_table(value, path)
  local _, dots = path:gsub("[.%[]", "")
  if dots > MOST_DEPTH then
    check.fail("E104", "dynamodb: a value is nested more than 32 deep")
  elseif is_list(value) then
    local list = json.array {}
    for i, item in ipairs(value) do
      list[i] = write(item, ("%s[%d]"):format(path, i))
    end
    return { L = list }
  end
  return { M = values.write_map(value, path) }
end

--- An item as DynamoDB wants it.
---@param map table<string, any>
---@param path? string  how messages call it; default "item"
---@return table
function values.write_map(map, path)
  path = path or "item"
  local written = json.object {}
  for name, value in pairs(map) do
    if type(name) ~= "string" then
      check.fail("E103", ("%s: names are strings, got %s"):format(path, tostring(name)))
    end
    written[name] = write(value, path .. "." .. name)
  end
  return written
end

--- One value as DynamoDB wants it: { S = "text" }.
---@param value any
---@param path? string
---@return table
function values.write(value, path)
  return write(value, path or "value")
end

local function read_binary(text, path)
  local bytes, problem = require("host.digest").from_base64(expect(text, "string", path))
  if not bytes then
    refuse(path, problem.message)
  end
  return setmetatable({ bytes = bytes }, Binary)
end

local function read_text(text, path)
  return expect(text, "string", path)
end

local function each(list, read, path)
  local all = {}
  for i, item in ipairs(expect(list, "table", path)) do
    all[i] = read(item, ("%s[%d]"):format(path, i))
  end
  return all
end

local function set_of(read)
  return function(list, path)
    return values.set(each(list, read, path))
  end
end

local READERS = {
  S = read_text,
  BOOL = function(value, path)
    return expect(value, "boolean", path)
  end,
  N = read_number,
  B = read_binary,
  NULL = function()
    return json.null
  end,
  L = function(list, path)
    return json.array(each(list, values.read, path))
  end,
  M = function(map, path)
    return values.read_map(map, path)
  end,
  SS = set_of(read_text),
  NS = set_of(read_number),
  BS = set_of(read_binary),
}

--- A value of DynamoDB's as a Lua value. What is none raises an error that names the place.
---@param value table  { S = "text" }
---@param path? string  how messages call it; default "value"
---@return any
function values.read(value, path)
  path = path or "value"
  local kind, content = next(expect(value, "table", path))
  if kind == nil or next(value, kind) ~= nil then
    refuse(path, "one type and its value expected")
  elseif not READERS[kind] then
    refuse(path, ("no type '%s' is known"):format(tostring(kind)))
  end
  return READERS[kind](content, path)
end

--- An item of DynamoDB's with Lua values.
---@param map table<string, table>
---@param path? string  how messages call it; default "item"
---@return table<string, any>
function values.read_map(map, path)
  path = path or "item"
  local plain = {}
  for name, value in pairs(expect(map, "table", path)) do
    plain[name] = values.read(value, path .. "." .. tostring(name))
  end
  return plain
end

return values
