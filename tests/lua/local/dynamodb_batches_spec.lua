local fixture = dofile "tests/lua/local/dynamodb_tables.lua"

local call, get, item = fixture.call, fixture.get, fixture.item
local make, put, refused = fixture.make, fixture.put, fixture.refused

local function cloudy(name, body)
  it(name, function()
    fixture.with_cloud(body)
  end)
end

describe("batches of the local DynamoDB", function()
  cloudy("write and get several items of several tables", function()
    make(nil, true)
    make({ TableName = "games" }, true)
    local function write(name)
      return { PutRequest = { Item = item { player = name } } }
    end
    call("BatchWriteItem", { RequestItems = { scores = { write "ada", write "bob" },
      games = { write "go" } } })
    local answer = call("BatchWriteItem", { ReturnConsumedCapacity = "TOTAL", RequestItems = {
      scores = { { DeleteRequest = { Key = item { player = "bob" } } }, write "eve" },
    } })
    assert.same({}, answer.UnprocessedItems)
    assert.equal(2, answer.ConsumedCapacity[1].CapacityUnits)

    local got = call("BatchGetItem", { RequestItems = {
      scores = { Keys = { item { player = "ada" }, item { player = "bob" },
        item { player = "eve" } } },
      games = { Keys = { item { player = "go" } }, ProjectionExpression = "player" },
    } })
    assert.same({ item { player = "ada" }, item { player = "eve" } }, got.Responses.scores)
    assert.same({ item { player = "go" } }, got.Responses.games)
    assert.same({}, got.UnprocessedKeys)
  end)

  cloudy("leave over what is too much for one answer", function()
    make()
    local keys = {}
    for at = 1, 50 do
      keys[at] = item { player = "ada", at = at }
      put { player = "ada", at = at, x = ("x"):rep(390000) }
    end
    local got = call("BatchGetItem", { RequestItems = { scores = { Keys = keys } } })
    local left = got.UnprocessedKeys.scores.Keys
    assert.equal(50, #got.Responses.scores + #left)
    assert.truthy(#left > 0)
    assert.same(item { player = "ada", at = 50 }, left[#left])
  end)

  cloudy("are refused in DynamoDB's words", function()
    make(nil, true)
    local function message(action, items)
      return refused("ValidationException", action, { RequestItems = items }).message
    end
    local ada, many, writes = item { player = "ada" }, {}, {}
    for i = 1, 101 do
      many[i] = item { player = tostring(i) }
      writes[i] = i <= 26 and { DeleteRequest = { Key = many[i] } } or nil
    end
    assert.matches("list of item keys contains duplicates",
      message("BatchGetItem", { scores = { Keys = { ada, ada } } }))
    assert.matches("list of item keys contains duplicates", message("BatchWriteItem", { scores = {
      { PutRequest = { Item = ada } }, { DeleteRequest = { Key = ada } } } }))
    assert.matches("Too many items", message("BatchGetItem", { scores = { Keys = many } }))
    assert.matches("Too many items", message("BatchWriteItem", { scores = writes }))
    assert.matches("at 'requestItems'", message("BatchGetItem", {}))
    assert.matches("cannot be null or empty: scores", message("BatchWriteItem", { scores = {} }))
    refused("SerializationException", "BatchWriteItem", { RequestItems = { scores = { 5 } } })
    refused("ResourceNotFoundException", "BatchGetItem",
      { RequestItems = { gone = { Keys = { ada } } } })
  end)
end)

describe("transactions of the local DynamoDB", function()
  cloudy("do all or nothing, in several tables", function()
    make(nil, true)
    make({ TableName = "games" }, true)
    local function step(kind, name, more)
      local params = { TableName = more.TableName or "scores" }
      params[kind == "Put" and "Item" or "Key"] = item { player = name }
      for key, value in pairs(more) do
        params[key] = value
      end
      return { [kind] = params }
    end
    call("TransactWriteItems", { TransactItems = {
      step("Put", "ada", {}),
      step("Update", "go", { TableName = "games", UpdateExpression = "ADD played :one",
        ExpressionAttributeValues = item { [":one"] = 1 } }),
    } })
    local problem = refused("TransactionCanceledException", "TransactWriteItems",
      { TransactItems = {
      step("Delete", "ada", {}),
      step("Put", "go", { TableName = "games", ConditionExpression = "attribute_not_exists(player)",
        ReturnValuesOnConditionCheckFailure = "ALL_OLD" }),
      step("ConditionCheck", "eve", { ConditionExpression = "attribute_exists(player)" }),
    } })

    assert.equal("Transaction cancelled, please refer cancellation reasons for specific reasons"
      .. " [None, ConditionalCheckFailed, ConditionalCheckFailed]", problem.message)
    assert.same({
      { Code = "None" },
      { Code = "ConditionalCheckFailed", Message = "The conditional request failed",
        Item = item { player = "go", played = 1 } },
      { Code = "ConditionalCheckFailed", Message = "The conditional request failed" },
    }, problem.fields.CancellationReasons)
    local got = call("TransactGetItems", { TransactItems = {
      { Get = { TableName = "scores", Key = item { player = "ada" } } },
      { Get = { TableName = "scores", Key = item { player = "eve" } } },
      { Get = { TableName = "games", Key = item { player = "go" },
        ProjectionExpression = "played" } },
    } })
    assert.same({ { Item = item { player = "ada" } }, {}, { Item = item { played = 1 } } },
      got.Responses)
  end)

  cloudy("are done once for a token", function()
    make(nil, true)
    local params = { ClientRequestToken = "t1", TransactItems = { { Update = {
      TableName = "scores", Key = item { player = "ada" }, UpdateExpression = "ADD points :one",
      ExpressionAttributeValues = item { [":one"] = 1 },
    } } } }
    call("TransactWriteItems", params)
    call("TransactWriteItems", params)
    assert.same({ N = "1" }, get({ player = "ada" }).points)
    params.TransactItems[1].Update.Key = item { player = "bob" }
    refused("IdempotentParameterMismatchException", "TransactWriteItems", params)
  end)

  cloudy("are refused in DynamoDB's words", function()
    make(nil, true)
    local ada = { TableName = "scores", Key = item { player = "ada" } }
    local put_ada = { TableName = "scores", Item = item { player = "ada" } }
    local function message(action, items)
      return refused("ValidationException", action, { TransactItems = items }).message
    end
    assert.equal("Transaction request cannot include multiple operations on one item",
      message("TransactWriteItems", { { Put = put_ada }, { Delete = ada } }))
    assert.equal("TransactItems can only contain one of Check, Put, Update or Delete",
      message("TransactWriteItems", { { Put = put_ada, Delete = ada } }))
    assert.matches("should contain Delete or Put", message("TransactWriteItems", { {} }))
    assert.matches("greater than or equal to 1", message("TransactWriteItems", {}))
    assert.matches("'transactItems.1.member.conditionCheck.conditionExpression'",
      message("TransactWriteItems", { { ConditionCheck = ada } }))
    assert.matches("should contain Get request", message("TransactGetItems", { {} }))
    local reasons = refused("TransactionCanceledException", "TransactWriteItems",
      { TransactItems = {
      { Update = { TableName = "scores", Key = item { player = "ada" },
        UpdateExpression = "SET a.b = :a", ExpressionAttributeValues = item { [":a"] = 1 } } },
    } }).fields.CancellationReasons
    assert.equal("ValidationError", reasons[1].Code)
  end)
end)
