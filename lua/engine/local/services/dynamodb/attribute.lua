--- Attribute values as they travel: { S = "…" }, { N = "12" }, { L = { … } }. They are checked once,
--- when they come, and never changed afterwards: whoever changes an item makes new tables.
local decimal = require "engine.local.services.dynamodb.decimal"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local attribute = {}

--- How deep values may be nested.
attribute.DEEPEST = 32

local CONTAINER_SIZE <const> = 3 -- bytes that a list or a map costs, and 1 for each of its values

---@alias engine.local.services.dynamodb.Attribute table<string, any>
---@alias engine.local.services.dynamodb.Item table<string, engine.local.services.dynamodb.Attribute>

local function misshapen(message)
  fault.raise("SerializationException", message)
end

local function expect(value, kind, type_name)
  if type(value) ~= kind or value == json.null then
    misshapen(("%s: a %s expected"):format(type_name, kind == "table" and "structure" or kind))
  end
  return value
end

local function check_bytes(text)
  if not digest.from_base64(expect(text, "string", "B")) then
    misshapen "B: the value is no base64 text"
  end
end

-- The message of an empty set, as DynamoDB has it, blanks and all.
local EMPTY_SET <const> = {
  SS = "One or more parameter values were invalid: An string set  may not be empty",
  NS = "One or more parameter values were invalid: An number set  may not be empty",
  BS = "One or more parameter values were invalid: Binary sets should not be empty",
}

local function by_number(a, b)
  return decimal.compare(decimal.parse(a), decimal.parse(b)) < 0
end

local function by_bytes(a, b)
  return digest.from_base64(a) < digest.from_base64(b)
end

local SET_ORDER <const> = { BS = by_bytes, NS = by_number }

--- A set in the order in which DynamoDB gives its members, in the same list.
---@param kind "SS"|"NS"|"BS"
---@param list string[]
---@return engine.local.services.dynamodb.Attribute
function attribute.set(kind, list)
  table.sort(list, SET_ORDER[kind])
  return { [kind] = list }
end

local function check_set(list, type_name, check_member)
  if #expect(list, "table", type_name) == 0 then
    invalid(EMPTY_SET[type_name])
  end
  local seen = {}
  for i, member in ipairs(list) do
    list[i] = check_member(expect(member, "string", type_name)) or member
    if seen[list[i]] then
      invalid(type_name == "NS" and "Input collection contains duplicates"
        or "One or more parameter values were invalid: Input collection [%s] contains duplicates.",
        table.concat(list, ", "))
    end
    seen[list[i]] = true
  end
  attribute.set(type_name, list)
end

local function canonical(text)
  return decimal.text(decimal.parse(text))
end

local read

local function read_all(map, depth, key_kind)
  for key, value in pairs(map) do
    expect(key, key_kind, "M and L")
    read(value, depth + 1)
  end
end

local READERS <const> = {
  S = function(value)
    expect(value.S, "string", "S")
  end,
  N = function(value)
    value.N = canonical(expect(value.N, "string", "N"))
  end,
  B = function(value)
    check_bytes(value.B)
  end,
  BOOL = function(value)
    expect(value.BOOL, "boolean", "BOOL")
  end,
  NULL = function(value)
    if expect(value.NULL, "boolean", "NULL") ~= true then
      wrong("Null attribute value types must have the"
        .. " value of true")
    end
  end,
  SS = function(value)
    check_set(value.SS, "SS", function() end)
  end,
  NS = function(value)
    check_set(value.NS, "NS", canonical)
  end,
  BS = function(value)
    check_set(value.BS, "BS", check_bytes)
  end,
  L = function(value, depth)
    json.array(expect(value.L, "table", "L"))
    read_all(value.L, depth, "number")
  end,
  M = function(value, depth)
    json.object(expect(value.M, "table", "M"))
    read_all(value.M, depth, "string")
  end,
}

--- The type of a value that was checked: "S", "N", …
---@param value engine.local.services.dynamodb.Attribute
---@return string
function attribute.type_of(value)
  return (next(value))
end

function read(value, depth)
  local kind = type(value) == "table" and next(value)
  if not kind then
    invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
  elseif next(value, kind) then
    invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of"
      .. " the supported datatypes")
  elseif not READERS[kind] then
    invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
  elseif depth > attribute.DEEPEST then
    invalid "Nesting Levels have exceeded supported limits"
  end
  READERS[kind](value, depth)
  return value
end

--- Checks a value that came from outside, and brings its numbers into their one spelling.
---@param value any
---@return engine.local.services.dynamodb.Attribute
function attribute.read(value)
  return read(value, 1)
end

--- The same for an item or a key: a map of values by name.
---@param map any
---@return engine.local.services.dynamodb.Item
function attribute.read_map(map)
  read_all(expect(map, "table", "the item"), 0, "string")
  return json.object(map)
end

--- How deep a value is nested: 1 for what holds no others.
---@param value engine.local.services.dynamodb.Attribute
---@return integer
function attribute.depth(value)
  local deepest = 0
  for _, member in pairs(value.L or value.M or {}) do
    deepest = math.max(deepest, attribute.depth(member))
  end
  return deepest + 1
end

local size

local function number_size(text)
  local digits = text:gsub("^%-", ""):gsub("%.", ""):gsub("^0+", ""):gsub("0+$", "")
  return (#digits + 1) // 2 + 1 + (text:sub(1, 1) == "-" and 1 or 0)
end

local function bytes_size(text)
  local _, padding = text:gsub("=", "")
  return #text // 4 * 3 - padding
end

local function sum(list, size_of)
  local total = 0
  for _, member in ipairs(list) do
    total = total + size_of(member)
  end
  return total
end

local SIZES <const> = {
  S = string.len,
  N = number_size,
  B = bytes_size,
  BOOL = function()
    return 1
  end,
  NULL = function()
    return 1
  end,
  SS = function(list)
    return sum(list, string.len)
  end,
  NS = function(list)
    return sum(list, number_size)
  end,
  BS = function(list)
    return sum(list, bytes_size)
  end,
  L = function(list)
    return CONTAINER_SIZE + #list + sum(list, size)
  end,
  M = function(map)
    local total = CONTAINER_SIZE + attribute.item_size(map)
    for _ in pairs(map) do
      total = total + 1
    end
    return total
  end,
}

function size(value)
  local kind, held = next(value)
  return SIZES[kind](held)
end

--- How many bytes DynamoDB counts for a value.
---@type fun(value: engine.local.services.dynamodb.Attribute): integer
attribute.size = size

--- How many bytes DynamoDB counts for an item: names and values.
---@param item engine.local.services.dynamodb.Item
---@return integer
function attribute.item_size(item)
  local total = 0
  for name, value in pairs(item) do
    total = total + #name + size(value)
  end
  return total
end

local function same_set(a, b)
  local there = {}
  for _, member in ipairs(a) do
    there[member] = true
  end
  for _, member in ipairs(b) do
    if not there[member] then
      return false
    end
  end
  return #a == #b
end

local function same_map(a, b)
  for key, value in pairs(a) do
    if b[key] == nil or not attribute.equal(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

--- Whether two values are the same, types included; of sets the order does not count.
---@param a engine.local.services.dynamodb.Attribute
---@param b engine.local.services.dynamodb.Attribute
---@return boolean
function attribute.equal(a, b)
  local kind, held = next(a)
  local other = b[kind]
  if other == nil then
    return false
  elseif kind == "L" or kind == "M" then
    return same_map(held, other)
  elseif type(held) == "table" then
    return same_set(held, other)
  end
  return held == other
end

local function bytes_of(text)
  return assert(digest.from_base64(text))
end

--- -1, 0 or 1: the order of two texts, numbers or binaries; nil when they have none.
---@param a engine.local.services.dynamodb.Attribute
---@param b engine.local.services.dynamodb.Attribute
---@return (-1|0|1)?
function attribute.compare(a, b)
  local kind, held = next(a)
  local other = b[kind]
  if other == nil or kind ~= "S" and kind ~= "N" and kind ~= "B" then
    return nil
  elseif held == other then
    return 0
  elseif kind == "N" then
    return decimal.compare(decimal.parse(held), decimal.parse(other))
  elseif kind == "B" then
    held, other = bytes_of(held), bytes_of(other)
  end
  return held < other and -1 or 1
end

--- The bytes of a text or a binary.
---@param value engine.local.services.dynamodb.Attribute
---@return string?
function attribute.bytes(value)
  return value.S or value.B and bytes_of(value.B)
end

local SORTABLE <const> = {
  S = function(text)
    return text
  end,
  N = function(text)
    return decimal.sortable(decimal.parse(text))
  end,
  B = bytes_of,
}

--- A text whose byte order is the order of the keys of that type.
---@param value engine.local.services.dynamodb.Attribute
---@return string
function attribute.sortable(value)
  local kind, held = next(value)
  return SORTABLE[kind](held)
end

return attribute
