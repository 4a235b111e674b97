-- A WebSocket API from the service file to what its clients hear: provisioned on a local cloud that runs
-- beside, and talked to by several WebSockets at once.
local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"
local poll = require "host.poll"
local websocket = require "host.websocket"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local PATIENCE <const> = 30 -- seconds

-- What stands for all cases: the cloud is slow to make. Each case has clients of its own.
local folder, cloud, url

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return (result.output:gsub("\n$", ""))
end

local function begin()
  folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/service.lua",
    assert(file.read "tests/flow/chatting/service.lua")))
  cloud = served_cloud.start(folder .. "/.laconic/local")
  run("provision", "--local")
  url = run("outputs", "ChatUrl", "--local")
end

local function finish()
  cloud:close()
  assert(file.remove_tree(folder))
end

local function connect(name, room)
  return websocket.connect { url = ("%s?name=%s&room=%s"):format(url, name, room or "hall") }
end

local function hear(socket)
  local kind, data = socket:next()
  while not kind do
    assert.truthy(#assert(poll.wait({ socket:fd() }, PATIENCE)) > 0, "nothing is heard")
    kind, data = socket:next()
  end
  return kind == "text" and (json.decode(data) or data) or kind
end

local function ask(socket, message)
  assert(socket:send(type(message) == "table" and assert(json.encode(message)) or message))
  return hear(socket)
end

-- What the cloud has to find out by itself takes its time.
local function becomes(expected, look)
  local deadline = clock.monotonic() + PATIENCE
  local seen
  repeat
    seen = assert(json.encode(look()))
  until seen == expected or clock.monotonic() > deadline
  assert.equal(expected, seen)
end

describe("a WebSocket API", function()
  it("begins", begin)

  it("lets in whom the authorizer and the route's function let in", function()
    local ada <close> = assert(connect "ada")
    local refused, problem = connect "mallory"
    local turned_away, other_problem = connect "nobody"

    assert.same({ names = { "ada" } }, ask(ada, { ["do"] = "who", room = "hall" }))
    assert.is_nil(refused)
    assert.equal(403, problem.status)
    assert.is_nil(turned_away)
    assert.equal(400, other_problem.status)
  end)

  it("takes each message to its route, and gives back what that answers", function()
    local ada <close> = assert(connect "ada")

    assert.same({ stage = "live", variables = { mood = "bold" } },
      ask(ada, { ["do"] = "context" }))
    assert.equal('what is {"do":"dance"}?', ask(ada, { ["do"] = "dance" }))
    assert.equal("what is tea?", ask(ada, "tea"))
  end)

  it("lets clients speak to one, and to a group", function()
    local ada <close> = assert(connect("ada", "tea"))
    local bob <close> = assert(connect("bob", "coffee"))
    local eve <close> = assert(connect("eve", "tea"))

    assert.same({ sent = true }, ask(ada, { ["do"] = "whisper", to = "bob", text = "psst" }))
    assert.equal("psst", hear(bob))
    assert.same({ sent = 1, gone = 0 }, ask(ada, { ["do"] = "say", text = "milk?" }))
    assert.same({ from = "ada", text = "milk?" }, hear(eve))
    assert.same({ moved = "tea" }, ask(bob, { ["do"] = "move", room = "tea" }))
    assert.same({ sent = 2, gone = 0 }, ask(eve, { ["do"] = "say", text = "no" }))
    assert.same({ from = "eve", text = "no" }, hear(bob))
    assert.same({ from = "eve", text = "no" }, hear(ada))
  end)

  it("forgets who leaves, is sent away, or was never there", function()
    local ada <close> = assert(connect("ada", "den"))
    local bob = assert(connect("bob", "den"))
    local eve <close> = assert(connect("eve", "den"))

    local function who()
      return ask(ada, { ["do"] = "who", room = "den" }).names
    end
    assert.same({ "ada", "bob", "eve" }, who())
    bob:close() -- without a word
    becomes('["ada","eve"]', who)
    assert.same({ closed = true }, ask(ada, { ["do"] = "kick", who = "eve" }))
    assert.equal("close", hear(eve))
    becomes('["ada"]', who)
    assert.same({ sent = false, known = false }, ask(ada, { ["do"] = "haunt" }))
  end)

  it("lets functions speak that no client runs", function()
    local ada <close> = assert(connect("ada", "alone"))
    becomes('["ada"]', function()
      return json.decode(run("invoke", "announce", '{"text":"hush"}', "--local")).names
    end)
    assert.equal("hush", hear(ada))
  end)

  it("ends", finish)
end)
