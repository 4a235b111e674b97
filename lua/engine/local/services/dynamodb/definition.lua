--- What a table is: the checks of its keys, indexes and capacity, and the definition that is kept, in
--- the words of DescribeTable.
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local definition = {}

local MOST_LOCAL <const>, MOST_GLOBAL <const> = 5, 20
local MOST_INCLUDED <const> = 100
local KEY_TYPES <const> = { S = true, N = true, B = true }
local PROJECTIONS <const> = { ALL = true, KEYS_ONLY = true, INCLUDE = true }

--- Refuses what is no name of a table or an index.
---@param name string
---@param field string  "tableName"
function definition.check_name(name, field)
  if #name < 3 or #name > 255 then
    constraint(name, field, "Member must have length %s than or equal to %d",
      #name < 3 and "greater" or "less", #name < 3 and 3 or 255)
  elseif name:find "[^%w_.-]" then
    constraint(name, field, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
  end
end

local function attribute_types(list)
  local types = {}
  for i, one in ipairs(list) do
    if type(one.AttributeName) ~= "string" or not KEY_TYPES[one.AttributeType] then
      constraint(one.AttributeType, ("attributeDefinitions.%d.member.attributeType"):format(i),
        "Member must satisfy enum value set: [B, N, S]")
    elseif types[one.AttributeName] then
      wrong("Duplicate AttributeName in AttributeDefinitions: %s", one.AttributeName)
    end
    types[one.AttributeName] = one.AttributeType
  end
  return types
end

local function names_of(list)
  local names = {}
  for i, one in ipairs(list) do
    names[i] = one.AttributeName
  end
  return table.concat(names, ", ")
end

local function check_key_schema(list, types, definitions, used)
  local first, second = list[1], list[2]
  if #list < 1 or #list > 2 then
    constraint(names_of(list), "keySchema", "Member must have length between 1 and 2")
  elseif first.KeyType ~= "HASH" then
    invalid "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
  elseif second and second.KeyType ~= "RANGE" then
    invalid "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
  elseif second and second.AttributeName == first.AttributeName then
    invalid "Both the Hash Key and the Range Key element in the KeySchema have the same name"
  end
  for _, one in ipairs(list) do
    if not types[one.AttributeName] then
      wrong("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s],"
        .. " AttributeDefinitions: [%s]", names_of(list), names_of(definitions))
    end
    used[one.AttributeName] = true
  end
end

local function check_projection(projection)
  local kind = (projection or {}).ProjectionType
  local included = (projection or {}).NonKeyAttributes
  if not PROJECTIONS[kind] then
    wrong("Unknown ProjectionType: %s", tostring(kind or "null"))
  elseif kind ~= "INCLUDE" and included then
    wrong("ProjectionType is %s, but NonKeyAttributes is specified", kind)
  elseif kind == "INCLUDE" and not included then
    wrong "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
  elseif included and (#included < 1 or #included > MOST_INCLUDED) then
    wrong("NonKeyAttributes: 1 to %d names", MOST_INCLUDED)
  end
end

local function check_capacity(throughput, is_on_demand, of)
  local said = throughput and (throughput.ReadCapacityUnits or throughput.WriteCapacityUnits)
  if is_on_demand and said and (tonumber(throughput.ReadCapacityUnits) ~= 0
    or tonumber(throughput.WriteCapacityUnits) ~= 0) then
    wrong("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is"
      .. " PAY_PER_REQUEST")
  elseif not is_on_demand and not (throughput and throughput.ReadCapacityUnits
    and throughput.WriteCapacityUnits) then
    wrong(of and "ReadCapacityUnits and WriteCapacityUnits must both be specified for index: %s"
      or "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is"
      .. " PROVISIONED", of)
  end
end

local function capacity(throughput, is_on_demand)
  local function units(name)
    return is_on_demand and 0 or math.tointeger(tonumber(throughput[name]))
      or wrong("%s must be a whole number", name)
  end
  return {
    ReadCapacityUnits = units "ReadCapacityUnits",
    WriteCapacityUnits = units "WriteCapacityUnits",
    NumberOfDecreasesToday = 0,
  }
end

local function check_index(index, names)
  local name = index.IndexName
  if type(name) ~= "string" then
    constraint(nil, "indexName", "Member must not be null")
  end
  definition.check_name(name, "indexName")
  if names[name] then
    wrong("Duplicate index name: %s", name)
  end
  names[name] = true
  check_projection(index.Projection)
end

local function index_of(index, made)
  made.IndexName = index.IndexName
  made.KeySchema = index.KeySchema
  made.Projection = index.Projection
  return made
end

local function local_indexes(self, params, check)
  local list = params.LocalSecondaryIndexes
  if not list or #list == 0 then
    return nil
  elseif #list > MOST_LOCAL then
    wrong("Number of LocalSecondaryIndexes exceeds per-table limit of %d", MOST_LOCAL)
  elseif #params.KeySchema < 2 then
    wrong("Table KeySchema does not have a range key, which is required when specifying a"
      .. " LocalSecondaryIndex")
  end
  local made = json.array {}
  for i, index in ipairs(list) do
    check(index)
    if #index.KeySchema < 2 then
      wrong("Index KeySchema does not have a range key for index: %s", index.IndexName)
    elseif index.KeySchema[1].AttributeName ~= params.KeySchema[1].AttributeName then
      wrong("Index KeySchema does not have the same leading hash key as table KeySchema for index:"
        .. " %s. index hash key: %s, table hash key: %s", index.IndexName,
        index.KeySchema[1].AttributeName, params.KeySchema[1].AttributeName)
    end
    made[i] = index_of(index, { IndexArn = self.TableArn .. "/index/" .. index.IndexName })
  end
  return made
end

--- A global index as it is kept.
---@param self table  the table's definition
---@param index table
---@return table
function definition.global_index(self, index)
  local is_on_demand = self.BillingModeSummary ~= nil
  check_capacity(index.ProvisionedThroughput, is_on_demand, index.IndexName)
  return index_of(index, {
    IndexArn = self.TableArn .. "/index/" .. index.IndexName,
    IndexStatus = "ACTIVE",
    ProvisionedThroughput = capacity(index.ProvisionedThroughput, is_on_demand),
  })
end

local function global_indexes(self, params, check)
  local list = params.GlobalSecondaryIndexes
  if not list or #list == 0 then
    return nil
  elseif #list > MOST_GLOBAL then
    wrong("GlobalSecondaryIndex count exceeds the per-table limit of %d", MOST_GLOBAL)
  end
  local made = json.array {}
  for i, index in ipairs(list) do
    check(index)
    made[i] = definition.global_index(self, index)
  end
  return made
end

local function check_used(types, used, definitions, self)
  for name in pairs(types) do
    if not used[name] then
      if not self.LocalSecondaryIndexes and not self.GlobalSecondaryIndexes then
        wrong("Number of attributes in KeySchema does not exactly match number of attributes"
          .. " defined in AttributeDefinitions")
      end
      local keys = {}
      for key in pairs(used) do
        table.insert(keys, key)
      end
      table.sort(keys)
      wrong("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]",
        names_of(definitions), table.concat(keys, ", "))
    end
  end
end

--- Takes over the keys and indexes that were said; refuses what does not fit together.
---@param self table    the definition: TableArn, and BillingModeSummary when it is on demand
---@param params table  AttributeDefinitions, KeySchema, LocalSecondaryIndexes?, GlobalSecondaryIndexes?
function definition.set_keys(self, params)
  local types, used, names = attribute_types(params.AttributeDefinitions), {}, {}
  local definitions = params.AttributeDefinitions
  check_key_schema(params.KeySchema, types, definitions, used)
  local function check(index)
    check_index(index, names)
    check_key_schema(index.KeySchema or {}, types, definitions, used)
  end
  self.KeySchema, self.AttributeDefinitions = params.KeySchema, definitions
  self.LocalSecondaryIndexes = local_indexes(self, params, check)
  self.GlobalSecondaryIndexes = global_indexes(self, params, check)
  check_used(types, used, definitions, self)
end

--- Takes over how a table is paid for.
---@param self table
---@param mode? "PROVISIONED"|"PAY_PER_REQUEST"  default: PROVISIONED
---@param throughput? table
---@param now number
function definition.set_billing(self, mode, throughput, now)
  if mode and mode ~= "PROVISIONED" and mode ~= "PAY_PER_REQUEST" then
    constraint(mode, "billingMode",
      "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]")
  end
  local is_on_demand = mode == "PAY_PER_REQUEST"
  check_capacity(throughput, is_on_demand)
  self.ProvisionedThroughput = capacity(throughput, is_on_demand)
  self.BillingModeSummary = is_on_demand
    and { BillingMode = mode, LastUpdateToPayPerRequestDateTime = now } or nil
end

return definition
