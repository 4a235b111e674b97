--- What requests would cost: the units that ReturnConsumedCapacity asks for. Nothing is limited by them.
local parameters = require "engine.local.services.dynamodb.parameters"

local capacity = {}

local READ_UNIT <const>, WRITE_UNIT <const> = 4096, 1024
local DETAILS <const> = { "NONE", "TOTAL", "INDEXES" }

--- Units by the table and its indexes.
---@class engine.local.services.dynamodb.Units
---@field table number
---@field indexes table<engine.local.services.dynamodb.Index, number>

local function blocks(size, unit)
  return math.max(1, (size + unit - 1) // unit)
end

--- The units of reading so many bytes at once.
---@param size integer
---@param is_consistent boolean
---@return number
function capacity.read(size, is_consistent)
  return blocks(size, READ_UNIT) * (is_consistent and 1 or 0.5)
end

local function index_write(index, key, old, new)
  local from, to = old and index:place(key, old.item), new and index:place(key, new.item)
  local removed = from and blocks(index:size(old), WRITE_UNIT) or 0
  local added = to and blocks(index:size(new), WRITE_UNIT) or 0
  return from == to and math.max(removed, added) or removed + added
end

--- The units of a write: of the table, and of each index that the item is or was in.
---@param store engine.local.services.dynamodb.Store
---@param key string
---@param old? engine.local.services.dynamodb.Record
---@param new? engine.local.services.dynamodb.Record
---@return engine.local.services.dynamodb.Units
function capacity.write(store, key, old, new)
  local units = {
    table = blocks(math.max(old and old.size or 0, new and new.size or 0), WRITE_UNIT),
    indexes = {},
  }
  for _, index in ipairs(store.indexes) do
    local own = index_write(index, key, old, new)
    units.indexes[index] = own > 0 and own or nil
  end
  return units
end

--- Adds up units.
---@param into? engine.local.services.dynamodb.Units
---@param more engine.local.services.dynamodb.Units
---@param times? number  default 1
---@return engine.local.services.dynamodb.Units
function capacity.add(into, more, times)
  into = into or { table = 0, indexes = {} }
  into.table = into.table + more.table * (times or 1)
  for index, units in pairs(more.indexes) do
    into.indexes[index] = (into.indexes[index] or 0) + units * (times or 1)
  end
  return into
end

--- Whether, and how exactly, a request wants to know.
---@param params { ReturnConsumedCapacity?: string }
---@return "NONE"|"TOTAL"|"INDEXES"
function capacity.detail(params)
  return parameters.one_of(params, "ReturnConsumedCapacity", DETAILS)
end

--- ConsumedCapacity of an answer; nil when the request does not want it.
---@param detail "NONE"|"TOTAL"|"INDEXES"
---@param definition table
---@param units engine.local.services.dynamodb.Units
---@return table?
function capacity.shown(detail, definition, units)
  if detail == "NONE" then
    return nil
  end
  local total, by_kind = units.table, { [true] = {}, [false] = {} }
  for index, own in pairs(units.indexes) do
    total = total + own
    by_kind[index.is_global][index.name] = { CapacityUnits = own }
  end
  local shown = { TableName = definition.TableName, CapacityUnits = total }
  if detail == "INDEXES" then
    shown.Table = { CapacityUnits = units.table }
    shown.GlobalSecondaryIndexes = next(by_kind[true]) and by_kind[true]
    shown.LocalSecondaryIndexes = next(by_kind[false]) and by_kind[false]
  end
  return shown
end

return capacity
