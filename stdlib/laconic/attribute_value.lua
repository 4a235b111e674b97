--- DynamoDB's attribute values, `{ S = "text" }`, as Lua values.
---
--- AWS: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
---@module "laconic.attribute_value"
local failure = require "engine.failure"
local json = require "host.json"

local attribute_value = {}

local MOST_LEVELS = 32 -- DynamoDB's own

local function refuse(path, problem)
  failure.raise("input", ("%s: %s"):format(path, problem), { type = "InvalidAttributeValue" })
end

local function expect(path, value, want)
  if type(value) ~= want then
    refuse(path, ("%s expected, got %s"):format(want, type(value)))
  end
  return value
end

local function number(path, text)
  local plain = expect(path, text, "string"):match "^-?%d*%.?%d*[eE]?[+-]?%d*$"
  local value = plain and (math.tointeger(plain) or tonumber(plain))
  if not value or value - value ~= 0 then
    refuse(path, "number expected")
  end
  return value
end

local function bytes(path, text)
  local value, problem = require("host.digest").from_base64(expect(path, text, "string"))
  if not value then
    refuse(path, problem.message)
  end
  return value
end

local function each(read, path, list)
  local values = json.array {}
  for i, item in ipairs(expect(path, list, "table")) do
    values[i] = read(("%s[%d]"):format(path, i), item)
  end
  return values
end

local function text(path, value)
  return expect(path, value, "string")
end

local decode

local READ = {
  S = text,
  N = number,
  B = bytes,
  BOOL = function(path, value) return expect(path, value, "boolean") end,
  NULL = function() return json.null end,
  SS = function(path, list) return each(text, path, list) end,
  NS = function(path, list) return each(number, path, list) end,
  BS = function(path, list) return each(bytes, path, list) end,
}

local function read_map(path, map, level)
  local values = {}
  for name, value in pairs(expect(path, map, "table")) do
    values[name] = decode(path .. "." .. tostring(name), value, level)
  end
  return values
end

function decode(path, value, level)
  local kind, inner = next(expect(path, value, "table"))
  if kind == nil or next(value, kind) ~= nil then
    refuse(path, "one type and its value expected")
  elseif level > MOST_LEVELS then
    refuse(path, "nested too deeply")
  elseif kind == "M" then
    return read_map(path, inner, level + 1)
  elseif kind == "L" then
    return each(function(where, item) return decode(where, item, level + 1) end, path, inner)
  end
  local read = READ[kind]
  if not read then
    refuse(path, ("no type '%s' is known"):format(tostring(kind)))
  end
  return read(path, inner)
end

--- An attribute value as a Lua value: numbers are integers where they are whole and fit in 64 bits, else
--- floats; B is bytes; NULL is `json.null`; sets are lists.
---@param value table
---@param path? string  what errors call it
---@return any
function attribute_value.decode(value, path)
  return decode(path or "value", value, 1)
end

--- An item, `{ id = { S = "1" } }`, as a table of Lua values.
---@param item table<string, table>
---@param path? string
---@return table<string, any>
function attribute_value.decode_item(item, path)
  return read_map(path or "item", item, 1)
end

return attribute_value
