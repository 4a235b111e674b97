local fixture = dofile "tests/lua/local/dynamodb_tables.lua"

local call, item = fixture.call, fixture.item
local make, put, refused = fixture.make, fixture.put, fixture.refused

local function cloudy(name, body)
  it(name, function()
    fixture.with_cloud(body)
  end)
end

local function fill()
  make(fixture.BY_GAME)
  for at = 1, 6 do
    put { player = "ada", at = at, game = at % 2 == 0 and "go" or "chess", points = 10 - at,
      x = "x" }
  end
  put { player = "bob", at = -1.5, game = "go", points = 100 }
  put { player = "bob", at = 10, points = 7 }
end

local function query(text, values, more)
  local params = {
    TableName = "scores", KeyConditionExpression = text, ExpressionAttributeValues = item(values),
  }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return call("Query", params)
end

local function column(answer, name)
  local list = {}
  for i, one in ipairs(answer.Items) do
    list[i] = tonumber(one[name].N)
  end
  return list
end

describe("Query of the local DynamoDB", function()
  cloudy("gives a partition in the order of its sort key, and a range of it", function()
    fill()
    local ada, from = { [":p"] = "ada" }, { [":p"] = "ada", [":a"] = 3 }
    assert.same({ 1, 2, 3, 4, 5, 6 }, column(query("player = :p", ada), "at"))
    assert.same({ 6, 5, 4, 3, 2, 1 },
      column(query("player = :p", ada, { ScanIndexForward = false }), "at"))
    for operator, wanted in pairs {
      ["= :a"] = { 3 }, ["< :a"] = { 1, 2 }, ["<= :a"] = { 1, 2, 3 }, ["> :a"] = { 4, 5, 6 },
      [">= :a"] = { 3, 4, 5, 6 }, ["BETWEEN :a AND :b"] = { 3, 4 },
    } do
      local values = { [":p"] = "ada", [":a"] = 3, [":b"] = operator:find ":b" and 4 or nil }
      assert.same(wanted, column(query("player = :p AND #a " .. operator, values,
        { ExpressionAttributeNames = { ["#a"] = "at" } }), "at"))
    end
    assert.same({ -1.5, 10 }, column(query(":p = player", { [":p"] = "bob" }), "at"))
    assert.same({ 1, 2 }, column(query(":a > #a AND player = :p", from,
      { ExpressionAttributeNames = { ["#a"] = "at" } }), "at"))
    assert.equal(0, query("player = :p", { [":p"] = "eve" }).Count)
  end)

  cloudy("goes through indexes, which have what they project", function()
    fill()
    local go = query("game = :g", { [":g"] = "go" }, { IndexName = "by-game" })
    assert.same({ 4, 6, 8, 100 }, column(go, "points"))
    assert.same(item { player = "ada", at = 6, game = "go", points = 4 }, go.Items[1])
    local points = query("player = :p AND points > :n", { [":p"] = "ada", [":n"] = 6 },
      { IndexName = "by-points" })
    assert.same({ 7, 8, 9 }, column(points, "points"))
    assert.is_nil(points.Items[1].x)
    assert.truthy(query("player = :p", { [":p"] = "ada" },
      { IndexName = "by-points", Select = "ALL_ATTRIBUTES" }).Items[1].x)

    put { player = "ada", at = 6, points = 1 } -- leaves one index, moves in the other
    assert.same({ 6, 8, 100 }, column(query("game = :g", { [":g"] = "go" },
      { IndexName = "by-game" }), "points"))
    assert.same({ 1, 5, 6, 7, 8, 9 }, column(query("player = :p", { [":p"] = "ada" },
      { IndexName = "by-points" }), "points"))
    for text, more in pairs {
      ["Consistent reads are not supported on global"] = { ConsistentRead = true },
      ["does not project %[x%]"] = { ProjectionExpression = "x" },
      ["does not project one or more filter attributes: %[x%]"] = { FilterExpression = "x <> :g" },
      ["its projection type is not ALL"] = { Select = "ALL_ATTRIBUTES" },
      ["does not have the specified index: gone"] = { IndexName = "gone" },
    } do
      local params = { TableName = "scores", IndexName = "by-game",
        KeyConditionExpression = "game = :g",
        ExpressionAttributeValues = item { [":g"] = "go" } }
      for name, value in pairs(more) do
        params[name] = value
      end
      assert.matches(text, refused("ValidationException", "Query", params).message)
    end
  end)

  cloudy("comes in pages, which begin where the last one ended", function()
    fill()
    for _, index in ipairs { false, "by-points" } do
      for _, forward in ipairs { true, false } do
        local found, start, pages = {}, nil, 0
        repeat
          local page = query("player = :p", { [":p"] = "ada" },
            { Limit = 4, ExclusiveStartKey = start,
            IndexName = index or nil, ScanIndexForward = forward })
          table.move(column(page, "at"), 1, page.Count, #found + 1, found)
          start, pages = page.LastEvaluatedKey, pages + 1
        until not start
        assert.equal(2, pages)
        local ascending = forward == (index == false)
        assert.same(ascending and { 1, 2, 3, 4, 5, 6 } or { 6, 5, 4, 3, 2, 1 }, found)
      end
    end
    local key = query("player = :p", { [":p"] = "ada" }, { Limit = 2 }).LastEvaluatedKey
    assert.same(item { player = "ada", at = 2 }, key)
    call("DeleteItem", { TableName = "scores", Key = key })
    assert.same({ 3 }, column(query("player = :p", { [":p"] = "ada" },
      { Limit = 1, ExclusiveStartKey = key }), "at"))
    for _, wrong in ipairs { { player = "bob", at = 1 }, { player = "ada" },
      { player = "ada", at = "x" } } do
      assert.matches("provided starting key", refused("ValidationException", "Query", {
        TableName = "scores", KeyConditionExpression = "player = :p",
        ExpressionAttributeValues = item { [":p"] = "ada" }, ExclusiveStartKey = item(wrong),
      }).message)
    end
  end)

  cloudy("ends a page at a mebibyte", function()
    make()
    for at = 1, 5 do
      put { player = "ada", at = at, x = ("x"):rep(300000) }
    end
    local page = query("player = :p", { [":p"] = "ada" }, { Select = "COUNT" })
    assert.equal(3, page.Count)
    assert.is_nil(page.Items)
    assert.same(item { player = "ada", at = 3 }, page.LastEvaluatedKey)
    assert.equal(2, query("player = :p", { [":p"] = "ada" },
      { ExclusiveStartKey = page.LastEvaluatedKey }).Count)
  end)

  cloudy("filters what it found, after the limit", function()
    fill()
    local page = query("player = :p", { [":p"] = "ada", [":g"] = "go" },
      { FilterExpression = "game = :g", Limit = 3 })
    assert.equal(1, page.Count)
    assert.equal(3, page.ScannedCount)
    assert.same({ 2 }, column(page, "at"))
    assert.same(item { player = "ada", at = 3 }, page.LastEvaluatedKey)
  end)

  cloudy("is refused in DynamoDB's words", function()
    fill()
    local function message(text, plain, more)
      local params = { TableName = "scores", KeyConditionExpression = text,
        ExpressionAttributeValues = plain and item(plain) }
      for name, value in pairs(more or {}) do
        params[name] = value
      end
      return refused("ValidationException", "Query", params).message
    end
    local ada, one = { [":p"] = "ada" }, { [":p"] = "ada", [":n"] = 1 }
    for text, wanted in pairs {
      ["player > :p"] = "Query key condition not supported",
      ["points = :p"] = "Query condition missed key schema element: player",
      ["player = :p OR points = :p"] = "Invalid operator used in KeyConditionExpression: OR",
      ["NOT player = :p"] = "Invalid operator used in KeyConditionExpression: NOT",
      ["player = :p AND player = :p"] = "KeyConditionExpressions must only contain one condition"
        .. " per key",
      ["player = :p AND points <> :p"] = "Invalid operator used in KeyConditionExpression: <>",
      ["player.x = :p"] = "Key attributes must be scalars; list random access '[]' and map lookup"
        .. " '.' are not allowed: Key: player",
    } do
      assert.equal(wanted, message(text, ada))
    end
    assert.equal("Query condition missed key schema element: at",
      message("player = :p AND points = :n", one))
    assert.matches("does not match schema type", message("player = :n", { [":n"] = 1 }))
    assert.matches("cannot contain an empty string value. Key: player", message("player = :p",
      { [":p"] = "" }))
    assert.matches("Filter Expression can only contain non%-primary key attributes",
      message("player = :p", ada, { FilterExpression = "player = :p" }))
    assert.matches("Value '0' at 'limit' failed to satisfy constraint: Member must have value"
      .. " greater than or equal to 1", message("player = :p", ada, { Limit = 0 }))
    assert.matches("Either the KeyConditions or KeyConditionExpression", message(nil, nil))
    assert.matches("at 'select' failed", message("player = :p", ada, { Select = "SOME" }))
    assert.matches("only the Count", message("player = :p", ada,
      { Select = "COUNT", ProjectionExpression = "points" }))
  end)

  cloudy("orders texts by their bytes, and begins with some", function()
    make {
      AttributeDefinitions = {
        { AttributeName = "player", AttributeType = "S" },
          { AttributeName = "at", AttributeType = "S" },
      },
      KeySchema = {
        { AttributeName = "player", KeyType = "HASH" }, { AttributeName = "at", KeyType = "RANGE" },
      },
    }
    local names = { "A", "a", "a\0", "a\0b", "a\1", "aa", "b", "é", "日本", "🎲" }
    for _, name in ipairs(names) do
      put { player = "ada", at = name }
    end
    local function range(operator, value)
      local params = { ExpressionAttributeNames = { ["#a"] = "at" } }
      local list = {}
      for i, one in ipairs(query("player = :p AND " .. operator, { [":p"] = "ada", [":a"] = value },
        params).Items) do
        list[i] = one.at.S
      end
      return list
    end
    assert.same(names, range("#a >= :a", "A"))
    assert.same({ "a", "a\0", "a\0b", "a\1", "aa" }, range("begins_with(#a, :a)", "a"))
    assert.same({ "a\0", "a\0b" }, range("begins_with(#a, :a)", "a\0"))
    assert.same({ "a\1", "aa", "b", "é", "日本", "🎲" }, range("#a > :a", "a\0b"))
    assert.same({ "A", "a" }, range("#a < :a", "a\0"))
  end)
end)

describe("Scan of the local DynamoDB", function()
  cloudy("gives everything once, page by page, in segments or not", function()
    make(nil, true)
    for i = 1, 100 do
      put { player = "p" .. i, points = i }
    end
    for _, total in ipairs { 1, 3, 7 } do
      local seen, count = {}, 0
      for segment = 0, total - 1 do
        local start
        repeat
          local page = call("Scan", { TableName = "scores", Segment = segment,
            TotalSegments = total,
            Limit = 9, ExclusiveStartKey = start })
          for _, one in ipairs(page.Items) do
            assert.is_nil(seen[one.player.S])
            seen[one.player.S], count = segment, count + 1
          end
          start = page.LastEvaluatedKey
        until not start
      end
      assert.equal(100, count)
    end
    local some = call("Scan", { TableName = "scores", FilterExpression = "points > :n",
      Select = "COUNT",
      ExpressionAttributeValues = item { [":n"] = 90 } })
    assert.equal(10, some.Count)
    assert.equal(100, some.ScannedCount)
    for _, params in ipairs { { Segment = 0 }, { TotalSegments = 2 },
      { Segment = 2, TotalSegments = 2 },
      { Segment = -1, TotalSegments = 2 }, { Segment = 0, TotalSegments = 1000001 } } do
      params.TableName = "scores"
      refused("ValidationException", "Scan", params)
    end
  end)
end)
