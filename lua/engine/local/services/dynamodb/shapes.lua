--- What kinds of values DynamoDB's parameters are, wherever they stand: checked once, before an action
--- sees them. Null says the same as nothing. Items, keys and values of expressions are not looked into:
--- attribute.lua and placeholders.lua do that.
local fault = require "engine.local.fault"
local json = require "host.json"

local shapes = {}

-- Of lists, the members are structures; of groups, structures or lists of them, by name.
local KINDS <const> = {
  text = [[ AttributeName AttributeType BillingMode ClientRequestToken ConditionExpression
    ExclusiveStartTableName FilterExpression IndexName KeyConditionExpression KeyType
    KMSMasterKeyId ProjectionExpression ProjectionType ResourceArn ReturnConsumedCapacity
    ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure Select SSEType
    StreamViewType TableClass TableName UpdateExpression ]],
  flag = "ConsistentRead DeletionProtectionEnabled Enabled ScanIndexForward StreamEnabled",
  number = "Limit ReadCapacityUnits Segment TotalSegments WriteCapacityUnits",
  structure = [[ ConditionCheck Create Delete DeleteRequest Get OnDemandThroughput Projection
    ProvisionedThroughput Put PutRequest SSESpecification StreamSpecification
    TimeToLiveSpecification Update WarmThroughput ]],
  list = [[ AttributeDefinitions GlobalSecondaryIndexes GlobalSecondaryIndexUpdates KeySchema
    LocalSecondaryIndexes TransactItems ]],
  map = "ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues Item Key",
  maps = "Keys",
  tags = "Tags",
  texts = "NonKeyAttributes TagKeys",
  group = "RequestItems",
}

local kind_of = {}
for kind, names in pairs(KINDS) do
  for name in names:gmatch "%S+" do
    kind_of[name] = kind
  end
end

local function refuse(name, wanted)
  fault.raise("SerializationException", ("%s: %s expected"):format(name, wanted))
end

local function table_of(value, name, wanted)
  return type(value) == "table" and value or refuse(name, wanted)
end

local function each_of(list, name, wanted, fits)
  for key, member in pairs(table_of(list, name, wanted)) do
    if math.type(key) ~= "integer" or not fits(member) then
      refuse(name, wanted)
    end
  end
end

local check_structure

local function is_structure(value)
  return type(value) == "table" and check_structure(value)
end

local CHECKS <const> = {
  text = function(value, name)
    return type(value) == "string" or refuse(name, "a text")
  end,
  flag = function(value, name)
    return type(value) == "boolean" or refuse(name, "true or false")
  end,
  number = function(value, name) -- a template may have it as a text
    return tonumber(value) or refuse(name, "a number")
  end,
  structure = function(value, name)
    return is_structure(value) or refuse(name, "a structure")
  end,
  list = function(value, name)
    each_of(value, name, "a list of structures", is_structure)
  end,
  map = function(value, name)
    for key in pairs(table_of(value, name, "a map")) do
      if type(key) ~= "string" then
        refuse(name, "a map")
      end
    end
  end,
  maps = function(value, name)
    each_of(value, name, "a list of maps", function(member)
      return type(member) == "table"
    end)
  end,
  tags = function(value, name)
    each_of(value, name, "a list of tags", function(member)
      return type(member) == "table" and type(member.Key) == "string"
        and (member.Value == nil or type(member.Value) == "string")
    end)
  end,
  texts = function(value, name)
    each_of(value, name, "a list of texts", function(member)
      return type(member) == "string"
    end)
  end,
  group = function(value, name)
    for key, member in pairs(table_of(value, name, "a map")) do
      if type(key) ~= "string" or type(member) ~= "table" then
        refuse(name, "a map")
      elseif #member > 0 then
        each_of(member, name, "lists of structures", is_structure)
      else
        check_structure(member)
      end
    end
  end,
}

function check_structure(structure)
  for name, value in pairs(structure) do
    if value == json.null then
      structure[name] = nil
    elseif kind_of[name] then
      CHECKS[kind_of[name]](value, name)
    end
  end
  return true
end

--- Refuses parameters of other kinds than DynamoDB's, and forgets those that are null.
---@param params table
function shapes.check(params)
  check_structure(params)
end

return shapes
