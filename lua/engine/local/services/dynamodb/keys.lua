--- Keys as texts whose byte order is the order in which DynamoDB gives items: by a hash of the
--- partition key, then by the sort key. In an index, the table's own key follows, for items that share
--- the index's.
local attribute = require "engine.local.services.dynamodb.attribute"
local digest = require "host.digest"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local keys = {}

local HASH_DIGITS <const> = 32
local LONGEST_HASH <const>, LONGEST_RANGE <const> = 2048, 1024
local END <const> = "\0\0" -- of a sort key; a zero byte inside is "\0\255"
local SEGMENT_SPACE <const> = 1 << 32

---@class engine.local.services.dynamodb.Schema
---@field hash { name: string, type: string }
---@field range? { name: string, type: string }

local function hash_text(value)
  return digest.sha256(attribute.sortable(value)):sub(1, HASH_DIGITS)
end

local function escaped(bytes)
  return (bytes:gsub("\0", "\0\255"))
end

-- The least text that is greater than every text with this beginning.
local function behind(text)
  local last = #text:match "^(.-)\255*$"
  return text:sub(1, last - 1) .. string.char(text:byte(last) + 1)
end

--- The schema that KeySchema and AttributeDefinitions say.
---@param key_schema { AttributeName: string, KeyType: string }[]
---@param definitions { AttributeName: string, AttributeType: string }[]
---@return engine.local.services.dynamodb.Schema
function keys.schema(key_schema, definitions)
  local types, schema = {}, {}
  for _, definition in ipairs(definitions) do
    types[definition.AttributeName] = definition.AttributeType
  end
  for _, element in ipairs(key_schema) do
    local name = element.AttributeName
    schema[element.KeyType == "HASH" and "hash" or "range"] = { name = name, type = types[name] }
  end
  return schema
end

--- The text of an item's key; nil when the item lacks it, or has it in another type.
---@param schema engine.local.services.dynamodb.Schema
---@param item engine.local.services.dynamodb.Item
---@return string?
function keys.text(schema, item)
  local hash, range = item[schema.hash.name], schema.range and item[schema.range.name]
  if not (hash and hash[schema.hash.type])
    or schema.range and not (range and range[schema.range.type]) then
    return nil
  end
  return hash_text(hash) .. (range and escaped(attribute.sortable(range)) .. END or "")
end

--- The key of an item alone.
---@param schema engine.local.services.dynamodb.Schema
---@param item engine.local.services.dynamodb.Item
---@param into? engine.local.services.dynamodb.Item
---@return engine.local.services.dynamodb.Item
function keys.pick(schema, item, into)
  into = into or json.object {}
  into[schema.hash.name] = item[schema.hash.name]
  if schema.range then
    into[schema.range.name] = item[schema.range.name]
  end
  return into
end

local RANGES <const> = {
  ["="] = function(prefix, at)
    return prefix .. at .. END, behind(prefix .. at .. END)
  end,
  ["<"] = function(prefix, at)
    return prefix, prefix .. at .. END
  end,
  ["<="] = function(prefix, at)
    return prefix, behind(prefix .. at .. END)
  end,
  [">"] = function(prefix, at)
    return behind(prefix .. at .. END), behind(prefix)
  end,
  [">="] = function(prefix, at)
    return prefix .. at .. END, behind(prefix)
  end,
  BETWEEN = function(prefix, at, to)
    return prefix .. at .. END, behind(prefix .. to .. END)
  end,
  begins_with = function(prefix, at)
    return prefix .. at, behind(prefix .. at)
  end,
}

--- The texts that a key condition wants: from the first to before the second.
---@param condition engine.local.services.dynamodb.KeyCondition
---@return string lower
---@return string upper
function keys.range(condition)
  local prefix, values = hash_text(condition.hash), {}
  if not condition.operator then
    return prefix, behind(prefix)
  end
  for i, value in ipairs(condition.values) do
    values[i] = escaped(attribute.sortable(value))
  end
  return RANGES[condition.operator](prefix, values[1], values[2])
end

--- The texts of one of several segments of a table, which share it evenly.
---@param segment integer  from 0
---@param total integer
---@return string lower
---@return string? upper
function keys.segment(segment, total)
  local function edge(part)
    return ("%08x"):format((SEGMENT_SPACE * part + total - 1) // total)
  end
  return segment == 0 and "" or edge(segment), segment + 1 < total and edge(segment + 1) or nil
end

local function check_value(part, value, longest, message)
  if not value[part.type] then
    wrong("Type mismatch for key %s expected: %s"
      .. " actual: %s", part.name, part.type, attribute.type_of(value))
  elseif value.S == "" or value.B == "" then
    invalid("One or more parameter values are not valid. The AttributeValue for a key attribute"
      .. " cannot contain an empty %s value. Key: %s", value.S and "string" or "binary", part.name)
  elseif attribute.size(value) > longest then
    wrong(message)
  end
end

local function check_values(schema, item)
  check_value(schema.hash, item[schema.hash.name], LONGEST_HASH,
    "Size of hashkey has exceeded the maximum size limit of2048 bytes")
  if schema.range then
    check_value(schema.range, item[schema.range.name], LONGEST_RANGE,
      "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
  end
end

--- Refuses an item without a key that a table can hold; returns the key's text.
---@param schema engine.local.services.dynamodb.Schema
---@param item engine.local.services.dynamodb.Item
---@return string
function keys.check_item(schema, item)
  for _, part in ipairs { schema.hash, schema.range } do
    if not item[part.name] then
      wrong("Missing the key %s in the item", part.name)
    end
  end
  check_values(schema, item)
  return keys.text(schema, item)
end

--- Refuses a key that is not the table's, no more and no less; returns its text.
---@param schema engine.local.services.dynamodb.Schema
---@param key engine.local.services.dynamodb.Item
---@return string
function keys.check_key(schema, key)
  local count = 0
  for name, value in pairs(key) do
    local part = name == schema.hash.name and schema.hash
      or schema.range and name == schema.range.name and schema.range
    if not part or not value[part.type] then
      invalid "The provided key element does not match the schema"
    end
    count = count + 1
  end
  if count ~= (schema.range and 2 or 1) then
    invalid "The provided key element does not match the schema"
  end
  check_values(schema, key)
  return keys.text(schema, key)
end

--- Refuses an item that an index could not hold: one that has its key, but not as a key may be.
---@param schema engine.local.services.dynamodb.Schema
---@param item engine.local.services.dynamodb.Item
---@param index_name string
function keys.check_index(schema, item, index_name)
  for _, part in ipairs { schema.hash, schema.range } do
    local value = item[part.name]
    if value and not value[part.type] then
      wrong("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", part.name,
        part.type, attribute.type_of(value), index_name)
    elseif value and (value.S == "" or value.B == "") then
      invalid("One or more parameter values are not valid. A value specified for a secondary index"
        .. " key is not supported. The AttributeValue for a key attribute cannot contain an empty"
        .. " %s value. IndexName: %s, IndexKey: %s", value.S and "string" or "binary", index_name,
        part.name)
    elseif value and attribute.size(value)
      > (part == schema.hash and LONGEST_HASH or LONGEST_RANGE) then
      wrong("Size of the key %s of index %s has exceeded the maximum size limit", part.name,
        index_name)
    end
  end
end

return keys
