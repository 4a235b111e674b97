--- A table as DescribeTable shows it.
local json = require "host.json"

local description = {}

-- Members of the definition that are shown as they are.
local SHOWN <const> = {
  "AttributeDefinitions", "BillingModeSummary", "CreationDateTime", "DeletionProtectionEnabled",
  "KeySchema", "LatestStreamArn", "LatestStreamLabel", "OnDemandThroughput",
  "ProvisionedThroughput", "SSEDescription", "StreamSpecification", "TableArn", "TableId",
  "TableName", "WarmThroughput",
}

local function index_of(definition, store)
  local shown = {}
  for name, value in pairs(definition) do
    shown[name] = value
  end
  local index = store:index(definition.IndexName)
  shown.ItemCount, shown.IndexSizeBytes = index.entries.count, 0
  if index.projection == "ALL" then
    for _, record in index.entries:each "" do
      shown.IndexSizeBytes = shown.IndexSizeBytes + record.size
    end
  end
  return shown
end

local function indexes_of(list, store)
  if not list then
    return nil
  end
  local shown = json.array {}
  for i, definition in ipairs(list) do
    shown[i] = index_of(definition, store)
  end
  return shown
end

--- The description of a table.
---@param definition table
---@param store engine.local.services.dynamodb.Store
---@param status? "ACTIVE"|"DELETING"  default: ACTIVE
---@return table
function description.of(definition, store, status)
  local shown = {
    GlobalSecondaryIndexes = indexes_of(definition.GlobalSecondaryIndexes, store),
    ItemCount = store.records.count,
    LocalSecondaryIndexes = indexes_of(definition.LocalSecondaryIndexes, store),
    TableClassSummary = definition.TableClass and { TableClass = definition.TableClass },
    TableSizeBytes = store.size,
    TableStatus = status or "ACTIVE",
  }
  for _, name in ipairs(SHOWN) do
    shown[name] = definition[name]
  end
  return shown
end

return description
