-- laconic.aws.dynamodb against the local cloud's tables, over the wire.
local aws = require "laconic.aws"
local dynamodb = require "laconic.aws.dynamodb"
local file = require "host.file"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local session = require "engine.aws.session"

-- Calls `body(client)`: a client of a cloud of its own, which has the table "scores".
local function with_table(body)
  local folder = assert(file.temporary_folder())
  local cloud <close> = served_cloud.start(folder .. "/state")
  local client = aws.client("dynamodb", { session = session.new {
    region = "us-east-1",
    endpoint_url = cloud.url,
    credentials = { access_key_id = "local", secret_access_key = "local-secret" },
    getenv = function() end,
  } })
  local ok, raised = pcall(function()
    client:call("CreateTable", {
      TableName = "scores",
      AttributeDefinitions = {
        { AttributeName = "player", AttributeType = "S" },
        { AttributeName = "day", AttributeType = "N" },
      },
      KeySchema = {
        { AttributeName = "player", KeyType = "HASH" },
          { AttributeName = "day", KeyType = "RANGE" },
      },
      BillingMode = "PAY_PER_REQUEST",
    })
    body(client)
  end)
  assert(file.remove_tree(folder))
  if not ok then
    error(raised, 0)
  end
end

local function with_key(fields, client)
  fields.table, fields.client = "scores", client
  fields.key = fields.key or { player = "ada", day = 1 }
  return fields
end

describe("laconic.aws.dynamodb on the local cloud", function()
  it("puts, gets, updates and deletes plain values", function()
    with_table(function(client)
      local item = {
        player = "ada", day = 1, points = 2 ^ 53 + 0.0,
          exact = dynamodb.number "12345678901234567890.5",
        tags = dynamodb.set { "a", "b" }, raw = dynamodb.binary "\0\255", gone = dynamodb.null,
        games = { { name = "go", won = true } },
      }
      dynamodb.put { table = "scores", item = item, client = client,
        condition = "attribute_not_exists(player)" }
      local ok, raised = pcall(dynamodb.put, { table = "scores", item = item, client = client,
        condition = "attribute_not_exists(player)" })
      assert.is_false(ok)
      assert.equal("ConditionalCheckFailedException", raised.code)

      local got = dynamodb.get(with_key({}, client))
      assert.equal("12345678901234567890.5", tostring(got.exact))
      assert.is_true(got.tags:has "b")
      assert.equal("\0\255", got.raw.bytes)
      assert.equal(dynamodb.null, got.gone)
      assert.same({ { name = "go", won = true } }, got.games)
      assert.same({ games = { { name = "go" } } },
        dynamodb.get(with_key({ projection = { "games[0].name" } }, client)))

      local new = dynamodb.update(with_key({ set = { ["games[1]"] = "chess" }, add = { count = 5 },
        remove = { "raw" }, delete = { tags = dynamodb.set { "a", "b" } } }, client))
      assert.equal(5, new.count)
      assert.equal("chess", new.games[2])
      assert.is_nil(new.tags)
      assert.is_nil(new.raw)
      assert.equal(5, dynamodb.delete(with_key({ return_old = true }, client)).count)
      assert.is_nil(dynamodb.get(with_key({}, client)))
    end)
  end)

  it("queries and scans page by page, and works in batches", function()
    with_table(function(client)
      local items, keys = {}, {}
      for day = 1, 60 do
        items[day] = { player = day % 2 == 0 and "ada" or "bob", day = day, points = day * 10 }
        keys[day] = { player = items[day].player, day = day }
      end
      dynamodb.batch_write { table = "scores", put = items, client = client }
      assert.equal(60, #dynamodb.batch_get { table = "scores", keys = keys, client = client })

      local days = {}
      for item in dynamodb.query { table = "scores", client = client, page_size = 3,
        descending = true, key_condition = "player = :p AND #d BETWEEN :a AND :b",
        filter = "points <> :skip", names = { ["#d"] = "day" },
        values = { [":p"] = "ada", [":a"] = 2, [":b"] = 20, [":skip"] = 100 } } do
        table.insert(days, item.day)
      end
      assert.same({ 20, 18, 16, 14, 12, 8, 6, 4, 2 }, days)
      local count = 0
      for segment = 0, 2 do
        for page in dynamodb.scan_pages { table = "scores", client = client, segment = segment,
          segments = 3, page_size = 7 } do
          count = count + page.count
        end
      end
      assert.equal(60, count)
      dynamodb.batch_write { table = "scores", delete = keys, client = client }
      assert.is_nil(dynamodb.scan { table = "scores", client = client }())
    end)
  end)

  it("does all of a transaction, or nothing", function()
    with_table(function(client)
      local function move(points)
        return { { update = { table = "scores", key = { player = "ada", day = 1 },
          add = { points = -points }, condition = "points >= :n", values = { [":n"] = points } } },
          { update = { table = "scores", key = { player = "bob", day = 1 },
            add = { points = points } } } }
      end
      dynamodb.put { table = "scores", item = { player = "ada", day = 1, points = 5 },
        client = client }

      dynamodb.transact(move(3), { client = client })
      local ok, raised = pcall(dynamodb.transact, move(3), { client = client })

      assert.is_false(ok)
      assert.equal("TransactionCanceledException", raised.code)
      assert.equal(2, dynamodb.get(with_key({}, client)).points)
      assert.equal(3, dynamodb.get(with_key({ key = { player = "bob", day = 1 } }, client)).points)
    end)
  end)
end)
