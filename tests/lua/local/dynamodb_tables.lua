--- What the specs of the local DynamoDB share: a table in a cloud of the test's own, plain values as
--- attribute values, and refusals.
local fault = require "engine.local.fault"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"

local dynamodb_tables = {}

local current -- the cloud of the test that runs

--- Calls `body` with a cloud, which is the one that is asked; `folder` as for in_cloud.
function dynamodb_tables.with_cloud(body, folder)
  in_cloud(function(opened)
    current = opened
    body(opened)
  end, folder)
end

function dynamodb_tables.call(action, params)
  return current:call("dynamodb", action, params)
end

--- Plain Lua values as attribute values: texts, numbers, booleans, lists, maps. A table with one field
--- that is a type's name is an attribute value already.
local TYPES = { S = 1, N = 1, B = 1, SS = 1, NS = 1, BS = 1, L = 1, M = 1, NULL = 1, BOOL = 1 }
function dynamodb_tables.value(plain)
  if type(plain) == "string" then
    return { S = plain }
  elseif type(plain) == "number" then
    return { N = tostring(plain) }
  elseif type(plain) == "boolean" then
    return { BOOL = plain }
  elseif TYPES[next(plain)] and not next(plain, (next(plain))) then
    return plain
  elseif #plain > 0 then
    local list = {}
    for i, item in ipairs(plain) do
      list[i] = dynamodb_tables.value(item)
    end
    return { L = list }
  end
  return { M = dynamodb_tables.item(plain) }
end

function dynamodb_tables.item(plain)
  local item = {}
  for name, value in pairs(plain) do
    item[name] = dynamodb_tables.value(value)
  end
  return item
end

--- What gives "scores" a global and a local index.
dynamodb_tables.BY_GAME = {
  AttributeDefinitions = {
    { AttributeName = "player", AttributeType = "S" },
      { AttributeName = "at", AttributeType = "N" },
    { AttributeName = "game", AttributeType = "S" },
      { AttributeName = "points", AttributeType = "N" },
  },
  GlobalSecondaryIndexes = { {
    IndexName = "by-game", Projection = { ProjectionType = "KEYS_ONLY" },
    KeySchema = {
      { AttributeName = "game", KeyType = "HASH" }, { AttributeName = "points", KeyType = "RANGE" },
    },
  } },
  LocalSecondaryIndexes = { {
    IndexName = "by-points",
    Projection = { ProjectionType = "INCLUDE", NonKeyAttributes = { "game" } },
    KeySchema = {
      { AttributeName = "player", KeyType = "HASH" },
        { AttributeName = "points", KeyType = "RANGE" },
    },
  } },
}

--- Makes the table "scores": player (S) and, unless `hash_only`, at (N).
function dynamodb_tables.make(more, hash_only)
  local params = {
    TableName = "scores",
    AttributeDefinitions = { { AttributeName = "player", AttributeType = "S" } },
    KeySchema = { { AttributeName = "player", KeyType = "HASH" } },
    BillingMode = "PAY_PER_REQUEST",
  }
  if not hash_only then
    params.AttributeDefinitions[2] = { AttributeName = "at", AttributeType = "N" }
    params.KeySchema[2] = { AttributeName = "at", KeyType = "RANGE" }
  end
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return dynamodb_tables.call("CreateTable", params).TableDescription
end

function dynamodb_tables.put(plain, more)
  local params = { TableName = "scores", Item = dynamodb_tables.item(plain) }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return dynamodb_tables.call("PutItem", params)
end

function dynamodb_tables.get(key)
  return dynamodb_tables.call("GetItem",
    { TableName = "scores", Key = dynamodb_tables.item(key) }).Item
end

--- Calls, and returns the fault, which must have that code.
function dynamodb_tables.refused(code, action, params)
  local ok, problem = pcall(dynamodb_tables.call, action, params)
  assert(not ok, action .. " was not refused")
  assert(fault.is(problem), tostring(problem))
  assert(code == problem.code, tostring(problem))
  return problem
end

return dynamodb_tables
