-- What comes from outside is answered or refused, and never a failure inside.
local condition = require "engine.local.services.dynamodb.expression.condition"
local fault = require "engine.local.fault"
local fixture = dofile "tests/lua/local/dynamodb_tables.lua"
local json = require "host.json"
local placeholders = require "engine.local.services.dynamodb.expression.placeholders"
local projection = require "engine.local.services.dynamodb.expression.projection"
local reader = require "engine.local.services.dynamodb.expression.reader"
local update = require "engine.local.services.dynamodb.expression.update"

local WORDS = {
  "a", "b.c", "a[0]", "a[", "]", "[9999999999999999999999]", "(", ")", "((", ",", ".", "=", "<>",
  "<", ">=", "+", "-", ":v", ":w", ":gone", "#n", "#gone", "AND", "OR", "NOT", "BETWEEN", "IN",
  "SET", "REMOVE", "ADD", "DELETE", "size(", "begins_with(", "contains(a, ",
  "attribute_exists(a)", "if_not_exists(a, :v)", "list_append(:v, :w)", "foo(", "name", "5", "'",
  "!", "\0", "é", "\255", "#", ":",
}
local ITEM = fixture.item { a = { 1, "x" }, b = { c = 1 }, s = "text", n = 5 }

-- The same numbers in every run.
local function new_chance(seed)
  return function(most)
    seed = seed * 1103515245 + 12345 & 0x7fffffff
    return seed // 256 % most + 1
  end
end

local function is_calm(fn, ...)
  local ok, problem = pcall(fn, ...)
  assert.is_true(ok or fault.is(problem), tostring(problem))
  return ok
end

local function bound(label, text)
  return reader.new(label, text, placeholders.new({
    [label] = text,
    ExpressionAttributeNames = { ["#n"] = "n" },
    ExpressionAttributeValues = { [":v"] = { N = "1" }, [":w"] = { L = {} } },
  }, { label }))
end

local READERS = {
  function(text)
    condition.holds(condition.read(bound("FilterExpression", text)), ITEM)
  end,
  function(text)
    update.apply(update.read(bound("UpdateExpression", text)), ITEM)
  end,
  function(text)
    projection.apply(ITEM, projection.read(bound("ProjectionExpression", text)))
  end,
}

-- Parameters that are in order for many an action.
local function base_params(action)
  local is_query = action == "Query"
  return {
    TableName = action == "CreateTable" and "other" or "scores",
    AttributeDefinitions = { { AttributeName = "id", AttributeType = "S" } },
    BillingMode = "PAY_PER_REQUEST",
    ExpressionAttributeValues = is_query and { [":p"] = { S = "ada" } } or nil,
    Item = fixture.item { player = "ada" },
    Key = fixture.item { player = "ada" },
    KeyConditionExpression = is_query and "player = :p" or nil,
    KeySchema = { { AttributeName = "id", KeyType = "HASH" } },
    ResourceArn = "arn:aws:dynamodb:us-east-1:123456789012:table/scores",
    TagKeys = {},
    Tags = {},
    TimeToLiveSpecification = { Enabled = true, AttributeName = "x" },
  }
end

describe("a hostile request to the local DynamoDB", function()
  it("says an expression of any words, and is read or refused", function()
    local chance, read = new_chance(7), 0
    for _ = 1, 500 do
      local parts = {}
      for i = 1, chance(9) do
        parts[i] = WORDS[chance(#WORDS)]
      end
      for _, fn in ipairs(READERS) do
        read = read + (is_calm(fn, table.concat(parts, " ")) and 1 or 0)
      end
    end
    assert.truthy(read > 5) -- chance made some that mean something
  end)

  it("says an expression as long as they get, and is through at once", function()
    local refused = 0
    for _, text in ipairs {
      ("("):rep(4096), ("(a "):rep(1300), ("NOT "):rep(1000), ("size("):rep(800), ("a,"):rep(2048),
      ("a."):rep(2047) .. "a", ("a[0]"):rep(1000), "a = :v" .. (" AND a = :v"):rep(300),
      "SET a" .. (" = if_not_exists(a, :v), a"):rep(150), "a IN (" .. (":v,"):rep(1300) .. ":v)",
      (" "):rep(4096), ("#n"):rep(2000),
    } do
      for _, fn in ipairs(READERS) do
        refused = refused + (is_calm(fn, text) and 0 or 1)
      end
    end
    assert.truthy(refused > 20)
  end)

  it("has values of any shape where others are wanted", function()
    local shapes = { 5, true, "text", "", {}, { 1 }, { {} }, { a = 1 }, { S = {} },
      { a = { S = "x" } },
      { { S = "x" } }, json.null, { N = 5 }, { L = 5 }, { M = json.null },
        { player = { S = "ada" } },
      { scores = 5 }, { scores = {} }, { scores = { 5 } }, { scores = { Keys = 5 } },
      { scores = { Keys = { 5 } } }, { { Put = 5 } }, { { Put = { TableName = 5 } } },
      { { Get = { TableName = "scores" } } }, { { Update = { TableName = "scores", Key = 5 } } } }
    local fields = { "TableName", "Item", "Key", "KeyConditionExpression", "FilterExpression",
      "ProjectionExpression", "UpdateExpression", "ConditionExpression", "ExpressionAttributeNames",
      "ExpressionAttributeValues", "ExclusiveStartKey", "Limit", "Segment", "TotalSegments",
        "Select",
      "IndexName", "RequestItems", "TransactItems", "ClientRequestToken", "ReturnValues",
      "ReturnConsumedCapacity", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes",
      "LocalSecondaryIndexes", "BillingMode", "ProvisionedThroughput", "Tags", "ResourceArn",
        "TagKeys",
      "TimeToLiveSpecification", "StreamSpecification", "SSESpecification", "TableClass",
      "GlobalSecondaryIndexUpdates", "ExclusiveStartTableName" }
    fixture.with_cloud(function(cloud)
      fixture.make(nil, true)
      fixture.put { player = "ada" }
      local names = {}
      for name in pairs(cloud:service("dynamodb").actions) do
        table.insert(names, name)
      end
      table.sort(names)
      local asked = 0
      for _, action in ipairs(names) do
        for _, field in ipairs(fields) do
          for i = (#action + #field) % 12 + 1, #shapes, 12 do -- two each time, and all in all
            local params = base_params(action)
            params[field] = shapes[i]
            -- As JSON brings it, so that no table is shared.
            params = assert(json.decode(assert(json.encode(params))))
            if action ~= "DeleteTable" then
              is_calm(fixture.call, action, params)
              asked = asked + 1
            end
          end
        end
      end
      assert.truthy(asked > 1000)
    end)
  end)
end)
