local clock = require "host.clock"
local fixture = dofile "tests/lua/local/dynamodb_tables.lua"

local call, get, item = fixture.call, fixture.get, fixture.item
local make, put, refused = fixture.make, fixture.put, fixture.refused

local function cloudy(name, body)
  it(name, function()
    fixture.with_cloud(body)
  end)
end

local function update(key, text, values, more)
  local params = {
    TableName = "scores", Key = item(key), UpdateExpression = text, ReturnValues = "ALL_NEW",
    ExpressionAttributeValues = values and item(values),
  }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return call("UpdateItem", params)
end

describe("an item of the local DynamoDB", function()
  cloudy("is put, got, and put in another's place", function()
    make()
    assert.is_nil(get { player = "ada", at = 1 })
    assert.is_nil(put({ player = "ada", at = 1, points = 3 },
      { ReturnValues = "ALL_OLD" }).Attributes)

    local old = put({ player = "ada", at = 1.0, tags = { SS = { "b", "a" } } },
      { ReturnValues = "ALL_OLD" }).Attributes

    assert.same(item { player = "ada", at = 1, points = 3 }, old)
    assert.same(item { player = "ada", at = 1, tags = { SS = { "a", "b" } } },
      get { player = "ada", at = 1 })
    assert.same(item { at = 1 }, call("GetItem", {
      TableName = "scores", Key = item { player = "ada", at = 1 }, ProjectionExpression = "#a",
      ExpressionAttributeNames = { ["#a"] = "at" },
    }).Item)
  end)

  cloudy("is deleted, and an absent one is no mistake", function()
    make()
    put { player = "ada", at = 1 }
    local params = { TableName = "scores", Key = item { player = "ada", at = 1 },
      ReturnValues = "ALL_OLD" }

    assert.same(item { player = "ada", at = 1 }, call("DeleteItem", params).Attributes)
    assert.is_nil(call("DeleteItem", params).Attributes)
    assert.is_nil(get { player = "ada", at = 1 })
  end)

  cloudy("is changed, made when it is not there, and shown as it is asked for", function()
    make()
    local key = { player = "ada", at = 1 }
    assert.same(item { player = "ada", at = 1 }, update(key).Attributes)
    update(key, "SET points = :p, pets.cat = :c", { [":p"] = 3, [":c"] = "Tom" },
      { UpdateExpression = "SET points = :p, pets = :c" })

    assert.same(item { points = 3 }, update(key, "ADD points :p", { [":p"] = 4 },
      { ReturnValues = "UPDATED_OLD" }).Attributes)
    assert.same(item { points = 8 }, update(key, "ADD points :p", { [":p"] = 1 },
      { ReturnValues = "UPDATED_NEW" }).Attributes)
    assert.is_nil(update(key, "REMOVE points", nil, { ReturnValues = "UPDATED_NEW" }).Attributes)
    assert.is_nil(update(key, "REMOVE points", nil, { ReturnValues = "NONE" }).Attributes)
    assert.same(item { player = "ada", at = 1, pets = "Tom" }, get(key))
    refused("ValidationException", "UpdateItem", { TableName = "scores", Key = item(key),
      UpdateExpression = "SET player = :p", ExpressionAttributeValues = item { [":p"] = "bob" } })
  end)

  cloudy("is written only when its condition holds", function()
    make()
    put({ player = "ada", at = 1 }, { ConditionExpression = "attribute_not_exists(player)" })
    local params = { TableName = "scores", Item = item { player = "ada", at = 1, points = 9 },
      ConditionExpression = "attribute_not_exists(player)" }

    local problem = refused("ConditionalCheckFailedException", "PutItem", params)
    assert.equal("The conditional request failed", problem.message)
    assert.is_nil(problem.fields.Item)
    params.ReturnValuesOnConditionCheckFailure = "ALL_OLD"
    assert.same(item { player = "ada", at = 1 },
      refused("ConditionalCheckFailedException", "PutItem", params).fields.Item)
    refused("ConditionalCheckFailedException", "UpdateItem", {
      TableName = "scores", Key = item { player = "bob", at = 1 }, UpdateExpression = "SET a = :a",
      ConditionExpression = "points > :a", ExpressionAttributeValues = item { [":a"] = 1 },
    })
    assert.is_nil(get { player = "bob", at = 1 })
    refused("ConditionalCheckFailedException", "DeleteItem", {
      TableName = "scores", Key = item { player = "ada", at = 1 },
      ConditionExpression = "attribute_exists(points)",
    })
    assert.same(item { player = "ada", at = 1 }, get { player = "ada", at = 1 })
  end)

  cloudy("has the table's key, in its types and sizes", function()
    make(fixture.BY_GAME)
    local function message(plain)
      return refused("ValidationException", "PutItem",
        { TableName = "scores", Item = item(plain) }).message
    end
    local wrong = "One or more parameter values were invalid: "
    assert.equal(wrong .. "Missing the key at in the item", message { player = "ada" })
    assert.equal(wrong .. "Type mismatch for key at expected: N actual: S",
      message { player = "ada", at = "1" })
    assert.matches("cannot contain an empty string value. Key: player",
      message { player = "", at = 1 })
    assert.matches("Size of hashkey has exceeded", message { player = ("x"):rep(2049), at = 1 })
    assert.equal(wrong .. "Type mismatch for Index Key game Expected: S Actual: N IndexName:"
      .. " by-game",
      message { player = "ada", at = 1, game = 5 })
    assert.matches("IndexName: by%-game, IndexKey: game",
      message { player = "ada", at = 1, game = "" })
    assert.equal("Item size has exceeded the maximum allowed size",
      message { player = "ada", at = 1, text = ("x"):rep(400 * 1024 - 16) })
    put { player = "ada", at = 1, text = ("x"):rep(400 * 1024 - 17) }
    assert.equal("Item size to update has exceeded the maximum allowed size",
      refused("ValidationException", "UpdateItem", {
        TableName = "scores", Key = item { player = "ada", at = 1 },
        UpdateExpression = "SET a = :a", ExpressionAttributeValues = item { [":a"] = "12" },
      }).message)
    for _, key in ipairs { { player = "ada" }, { player = "ada", at = 1, x = 1 },
      { player = 1, at = 1 } } do
      assert.equal("The provided key element does not match the schema",
        refused("ValidationException", "GetItem",
          { TableName = "scores", Key = item(key) }).message)
    end
  end)

  cloudy("holds values of all types, and no others", function()
    make()
    local all = {
      player = "ada", at = 1, b = { B = "AAH/" }, bs = { BS = { "AA==", "/w==" } }, no = false,
      nothing = { NULL = true }, list = { 1, { "x" }, { k = { L = {} } } },
        ns = { NS = { "1", "2" } },
      empty = { S = "" }, none = { M = {} },
    }
    put(all)
    assert.same(item(all), get { player = "ada", at = 1 })
    for _, case in ipairs {
      { {}, "Supplied AttributeValue is empty" },
        { { S = "a", N = "1" }, "more than one datatypes" },
      { { SS = {} }, "An string set  may not be empty" }, { { NS = { "1", "1.0" } }, "duplicates" },
      { { NULL = false }, "must have the value of true" }, { { N = "x" }, "numeric value: x" },
      { { X = "x" }, "Supplied AttributeValue is empty" },
    } do
      local problem = refused("ValidationException", "PutItem", { TableName = "scores",
        Item = { player = { S = "ada" }, at = { N = "1" }, v = case[1] } })
      assert.matches(case[2], problem.message)
    end
    for _, value in ipairs { { S = 1 }, { B = "%" }, { L = { a = { S = "x" } } },
      { M = { { S = "x" } } },
      { SS = { 1 } }, { BOOL = "true" } } do
      refused("SerializationException", "PutItem", { TableName = "scores",
        Item = { player = { S = "ada" }, at = { N = "1" }, v = value } })
    end
  end)

  cloudy("tells what it would cost", function()
    make(fixture.BY_GAME)
    local cost = put({ player = "ada", at = 1, game = "go", points = 3, x = ("x"):rep(1500) },
      { ReturnConsumedCapacity = "INDEXES" }).ConsumedCapacity
    assert.equal(4, cost.CapacityUnits)
    assert.equal(2, cost.Table.CapacityUnits)
    assert.equal(1, cost.GlobalSecondaryIndexes["by-game"].CapacityUnits)
    assert.equal(1, cost.LocalSecondaryIndexes["by-points"].CapacityUnits)
    local read = call("GetItem", { TableName = "scores", Key = item { player = "ada", at = 1 },
      ReturnConsumedCapacity = "TOTAL", ConsistentRead = true }).ConsumedCapacity
    assert.same({ TableName = "scores", CapacityUnits = 1 }, read)
  end)

  cloudy("is gone when its time is over", function()
    make(fixture.BY_GAME)
    local live = { TableName = "scores",
      TimeToLiveSpecification = { Enabled = true, AttributeName = "until" } }
    call("UpdateTimeToLive", live)
    local now = math.floor(clock.now())
    put { player = "ada", at = 1, ["until"] = now - 10, game = "go", points = 1 }
    put { player = "ada", at = 2, ["until"] = now + 1000, game = "go", points = 2 }
    put { player = "ada", at = 3, ["until"] = "never" }
    put { player = "ada", at = 4, ["until"] = now - 6 * 365 * 86400 }

    local found = call("Query", { TableName = "scores", IndexName = "by-game",
      KeyConditionExpression = "game = :g", ExpressionAttributeValues = item { [":g"] = "go" } })
    assert.equal(1, found.Count)
    assert.equal(3, call("DescribeTable", { TableName = "scores" }).Table.ItemCount)
    assert.is_nil(get { player = "ada", at = 1 })
    assert.truthy(get { player = "ada", at = 4 })
    assert.equal("TimeToLive is already enabled",
      refused("ValidationException", "UpdateTimeToLive", live).message)
    assert.same({ TimeToLiveStatus = "ENABLED", AttributeName = "until" },
      call("DescribeTimeToLive", { TableName = "scores" }).TimeToLiveDescription)
  end)

  cloudy("is refused what there was before expressions, by name", function()
    make()
    local problem = refused("NotImplemented", "PutItem", { TableName = "scores",
      Item = item { player = "ada", at = 1 }, Expected = { player = { Exists = false } } })
    assert.equal("laconic local does not answer DynamoDB's legacy parameter Expected of PutItem:"
      .. " say it as an expression", problem.message)
    refused("NotImplemented", "Query", { TableName = "scores", KeyConditions = {} })
    refused("NotImplemented", "Scan", { TableName = "scores", ScanFilter = {} })
    refused("NotImplemented", "GetItem",
      { TableName = "scores", Key = item { player = "a", at = 1 },
      AttributesToGet = { "x" } })
    refused("NotImplemented", "ExecuteStatement", { Statement = "SELECT * FROM scores" })
  end)

  cloudy("is of a table that there is", function()
    for action, params in pairs {
      PutItem = { Item = item { id = "a" } }, GetItem = { Key = item { id = "a" } },
      UpdateItem = { Key = item { id = "a" } }, DeleteItem = { Key = item { id = "a" } }, Scan = {},
    } do
      params.TableName = "gone"
      assert.equal("Requested resource not found",
        refused("ResourceNotFoundException", action, params).message)
    end
    refused("ValidationException", "PutItem", { Item = {} })
    refused("ValidationException", "PutItem", { TableName = "../x", Item = "text" })
  end)
end)
