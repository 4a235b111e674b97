--- One item: put, got, updated, deleted.
local attribute = require "engine.local.services.dynamodb.attribute"
local capacity = require "engine.local.services.dynamodb.capacity"
local fault = require "engine.local.fault"
local json = require "host.json"
local keys = require "engine.local.services.dynamodb.keys"
local parameters = require "engine.local.services.dynamodb.parameters"
local picking = require "engine.local.services.dynamodb.picking"
local tables = require "engine.local.services.dynamodb.tables"
local writing = require "engine.local.services.dynamodb.writing"

local item_actions = { actions = {} }
local actions = item_actions.actions

local RETURN_VALUES <const> = { "NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW" }
local METRICS <const> = { "NONE", "SIZE" }

-- Only tables with local indexes have collections whose size is bounded.
local function collection_of(params, write, store)
  local wanted = parameters.one_of(params, "ReturnItemCollectionMetrics", METRICS)
  for _, index in ipairs(wanted == "SIZE" and store.indexes or {}) do
    if not index.is_global then
      local name = store.schema.hash.name
      return {
        ItemCollectionKey = { [name] = write.key_item[name] },
        SizeEstimateRangeGB = json.array { 0, 1 },
      }
    end
  end
end

local function wanted_values(params, kind)
  local wanted = parameters.one_of(params, "ReturnValues", RETURN_VALUES)
  if kind ~= "Update" and wanted ~= "NONE" and wanted ~= "ALL_OLD" then
    fault.raise("ValidationException", "ReturnValues can only be ALL_OLD or NONE")
  end
  return wanted
end

local function write(kind, request, params, cloud)
  parameters.refuse_legacy(params, kind .. "Item")
  local wanted, detail = wanted_values(params, kind), capacity.detail(params)
  local store, definition = tables.open(cloud, request.region, params.TableName)
  local made = writing.read(kind, params, store)
  local old = store:get(made.key)
  local new = writing.outcome(made, store, old)
  store:commit { { key = made.key, item = new } }
  return {
    Attributes = writing.shown(made, wanted, old and old.item, new),
    ConsumedCapacity = capacity.shown(detail, definition, writing.units(made, store, old)),
    ItemCollectionMetrics = collection_of(params, made, store),
  }
end

function actions.PutItem(request, params, cloud)
  return write("Put", request, params, cloud)
end

function actions.UpdateItem(request, params, cloud)
  return write("Update", request, params, cloud)
end

function actions.DeleteItem(request, params, cloud)
  return write("Delete", request, params, cloud)
end

function actions.GetItem(request, params, cloud)
  parameters.refuse_legacy(params, "GetItem")
  local detail = capacity.detail(params)
  local store, definition = tables.open(cloud, request.region, params.TableName)
  local pick = picking.read(params)
  local record = store:get(keys.check_key(store.schema, attribute.read_map(params.Key)))
  local units = capacity.read(record and record.size or 0, params.ConsistentRead == true)
  return {
    Item = record and pick(record.item),
    ConsumedCapacity = capacity.shown(detail, definition, { table = units, indexes = {} }),
  }
end

return item_actions
