local asked_aws = dofile "tests/stdlib/asked_aws.lua"
local dynamodb = require "laconic.aws.dynamodb"
local expression = require "laconic.aws.dynamodb.expression"
local values = require "laconic.aws.dynamodb.values"
local json = require "host.json"

local function raised_by(fn, ...)
  local ok, raised = pcall(fn, ...)
  assert.is_false(ok)
  return tostring(raised)
end

-- Through DynamoDB's form and back.
local function there_and_back(value)
  return values.read(assert(json.decode(assert(json.encode(values.write(value))))))
end

describe("laconic.aws.dynamodb.values", function()
  it("writes what DynamoDB reads", function()
    assert.equal(
      '{"M":{"b":{"B":"AAE="},"e":{"M":{}},"f":{"N":"0.1"},"i":{"N":"9223372036854775807"},'
        .. '"l":{"L":[{"N":"1"},{"NULL":true}]},"n":{"L":[]},"s":{"S":"x"},"t":{"BOOL":true}}}',
      json.encode(values.write {
        b = values.binary "\0\1",
        e = {},
        f = 0.1,
        i = math.maxinteger,
        l = { 1, json.null },
        n = json.array {},
        s = "x",
        t = true,
      })
    )
    assert.equal('{"SS":["a","b"]}', json.encode(values.write(values.set { "a", "b" })))
    assert.equal('{"NS":["1","2.5"]}', json.encode(values.write(values.set { 1, 2.5 })))
    assert.equal('{"BS":["YQ=="]}', json.encode(values.write(values.set { values.binary "a" })))
  end)

  it("keeps integers of 64 bits, and floats, as they are", function()
    for _, number in ipairs {
      0, 1, -1, 2 ^ 53 // 1 | 0, 9007199254740993, math.maxinteger, math.mininteger,
    } do
      assert.equal("integer", math.type(there_and_back(number)))
      assert.equal(number, there_and_back(number))
    end
    for _, number in ipairs {
      0.1, 0.1 + 0.2, 1 / 3, -1.5e100, 5e-120, 123456.789, math.pi, 1e15, 2 ^ 60,
    } do
      assert.equal(number, there_and_back(number))
    end
  end)

  it("gives what no number of Lua's holds digit by digit", function()
    for _, digits in ipairs {
      "9223372036854775808",
      "12345678901234567890123456789012345678",
      "0.1234567890123456789",
      "-99999999999999999999.5",
    } do
      local value = values.read { N = digits }
      assert.equal("table", type(value))
      assert.equal(digits, tostring(value))
      assert.same({ N = digits }, values.write(value))
    end
    assert.equal(1e20, values.read { N = "100000000000000000000" })
    assert.equal(0.5, values.read { N = "00.50" })
    assert.equal(1e-5, values.read { N = "1E-5" })
  end)

  it("gives bytes and sets back as what they were", function()
    assert.equal(values.binary "\0\255", there_and_back(values.binary "\0\255"))
    local set = there_and_back(values.set { "a", "b" })
    assert.is_true(set:has "b")
    assert.is_false(set:has "c")
    assert.equal('{"SS":["a","b"]}', json.encode(values.write(set)))
    assert.equal("[]", json.encode(there_and_back(json.array {})))
    assert.equal(json.null, there_and_back(json.null))
  end)

  it("says where it met what is no value of DynamoDB's", function()
    local function refuses(message, value)
      local raised = assert.has_error(function()
        values.read(value)
      end, message)
      assert.equal("InvalidAttributeValue", raised.type)
    end
    refuses("value: table expected, got string", "text")
    refuses("value: one type and its value expected", {})
    refuses("value: one type and its value expected", { S = "a", N = "1" })
    refuses("value: no type 'X' is known", { X = "a" })
    refuses("value: string expected, got number", { N = 1 })
    refuses("value.a[2].b: a number expected", {
      M = { a = { L = { { S = "" }, { M = { b = { N = "0x10" } } } } } },
    })
    for _, text in ipairs { "", "nan", "inf", "1 ", "--1", "1e", ".", "1\n" } do
      refuses("value: a number expected", { N = text })
    end
    refuses("value[1]: string expected, got boolean", { SS = { true } })
    refuses("value: table expected, got string", { L = "a" })
    refuses("value: not a base64 character at byte 1", { B = "????" })
    refuses("value: boolean expected, got string", { BOOL = "true" })
  end)

  it("says where it met what DynamoDB cannot hold", function()
    local function write(item)
      return raised_by(values.write_map, item)
    end

    assert.matches("item%.a%.b%[2%]: DynamoDB cannot hold a function",
      write { a = { b = { 1, print } } })
    assert.matches("item%.n: DynamoDB has no number", write { n = 0 / 0 })
    assert.matches("item%.n: DynamoDB has no number", write { n = math.huge })
    assert.matches("item%.s: a set holds", write { s = values.set {} })
    assert.matches("item%.s%[2%]: the values of a set are of one kind",
      write { s = values.set { 1, "a" } })
    assert.matches("item%.m: names are strings, got 2", write { m = { a = 1, [2] = 3 } })
    local circle = {}
    circle.a = circle
    assert.matches("nested more than 32 deep", write { circle = circle })
    assert.matches("'12a' is no decimal number", raised_by(values.number, "12a"))
  end)
end)

describe("laconic.aws.dynamodb.expression", function()
  it("binds every name and value of a change", function()
    local params = expression.params {
      set = { ["address.city"] = "London", ["list[0].x"] = 1 },
      add = { count = 1 },
      delete = { tags = values.set { "a" } },
      remove = { "status" },
    }

    assert.equal(
      "SET #n1.#n2 = :v3, #n4[0].#n5 = :v6 ADD #n7 :v8 DELETE #n9 :v10 REMOVE #n11",
      params.UpdateExpression
    )
    assert.equal("address", params.ExpressionAttributeNames["#n1"])
    assert.equal("status", params.ExpressionAttributeNames["#n11"])
    assert.same({ S = "London" }, params.ExpressionAttributeValues[":v3"])
  end)

  it("says nothing where nothing was said", function()
    assert.is_nil(next(expression.params {}))
    assert.is_nil(next(expression.params { set = {}, remove = {} }))
  end)

  it("wants a change said one way, and names that are names", function()
    local both = { update = "SET a = :a", add = { b = 1 } }
    assert.matches("not both", raised_by(expression.params, both))
    assert.matches("names: ", raised_by(expression.params, { names = { status = "status" } }))
    assert.matches("values: ", raised_by(expression.params, { values = { open = 1 } }))
  end)
end)

describe("laconic.aws.dynamodb", function()
  it("reads an item, or that there is none", function()
    local client, asked = asked_aws("dynamodb", {
      { json = { Item = { id = { S = "a" }, n = { N = "3" } } } },
      { json = {} },
    })

    assert.same({ id = "a", n = 3 }, dynamodb.get {
      table = "t",
      key = { id = "a" },
      projection = { "id", "n" },
      client = client,
    })
    assert.is_nil(dynamodb.get { table = "t", key = { id = "b" }, client = client })
    assert.equal("#n1, #n2", asked[1].json.ProjectionExpression)
    assert.same({ id = { S = "a" } }, asked[1].json.Key)
  end)

  it("sends what a batch leaves over again, and what is past a call in another", function()
    local client, asked = asked_aws("dynamodb", function(n, request)
      local items = assert(json.decode(request.body)).RequestItems.t
      if n == 1 then
        return { json = { UnprocessedItems = { t = { items[1], items[2] } } } }
      end
      return { json = { UnprocessedItems = {} } }
    end)
    local put = {}
    for i = 1, 26 do
      put[i] = { id = i }
    end

    dynamodb.batch_write { table = "t", put = put, client = client }

    assert.equal(3, #asked)
    assert.equal(25, #asked[1].json.RequestItems.t)
    assert.equal(2, #asked[2].json.RequestItems.t)
    assert.same({ N = "26" }, asked[3].json.RequestItems.t[1].PutRequest.Item.id)
  end)

  it("asks again for the keys that a batch left over", function()
    local client, asked = asked_aws("dynamodb", {
      {
        json = {
          Responses = { t = { { id = { N = "1" } } } },
          UnprocessedKeys = { t = { Keys = { { id = { N = "2" } } } } },
        },
      },
      { json = { Responses = { t = { { id = { N = "2" } } } } } },
    })

    local items = dynamodb.batch_get {
      table = "t",
      keys = { { id = 1 }, { id = 2 } },
      consistent = true,
      client = client,
    }

    assert.same({ { id = 1 }, { id = 2 } }, items)
    assert.same({ { id = { N = "2" } } }, asked[2].json.RequestItems.t.Keys)
    assert.is_true(asked[2].json.RequestItems.t.ConsistentRead)
  end)

  it("gives up on a batch in the end, and says how much is undone", function()
    local client, asked = asked_aws("dynamodb", function(_, request)
      local items = assert(json.decode(request.body)).RequestItems
      return { json = { UnprocessedItems = items } }
    end)

    local ok, raised = pcall(dynamodb.batch_write, {
      table = "t",
      delete = { { id = 1 }, { id = 2 } },
      client = client,
    })

    assert.is_false(ok)
    assert.equal("UnprocessedItems", raised.code)
    assert.equal(2, raised.unprocessed)
    assert.is_true(raised.retryable)
    assert.equal(10, #asked)
  end)

  it("gives one item after another across pages, empty ones included", function()
    local client, asked = asked_aws("dynamodb", {
      { json = { Items = { { n = { N = "1" } } }, LastEvaluatedKey = { n = { N = "1" } } } },
      { json = { Items = json.array {}, LastEvaluatedKey = { n = { N = "5" } } } },
      { json = { Items = { { n = { N = "6" } } } } },
    })
    local seen = {}

    for item in dynamodb.query {
      table = "t",
      key_condition = "id = :id",
      values = { [":id"] = "a" },
      descending = true,
      client = client,
    } do
      table.insert(seen, item.n)
    end

    assert.same({ 1, 6 }, seen)
    assert.is_false(asked[1].json.ScanIndexForward)
    assert.same({ n = { N = "5" } }, asked[3].json.ExclusiveStartKey)
  end)

  it("wants each step of a transaction to be one thing", function()
    assert.matches("transact%[1%]: one of put, update, delete and check",
      raised_by(dynamodb.transact, { {} }))
    assert.matches("transact%[1%]: unknown field 'insert'",
      raised_by(dynamodb.transact, { { insert = {} } }))
    assert.matches("transact%[1%]%.check: field 'condition' is missing",
      raised_by(dynamodb.transact, { { check = { table = "t", key = { id = 1 } } } }))
  end)
end)
