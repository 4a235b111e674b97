-- Tables by themselves, and as a stack's resources.
local fixture = dofile "tests/lua/local/dynamodb_tables.lua"
local json = require "host.json"
local operation = require "engine.local.services.cloudformation.operation"
local store = require "engine.local.services.cloudformation.store"

local call, item, make, put, refused = fixture.call, fixture.item, fixture.make, fixture.put,
  fixture.refused

local current

local function cloudy(name, body)
  it(name, function()
    fixture.with_cloud(function(cloud)
      current = cloud
      body()
    end)
  end)
end

local function keys(...)
  local list = {}
  for i, name in ipairs { ... } do
    list[i] = { AttributeName = name, KeyType = i == 1 and "HASH" or "RANGE" }
  end
  return list
end

local function attributes(types)
  local list = {}
  for name, kind in pairs(types) do
    table.insert(list, { AttributeName = name, AttributeType = kind })
  end
  table.sort(list, function(a, b)
    return a.AttributeName < b.AttributeName
  end)
  return list
end

local function index(name, ...)
  return { IndexName = name, KeySchema = keys(...), Projection = { ProjectionType = "ALL" } }
end

describe("a table of the local DynamoDB", function()
  cloudy("is made, described, listed and deleted", function()
    local made = make()
    assert.equal("arn:aws:dynamodb:us-east-1:123456789012:table/scores", made.TableArn)
    assert.equal("ACTIVE", made.TableStatus)
    assert.equal("PAY_PER_REQUEST", made.BillingModeSummary.BillingMode)
    assert.equal("Table already exists: scores", refused("ResourceInUseException", "CreateTable", {
      TableName = "scores", AttributeDefinitions = attributes { a = "S" }, KeySchema = keys "a",
    }).message)
    put { player = "ada", at = 1 }
    for _, said in ipairs { "scores", made.TableArn } do
      local shown = call("DescribeTable", { TableName = said }).Table
      assert.equal(1, shown.ItemCount)
      assert.equal(13, shown.TableSizeBytes)
      assert.same(keys("player", "at"), shown.KeySchema)
    end
    make { TableName = "games" }
    local first = call("ListTables", { Limit = 1 })
    assert.same({ "games" }, first.TableNames)
    local rest = call("ListTables", { ExclusiveStartTableName = first.LastEvaluatedTableName })
    assert.same({ "scores" }, rest.TableNames)
    assert.is_nil(rest.LastEvaluatedTableName)
    assert.equal("DELETING", call("DeleteTable",
      { TableName = "scores" }).TableDescription.TableStatus)
    assert.equal("Requested resource not found: Table: scores not found",
      refused("ResourceNotFoundException", "DescribeTable", { TableName = "scores" }).message)
    make()
    assert.equal(0, call("Scan", { TableName = "scores" }).Count)
  end)

  cloudy("is refused when its parts do not fit", function()
    local wrong = "One or more parameter values were invalid: "
    local function message(more)
      local params = { TableName = "scores", AttributeDefinitions = attributes { a = "S", b = "N" },
        KeySchema = keys("a", "b"), BillingMode = "PAY_PER_REQUEST" }
      for name, value in pairs(more) do
        params[name] = value
      end
      return refused("ValidationException", "CreateTable", params).message
    end
    local on_c = { AttributeDefinitions = attributes { a = "S", b = "N", c = "S" } }
    local function with(definitions, field, ...)
      return { AttributeDefinitions = definitions.AttributeDefinitions, [field] = { ... } }
    end
    for wanted, more in pairs {
      ["'ab' at 'tableName' failed to satisfy constraint: Member must have length greater"]
        = { TableName = "ab" },
      ["Member must satisfy regular expression pattern"] = { TableName = "a/b" },
      ["Invalid KeySchema: The first KeySchemaElement is not a HASH key type"]
        = { KeySchema = { { AttributeName = "a", KeyType = "RANGE" } } },
      ["Both the Hash Key and the Range Key element in the KeySchema have the same name"]
        = { KeySchema = keys("a", "a") },
      [wrong .. "Number of attributes in KeySchema does not exactly match"] = on_c,
      [wrong .. "Some index key attributes are not defined in AttributeDefinitions. Keys: [a, x],"
        .. " AttributeDefinitions: [a, b]"] = { KeySchema = keys("a", "x") },
      ["at 'attributeDefinitions.1.member.attributeType'"]
        = { AttributeDefinitions = attributes { a = "L" } },
      ["Neither ReadCapacityUnits nor WriteCapacityUnits can be specified"]
        = { ProvisionedThroughput = { ReadCapacityUnits = 1, WriteCapacityUnits = 1 } },
      ["must both be specified when BillingMode is PROVISIONED"] = { BillingMode = "PROVISIONED" },
      ["at 'billingMode' failed"] = { BillingMode = "FREE" },
      [wrong .. "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], keys"
        .. " used: [a, b]"]
        = with(on_c, "GlobalSecondaryIndexes", index("by-b", "b")),
      ["same leading hash key"] = with(on_c, "LocalSecondaryIndexes", index("by-c", "b", "c")),
      ["Index KeySchema does not have a range key"] = with(on_c, "LocalSecondaryIndexes",
        index("by-c", "a")),
      ["Duplicate index name: by-c"] = with(on_c, "GlobalSecondaryIndexes", index("by-c", "c"),
        index("by-c", "c")),
      ["Unknown ProjectionType: null"] = with(on_c, "GlobalSecondaryIndexes",
        { IndexName = "by-c", KeySchema = keys "c", Projection = {} }),
      ["ProjectionType is INCLUDE, but NonKeyAttributes is not specified"] = with(on_c,
        "GlobalSecondaryIndexes", { IndexName = "by-c", KeySchema = keys "c",
          Projection = { ProjectionType = "INCLUDE" } }),
    } do
      local said = message(more)
      assert.truthy(said:find(wanted, 1, true), said)
    end
    refused("NotImplemented", "CreateTable", { TableName = "scores", KeySchema = keys "a",
      AttributeDefinitions = attributes { a = "S" }, ResourcePolicy = "{}" })
    assert.same({}, call("ListTables", {}).TableNames)
  end)

  cloudy("gains and loses global indexes", function()
    make()
    put { player = "ada", at = 1, game = "go" }
    local changed = call("UpdateTable", { TableName = "scores",
      AttributeDefinitions = attributes { game = "S" },
      GlobalSecondaryIndexUpdates = { { Create = index("by-game", "game") } } }).TableDescription
    assert.equal(1, changed.GlobalSecondaryIndexes[1].ItemCount)
    local function found()
      return call("Query", { TableName = "scores", IndexName = "by-game",
        KeyConditionExpression = "game = :g",
          ExpressionAttributeValues = item { [":g"] = "go" } }).Count
    end
    assert.equal(1, found())
    put { player = "bob", at = 1, game = "go" }
    assert.equal(2, found())
    call("UpdateTable", { TableName = "scores",
      GlobalSecondaryIndexUpdates = { { Delete = { IndexName = "by-game" } } } })
    local shown = call("DescribeTable", { TableName = "scores" }).Table
    assert.is_nil(shown.GlobalSecondaryIndexes)
    assert.same(attributes { at = "N", player = "S" }, (function()
      table.sort(shown.AttributeDefinitions, function(a, b)
        return a.AttributeName < b.AttributeName
      end)
      return shown.AttributeDefinitions
    end)())
    refused("ResourceNotFoundException", "UpdateTable", { TableName = "scores",
      GlobalSecondaryIndexUpdates = { { Delete = { IndexName = "by-game" } } } })
    put { player = "eve", at = 1, game = 5 } -- no index's key any more
  end)

  cloudy("is protected from deletion, tagged, and paid for otherwise", function()
    local made = make { DeletionProtectionEnabled = true, Tags = { { Key = "team", Value = "a" } } }
    assert.matches("currently protected against deletion",
      refused("ValidationException", "DeleteTable", { TableName = "scores" }).message)
    call("TagResource", { ResourceArn = made.TableArn, Tags = { { Key = "team", Value = "b" },
      { Key = "cost", Value = "1" } } })
    call("UntagResource", { ResourceArn = made.TableArn, TagKeys = { "cost" } })
    assert.same({ { Key = "team", Value = "b" } },
      call("ListTagsOfResource", { ResourceArn = made.TableArn }).Tags)
    local changed = call("UpdateTable", { TableName = "scores", BillingMode = "PROVISIONED",
      ProvisionedThroughput = { ReadCapacityUnits = 5, WriteCapacityUnits = 6 },
      DeletionProtectionEnabled = false,
      StreamSpecification = { StreamEnabled = true,
        StreamViewType = "KEYS_ONLY" } }).TableDescription
    assert.equal(5, changed.ProvisionedThroughput.ReadCapacityUnits)
    assert.is_nil(changed.BillingModeSummary)
    assert.matches("table/scores/stream/%d%d%d%d%-", changed.LatestStreamArn)
    call("DeleteTable", { TableName = "scores" })
    refused("NotImplemented", "DescribeContinuousBackups", { TableName = "scores" })
  end)
end)

local function settled(name)
  local stack = store.get(current, "us-east-1", name)
  while stack.operation do
    operation.wait(stack)
  end
  return stack
end

local function apply(action, properties)
  local answer = current:call("cloudformation", action,
    { StackName = "game", TemplateBody = json.encode {
    Resources = { Scores = { Type = "AWS::DynamoDB::Table", Properties = properties } },
    Outputs = {
      Name = { Value = { Ref = "Scores" } },
      Arn = { Value = { ["Fn::GetAtt"] = { "Scores", "Arn" } } },
      Stream = properties.StreamSpecification
        and { Value = { ["Fn::GetAtt"] = { "Scores", "StreamArn" } } },
    },
  } })
  return settled(answer.StackId)
end

local function output(stack, name)
  for _, one in ipairs(stack.outputs) do
    if one.OutputKey == name or one.key == name or one.name == name then
      return one.OutputValue or one.value
    end
  end
end

describe("AWS::DynamoDB::Table", function()
  cloudy("is made, changed, replaced and deleted", function()
    local properties = {
      AttributeDefinitions = attributes { player = "S" },
      KeySchema = keys "player",
      BillingMode = "PAY_PER_REQUEST",
      StreamSpecification = { StreamViewType = "NEW_IMAGE" },
      TimeToLiveSpecification = { AttributeName = "ends", Enabled = "true" },
      Tags = { { Key = "team", Value = "a" } },
    }
    local stack = apply("CreateStack", properties)
    assert.equal("CREATE_COMPLETE", stack.status, stack.status_reason)
    local name = output(stack, "Name")
    assert.matches("^game%-Scores%-%w+$", name)
    assert.equal("arn:aws:dynamodb:us-east-1:123456789012:table/" .. name, output(stack, "Arn"))
    local stream = output(stack, "Stream")
    assert.matches("/stream/", stream)
    call("PutItem", { TableName = name, Item = item { player = "ada", game = "go" } })

    properties.AttributeDefinitions = attributes { game = "S", player = "S" }
    properties.GlobalSecondaryIndexes = { index("by-game", "game") }
    properties.TimeToLiveSpecification = { AttributeName = "until", Enabled = true }
    properties.Tags = { { Key = "team", Value = "b" } }
    stack = apply("UpdateStack", properties)
    assert.equal("UPDATE_COMPLETE", stack.status, stack.status_reason)
    assert.equal(name, output(stack, "Name"))
    assert.equal(stream, output(stack, "Stream"))
    local shown = call("DescribeTable", { TableName = name }).Table
    assert.equal(1, shown.GlobalSecondaryIndexes[1].ItemCount)
    assert.equal("until", call("DescribeTimeToLive",
      { TableName = name }).TimeToLiveDescription.AttributeName)
    local tags = {}
    for _, tag in ipairs(call("ListTagsOfResource", { ResourceArn = shown.TableArn }).Tags) do
      tags[tag.Key] = tag.Value
    end
    assert.equal("b", tags.team)
    assert.equal("Scores", tags["aws:cloudformation:logical-id"])

    properties.AttributeDefinitions = attributes { game = "S", id = "S" }
    properties.KeySchema = keys "id"
    properties.StreamSpecification = nil
    stack = apply("UpdateStack", properties)
    assert.equal("UPDATE_COMPLETE", stack.status, stack.status_reason)
    assert.truthy(output(stack, "Name") ~= name)
    assert.equal(1, #call("ListTables", {}).TableNames)

    current:call("cloudformation", "DeleteStack", { StackName = "game" })
    assert.equal("DELETE_COMPLETE", settled(stack.id).status)
    assert.same({}, call("ListTables", {}).TableNames)
  end)

  cloudy("fails in DynamoDB's words, and leaves nothing", function()
    local stack = apply("CreateStack", {
      AttributeDefinitions = attributes { player = "S", x = "S" }, KeySchema = keys "player",
      BillingMode = "PAY_PER_REQUEST",
    })
    assert.equal("ROLLBACK_COMPLETE", stack.status)
    local reason
    for _, event in ipairs(stack.events) do
      reason = event.status == "CREATE_FAILED" and event.reason or reason
    end
    assert.matches("Number of attributes in KeySchema does not exactly match", reason)
    assert.same({}, call("ListTables", {}).TableNames)
  end)
end)
