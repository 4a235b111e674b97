--- Tables: made, described, listed, changed, deleted. They are active at once.
local clock = require "host.clock"
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local definition = require "engine.local.services.dynamodb.definition"
local describe = require("engine.local.services.dynamodb.description").of
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local naming = require "engine.local.naming"
local tables = require "engine.local.services.dynamodb.tables"
local tags = require "engine.local.services.dynamodb.tags"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local table_actions = { actions = {} }
local actions = table_actions.actions

local MOST_NAMES <const> = 100
local NO_TABLE <const> = "Requested resource not found: Table: %s not found"
local CLASSES <const> = { STANDARD = true, STANDARD_INFREQUENT_ACCESS = true }

-- What DynamoDB does for a table and this cloud does not.
local NOT_ANSWERED <const> = {
  "GlobalTableSettingsReplicationMode", "GlobalTableWitnessUpdates", "MultiRegionConsistency",
  "ReplicaUpdates", "ResourcePolicy",
}

local function check_answered(params, action)
  for _, name in ipairs(NOT_ANSWERED) do
    if params[name] ~= nil then
      fault.not_answered(("DynamoDB's %s with %s"):format(action, name))
    end
  end
end

-- Streams are named, as DynamoDB names them; nothing is ever in them.
local function set_stream(self, specification, now)
  if not specification then
    return
  elseif specification.StreamEnabled ~= true then
    self.StreamSpecification, self.LatestStreamArn, self.LatestStreamLabel = nil, nil, nil
    return
  elseif type(specification.StreamViewType) ~= "string" then
    wrong("StreamViewType is required when StreamEnabled"
      .. " is true")
  end
  self.StreamSpecification = {
    StreamEnabled = true,
    StreamViewType = specification.StreamViewType,
  }
  self.LatestStreamLabel = clock.iso8601(now, true):gsub("Z$", "")
  self.LatestStreamArn = self.TableArn .. "/stream/" .. self.LatestStreamLabel
end

-- Settings that are kept and shown, and do nothing here.
local function set_kept(self, params)
  if params.TableClass and not CLASSES[params.TableClass] then
    constraint(params.TableClass, "tableClass",
      "Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]")
  end
  for _, name in ipairs { "OnDemandThroughput", "TableClass", "WarmThroughput" } do
    if params[name] ~= nil then
      self[name] = params[name]
    end
  end
  if params.DeletionProtectionEnabled ~= nil then
    self.DeletionProtectionEnabled = params.DeletionProtectionEnabled == true
  end
  local encryption = params.SSESpecification
  if encryption then
    self.SSEDescription = encryption.Enabled == true and {
      Status = "ENABLED",
      SSEType = encryption.SSEType or "KMS",
      KMSMasterKeyArn = encryption.KMSMasterKeyId,
    } or nil
  end
end

function actions.CreateTable(request, params, cloud)
  local name, now = params.TableName, clock.now()
  definition.check_name(name, "tableName")
  check_answered(params, "CreateTable")
  if tables.peek(cloud, request.region, name) then
    fault.raise("ResourceInUseException", "Table already exists: " .. name)
  end
  local made = {
    TableName = name,
    TableId = identifier.uuid(),
    TableArn = naming.arn("dynamodb", request.region, request.account, "table/" .. name),
    CreationDateTime = now,
    DeletionProtectionEnabled = false,
    Tags = tags.checked(params.Tags or {}),
  }
  definition.set_billing(made, params.BillingMode, params.ProvisionedThroughput, now)
  definition.set_keys(made, params)
  set_stream(made, params.StreamSpecification, now)
  set_kept(made, params)
  tables.keep(cloud, request.region, made)
  return { TableDescription = describe(made, tables.store(cloud, made)) }
end

function actions.DescribeTable(request, params, cloud)
  local found = tables.find(cloud, request.region, params.TableName, NO_TABLE)
  return { Table = describe(found, tables.store(cloud, found)) }
end

function actions.ListTables(request, params, cloud)
  local limit = math.tointeger(tonumber(params.Limit or MOST_NAMES))
  if not limit or limit < 1 or limit > MOST_NAMES then
    constraint(params.Limit, "limit", "Member must have value between 1 and %d", MOST_NAMES)
  end
  local names, more = json.array {}, false
  for _, name in ipairs(tables.names(cloud, request.region)) do
    if name > (params.ExclusiveStartTableName or "") then
      more = #names == limit
      if more then
        break
      end
      table.insert(names, name)
    end
  end
  return { TableNames = names, LastEvaluatedTableName = more and names[#names] or nil }
end

function actions.DeleteTable(request, params, cloud)
  local found = tables.find(cloud, request.region, params.TableName, NO_TABLE)
  if found.DeletionProtectionEnabled then
    invalid("Resource cannot be deleted as it is currently protected against deletion. Disable"
      .. " deletion protection first.")
  end
  local shown = describe(found, tables.store(cloud, found), "DELETING")
  tables.remove(cloud, request.region, found)
  return { TableDescription = shown }
end

local function without_index(list, name)
  local left, gone = json.array {}, nil
  for _, index in ipairs(list or {}) do
    if index.IndexName == name then
      gone = index
    else
      table.insert(left, index)
    end
  end
  if not gone then
    fault.raise("ResourceNotFoundException", "Requested resource not found")
  end
  return left, gone
end

-- The global indexes as they are to be: those that were, and the changes.
local function updated_indexes(self, updates)
  local had = self.GlobalSecondaryIndexes or {}
  local list = table.move(had, 1, #had, 1, json.array {})
  for _, update in ipairs(updates) do
    if update.Create then
      table.insert(list, update.Create)
    elseif update.Delete then
      list = without_index(list, update.Delete.IndexName)
    elseif update.Update then
      local index
      list, index = without_index(list, update.Update.IndexName)
      local changed = { ProvisionedThroughput = update.Update.ProvisionedThroughput }
      table.insert(list, setmetatable(changed, { __index = index }))
    else
      invalid "One of Create, Update and Delete is required in GlobalSecondaryIndexUpdates"
    end
  end
  return list
end

-- The definitions that were and those that are said now, without what no key uses any more.
local function used_definitions(params, self, indexes)
  local used, seen, kept = {}, {}, json.array {}
  for _, list in ipairs { { self }, self.LocalSecondaryIndexes or {}, indexes } do
    for _, one in ipairs(list) do
      for _, element in ipairs(one.KeySchema or {}) do
        used[element.AttributeName] = true
      end
    end
  end
  for _, list in ipairs { params.AttributeDefinitions or {}, self.AttributeDefinitions } do
    for _, one in ipairs(list) do
      if used[one.AttributeName] and not seen[one.AttributeName] then
        seen[one.AttributeName] = true
        table.insert(kept, one)
      end
    end
  end
  return kept
end

local function set_indexes(self, params)
  local indexes = updated_indexes(self, params.GlobalSecondaryIndexUpdates)
  definition.set_keys(self, {
    AttributeDefinitions = used_definitions(params, self, indexes),
    KeySchema = self.KeySchema,
    LocalSecondaryIndexes = self.LocalSecondaryIndexes,
    GlobalSecondaryIndexes = indexes,
  })
end

function actions.UpdateTable(request, params, cloud)
  check_answered(params, "UpdateTable")
  local found = tables.find(cloud, request.region, params.TableName, NO_TABLE)
  local changed, now = {}, clock.now()
  for name, value in pairs(found) do
    changed[name] = value
  end
  if params.BillingMode or params.ProvisionedThroughput then
    local mode = params.BillingMode
      or found.BillingModeSummary and found.BillingModeSummary.BillingMode
    definition.set_billing(changed, mode, params.ProvisionedThroughput, now)
  end
  if params.GlobalSecondaryIndexUpdates then
    set_indexes(changed, params)
  end
  set_stream(changed, params.StreamSpecification, now)
  set_kept(changed, params)
  tables.keep(cloud, request.region, changed)
  return { TableDescription = describe(changed, tables.store(cloud, changed)) }
end

return table_actions
