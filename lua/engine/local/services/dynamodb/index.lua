--- A secondary index: the table's records once more, in the order of another key. An item without that
--- key is not in it.
local attribute = require "engine.local.services.dynamodb.attribute"
local json = require "host.json"
local keys = require "engine.local.services.dynamodb.keys"
local ordered = require "engine.local.services.dynamodb.ordered"

local index = {}
index.__index = index

---@class engine.local.services.dynamodb.Index
---@field name string
---@field is_global boolean
---@field schema engine.local.services.dynamodb.Schema
---@field table_schema engine.local.services.dynamodb.Schema
---@field projection "ALL"|"KEYS_ONLY"|"INCLUDE"
---@field entries engine.local.services.dynamodb.Ordered

--- Makes an empty index.
---@param definition table   as DynamoDB describes an index
---@param is_global boolean
---@param table_definition table
---@return engine.local.services.dynamodb.Index
function index.new(definition, is_global, table_definition)
  local attributes = table_definition.AttributeDefinitions
  local self = setmetatable({
    name = definition.IndexName,
    is_global = is_global,
    schema = keys.schema(definition.KeySchema, attributes),
    table_schema = keys.schema(table_definition.KeySchema, attributes),
    projection = definition.Projection.ProjectionType,
    included = {},
    entries = ordered.new(),
  }, index)
  for _, schema in ipairs { self.schema, self.table_schema } do
    for _, part in pairs(schema) do
      self.included[part.name] = true
    end
  end
  for _, name in ipairs(definition.Projection.NonKeyAttributes or {}) do
    self.included[name] = true
  end
  return self
end

--- Where a record of the table stands in the index; nil when it does not.
---@param primary string  the key's text
---@param item engine.local.services.dynamodb.Item
---@return string?
function index:place(primary, item)
  local text = keys.text(self.schema, item)
  return text and text .. primary
end

--- Takes the change of one record over.
---@param primary string
---@param old? engine.local.services.dynamodb.Record
---@param new? engine.local.services.dynamodb.Record
function index:change(primary, old, new)
  local from = old and self:place(primary, old.item)
  local to = new and self:place(primary, new.item)
  if from and from ~= to then
    self.entries:remove(from)
  end
  if to then
    self.entries:put(to, new)
  end
end

--- Whether the index holds an attribute.
---@param name string
---@return boolean
function index:has(name)
  return self.projection == "ALL" or self.included[name] == true
end

--- The part of an item that the index holds.
---@param item engine.local.services.dynamodb.Item
---@return engine.local.services.dynamodb.Item
function index:project(item)
  if self.projection == "ALL" then
    return item
  end
  local made = json.object {}
  for name in pairs(self.included) do
    made[name] = item[name]
  end
  return made
end

--- How many bytes DynamoDB counts for a record in the index.
---@param record engine.local.services.dynamodb.Record
---@return integer
function index:size(record)
  return self.projection == "ALL" and record.size or attribute.item_size(self:project(record.item))
end

--- The key that a next page begins behind: the index's, and the table's.
---@param item engine.local.services.dynamodb.Item
---@return engine.local.services.dynamodb.Item
function index:page_key(item)
  return keys.pick(self.table_schema, item, keys.pick(self.schema, item))
end

return index
