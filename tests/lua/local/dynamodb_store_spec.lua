-- What is left on disk: after a cloud that ended, one that was killed, and one whose disk was full.
local digest = require "host.digest"
local file = require "host.file"
local fixture = dofile "tests/lua/local/dynamodb_tables.lua"
local json = require "host.json"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local call, get, item, make, put = fixture.call, fixture.get, fixture.item, fixture.make,
  fixture.put

local function in_folder(name, body)
  it(name, function()
    local folder = assert(file.temporary_folder())
    local ok, problem = pcall(body, folder)
    assert(file.remove_tree(folder))
    if not ok then
      error(problem, 0)
    end
  end)
end

local function with_cloud(folder, body)
  fixture.with_cloud(body, folder)
end

local function journal_of(folder)
  local data = folder .. "/state/dynamodb/data"
  return data .. "/" .. assert(file.list(data))[1] .. "/items.jsonl"
end

local function count()
  return call("Scan", { TableName = "scores", Select = "COUNT" }).Count
end

describe("the tables of a local cloud", function()
  in_folder("are there again when it is opened again", function(folder)
    with_cloud(folder, function()
      make()
      put { player = "ada", at = 1, b = { B = "AP8=" }, l = { 1, {} }, t = "\0é" }
      put { player = "bob", at = 2 }
      call("DeleteItem", { TableName = "scores", Key = item { player = "bob", at = 2 } })
      make { TableName = "gone" }
      call("DeleteTable", { TableName = "gone" })
    end)
    with_cloud(folder, function()
      assert.same(item { player = "ada", at = 1, b = { B = "AP8=" }, l = { 1, {} }, t = "\0é" },
        get { player = "ada", at = 1 })
      assert.equal(1, count())
      assert.same({ "scores" }, call("ListTables", {}).TableNames)
      assert.equal(1, #assert(file.list(folder .. "/state/dynamodb/data")))
    end)
  end)

  in_folder("forgive the line that a kill cut short, and no other", function(folder)
    with_cloud(folder, function()
      make()
      put { player = "ada", at = 1 }
      put { player = "ada", at = 2 }
    end)
    local path = journal_of(folder)
    local text = assert(file.read(path))
    assert(file.write(path, text .. '{"put":[{"player":{"S":"ada"},"at"'))
    with_cloud(folder, function()
      assert.equal(2, count())
      put { player = "ada", at = 3 }
    end)
    with_cloud(folder, function()
      assert.equal(3, count())
    end)
    assert(file.write(path, "{\n" .. text))
    with_cloud(folder, function()
      local ok, problem = pcall(count)
      assert.is_false(ok)
      assert.matches("is damaged in line 1; remove it to go on", tostring(problem))
    end)
  end)

  in_folder("do not grow on disk by what is changed over and over", function(folder)
    with_cloud(folder, function()
      make()
      for i = 1, 30 do
        put { player = "ada", at = 1, x = ("x"):rep(300000), i = i }
      end
      assert.truthy(assert(file.stat(journal_of(folder))).size < 6 * 1024 * 1024)
    end)
    with_cloud(folder, function()
      assert.same({ N = "30" }, get({ player = "ada", at = 1 }).i)
    end)
  end)

  in_folder("keep what was acknowledged, and nothing by halves, when it is killed", function(folder)
    local cloud = served_cloud.start(folder .. "/state")
    local function send(action, params)
      local answer = cloud:send { method = "POST", path = "/", service = "dynamodb",
        headers = { { "X-Amz-Target", "DynamoDB_20120810." .. action },
          { "Content-Type", "application/x-amz-json-1.0" } },
        body = assert(json.encode(params)) }
      assert.equal(200, answer.status, answer.body)
      return json.decode(answer.body)
    end
    for _, name in ipairs { "scores", "games" } do
      send("CreateTable", { TableName = name, BillingMode = "PAY_PER_REQUEST",
        AttributeDefinitions = { { AttributeName = "player", AttributeType = "S" } },
        KeySchema = { { AttributeName = "player", KeyType = "HASH" } } })
    end
    for i = 1, 20 do
      send("PutItem", { TableName = "scores", Item = item { player = "p" .. i } })
    end
    send("TransactWriteItems", { TransactItems = {
      { Put = { TableName = "scores", Item = item { player = "ada" } } },
      { Put = { TableName = "games", Item = item { player = "go" } } },
    } })
    cloud:kill()
    cloud = served_cloud.start(folder .. "/state")
    assert.equal(21, send("Scan", { TableName = "scores" }).Count)
    assert.equal(1, send("Scan", { TableName = "games" }).Count)
    cloud:close()
  end)

  in_folder("finish a transaction of several tables that was written down", function(folder)
    local ids = {}
    with_cloud(folder, function()
      for _, name in ipairs { "scores", "games" } do
        ids[name] = make({ TableName = name }, true).TableId
      end
      put { player = "bob" }
    end)
    local function part(name, id, line)
      return { region = "us-east-1", name = name, id = id, line = line }
    end
    local note = { name = "dynamodb/pending/n", value = {
      part("scores", ids.scores, { put = { item { player = "ada" } },
        drop = { item { player = "bob" } } }),
      part("games", ids.games, { put = { item { player = "go" } } }),
      part("games", "an older table's", { put = { item { player = "chess" } } }),
    } }
    local pending = folder .. "/state/dynamodb/pending"
    assert(file.make_folder(pending))
    assert(file.write(pending .. "/n.json", assert(json.encode(note))))

    with_cloud(folder, function()
      assert.truthy(get { player = "ada" })
      assert.is_nil(get { player = "bob" })
      assert.equal(1, call("Scan", { TableName = "games" }).Count)
      assert.same({}, file.list(pending))
    end)
  end)

  in_folder("refuse a change that cannot be written, and go on when it can", function(folder)
    with_cloud(folder, function()
      make()
      put { player = "ada", at = 1 }
      local path = journal_of(folder)
      local text = assert(file.read(path))
      assert(file.remove(path))
      assert(file.make_folder(path)) -- a file that cannot be appended to

      local ok = pcall(put, { player = "ada", at = 2 })
      assert.is_false(ok)
      assert.equal(1, count())
      assert(file.remove_tree(path))
      assert(file.write(path, text .. '{"half a li'))
      put { player = "ada", at = 3 }
      assert.equal(2, count())
    end)
    with_cloud(folder, function()
      assert.equal(2, count())
    end)
  end)

  in_folder("put and take hundreds of items in their order", function(folder)
    with_cloud(folder, function()
      make()
      local wanted = {}
      for i = 1, 700 do
        local at = tonumber(digest.sha256(tostring(i)):sub(1, 6), 16)
        wanted[i] = at
        put { player = "ada", at = at }
      end
      table.sort(wanted)
      local found, start = {}, nil
      repeat
        local page = call("Query", { TableName = "scores", KeyConditionExpression = "player = :p",
          ExpressionAttributeValues = item { [":p"] = "ada" }, Limit = 300,
            ExclusiveStartKey = start })
        for _, one in ipairs(page.Items) do
          table.insert(found, tonumber(one.at.N))
        end
        start = page.LastEvaluatedKey
      until not start
      assert.same(wanted, found)
    end)
  end)
end)
