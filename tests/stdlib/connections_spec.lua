-- What handlers say to the clients of a WebSocket API, with an AWS that the spec plays.
local default = require "engine.aws.default"
local json = require "host.json"

local fake_aws = dofile "tests/lua/fake_aws.lua"

local URL <const> = "https://abc.execute-api.eu-west-1.amazonaws.com/production"
local EVENT <const> = {
  requestContext = { connectionId = "c1=", connectedAt = 1700000000123, eventType = "CONNECT" },
}

-- Modules that keep clients from one call to the next: each test has its own.
local KEEPERS <const> = { "laconic.connections", "laconic.aws.client", "laconic.aws.dynamodb" }

local loaded = {}

local environment, asked, answer, connections

local real_getenv = os.getenv

-- `answer(call)` gives { json = … } or { err = … } for { action?, params, url, method, body }.
local function begin()
  environment = {
    CONNECTIONS_URL = URL,
    CONNECTIONS_TABLE = "players",
    CONNECTIONS_TTL = "60",
  }
  os.getenv = function(name) -- luacheck: ignore
    if name:match "^CONNECTIONS_" then
      return environment[name]
    end
    return real_getenv(name)
  end
  asked, answer = {}, function()
    return { json = {} }
  end
  local session = fake_aws.new({}):session()
  session.transport.send = function(request)
    local target = request.headers["X-Amz-Target"] or ""
    local call = {
      action = target:match "%.(%w+)$",
      params = target ~= "" and json.decode(request.body) or nil,
      method = request.method,
      url = request.url,
      body = request.body,
    }
    table.insert(asked, call)
    local said = answer(call)
    if said.err then
      return nil, said.err
    end
    return { status = 200, headers = {}, body = said.json and json.encode(said.json) or "" }
  end
  default.set(session)
  for _, name in ipairs(KEEPERS) do
    loaded[name], package.loaded[name] = package.loaded[name], nil
  end
  connections = require "laconic.connections"
end

local function finish()
  os.getenv = real_getenv -- luacheck: ignore
  default.set(nil)
  for _, name in ipairs(KEEPERS) do
    package.loaded[name] = loaded[name]
  end
end

local GONE <const> = {
  err = { kind = "service", status = 410, code = "GoneException", message = "gone" },
}

local function items(...)
  local list = json.array {}
  for _, id in ipairs { ... } do
    table.insert(list, { connection_id = { S = id }, expires = { N = "99999999999" } })
  end
  return { json = { Items = list, Count = #list, ScannedCount = #list } }
end

describe("laconic.connections", function()
  before_each(begin)
  after_each(finish)

  it("remembers who connects, for a time", function()
    local added = connections.add(EVENT, { group = "lobby", user = "ada" })

    local item = asked[1].params.Item
    assert.equal("PutItem", asked[1].action)
    assert.equal("players", asked[1].params.TableName)
    assert.same({ S = "c1=" }, item.connection_id)
    assert.same({ N = "1700000000" }, item.connected_at)
    assert.same({ S = "ada" }, item.user)
    assert.equal("lobby", added.group)
    local left = added.expires - os.time()
    assert.truthy(left > 55 and left <= 60, left)
  end)

  it("forgets, gets and changes by event, by item and by id", function()
    connections.remove(EVENT)
    connections.get { connection_id = "c2" }
    connections.update("c3", { group = "room-7" }, { "user" })

    assert.equal("DeleteItem", asked[1].action)
    assert.same({ connection_id = { S = "c1=" } }, asked[1].params.Key)
    assert.equal("GetItem", asked[2].action)
    assert.same({ connection_id = { S = "c2" } }, asked[2].params.Key)
    assert.equal("UpdateItem", asked[3].action)
    assert.equal("attribute_exists(connection_id)", asked[3].params.ConditionExpression)
  end)

  it("makes no connection by changing one that is not known", function()
    answer = function()
      return { err = { kind = "service", status = 400, code = "ConditionalCheckFailedException",
        message = "no" } }
    end
    assert.is_nil(connections.update("c3", { group = "a" }))
    answer = function()
      return { err = { kind = "service", status = 400, code = "ValidationException",
        message = "no" } }
    end
    assert.error_matches("ValidationException", function()
      connections.update("c3", { group = "a" })
    end)
  end)

  it("lists all, or a group by its index, without those whose time is over", function()
    answer = function(call)
      local found = items("c1", "c2")
      if call.action == "Query" then
        found.json.Items[1].expires = { N = "1" }
      end
      return found
    end
    local all, group = {}, {}
    for connection in connections.list() do
      table.insert(all, connection.connection_id)
    end
    for connection in connections.list { group = "lobby" } do
      table.insert(group, connection.connection_id)
    end

    assert.same({ "c1", "c2" }, all)
    assert.same({ "c2" }, group)
    assert.equal("Scan", asked[1].action)
    assert.equal("by_group", asked[2].params.IndexName)
    assert.same({ [":group"] = { S = "lobby" } }, asked[2].params.ExpressionAttributeValues)
  end)

  it("posts to the API's own address", function()
    assert.is_true(connections.send(EVENT, { text = "hi" }))
    assert.is_true(connections.send("c2", "plain"))

    assert.equal("POST", asked[1].method)
    assert.equal(URL .. "/@connections/c1%3D", asked[1].url)
    assert.equal('{"text":"hi"}', asked[1].body)
    assert.equal("plain", asked[2].body)
  end)

  it("forgets who is gone, and raises nothing", function()
    answer = function(call)
      return call.method == "POST" and not call.action and GONE or { json = {} }
    end
    assert.is_false(connections.send("c2", "hi"))
    assert.equal("DeleteItem", asked[2].action)
    assert.same({ connection_id = { S = "c2" } }, asked[2].params.Key)

    environment.CONNECTIONS_TABLE = nil
    assert.is_false(connections.send("c2", "hi"))
    assert.equal(3, #asked)
  end)

  it("sends to all but one, whoever of them is gone", function()
    answer = function(call)
      if call.action == "Scan" then
        return items("c1", "c2", "c3", "c4")
      end
      return not call.action and call.url:find "/c3$" and GONE or { json = {} }
    end

    local sent, gone = connections.broadcast("hi", { except = "c2" })

    assert.equal(2, sent)
    assert.equal(1, gone)
  end)

  it("serves the others before it tells who could not be reached", function()
    answer = function(call)
      if call.action == "Scan" then
        return items("c1", "c2", "c3")
      elseif call.url:find "/c1$" then
        return { err = { kind = "service", status = 403, code = "ForbiddenException",
          message = "no" } }
      end
      return { json = {} }
    end
    assert.error_matches("ForbiddenException", function()
      connections.broadcast "hi"
    end)
    assert.matches("/c3$", asked[#asked].url)
  end)

  it("ends a connection, and forgets it", function()
    assert.is_true(connections.close(EVENT))
    assert.equal("DELETE", asked[1].method)
    assert.equal("DeleteItem", asked[2].action)
  end)

  it("says what is missing where nothing was granted", function()
    environment = {}
    assert.error_matches("CONNECTIONS_URL is not set here", function()
      connections.send("c1", "hi")
    end)
    assert.error_matches("CONNECTIONS_TABLE is not set here", function()
      connections.add "c1"
    end)
  end)

  it("refuses what cannot be said, at the author's line", function()
    local mistake = dofile("tests/stdlib/mistakes.lua").of(function(word, ...)
      connections[word](...)
    end)
    mistake("connections.send: an event of a WebSocket API, a connection or its id", "send", {},
      "x")
    mistake("connections.send: body: string or table expected", "send", "c1", 7)
    mistake("the message has 131073 bytes, and API Gateway takes 131072", "send", "c1",
      ("x"):rep(131073))
    mistake("connections.add: attributes.expires: is set by laconic.connections itself", "add",
      "c1", { expires = 1 })
    mistake("connections.broadcast: unknown field 'grup' %(did you mean 'group'%?%)", "broadcast",
      "hi", { grup = "a" })
    mistake("connections.list: unknown field 'groups' %(did you mean 'group'%?%)", "list",
      { groups = "a" })
  end)
end)
