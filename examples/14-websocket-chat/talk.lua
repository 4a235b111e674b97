-- laconic run talk.lua URL: a conversation of three clients with the chat, each of them a WebSocket. What
-- a client hears is printed; an answer that does not come within ten seconds is an error.
local json = require "host.json"
local poll = require "host.poll"
local websocket = require "host.websocket"

local url = assert(arg[1], "say the chat's URL")
local clients = {}

local function connect(name)
  clients[name] = assert(websocket.connect { url = url .. "?name=" .. name })
  print(name .. " is there")
end

local function hear(name)
  local socket = clients[name]
  local kind, data = socket:next()
  while not kind do
    assert(#assert(poll.wait({ socket:fd() }, 10)) > 0, name .. " hears nothing")
    kind, data = socket:next()
  end
  print(("%s hears %s"):format(name, kind == "text" and data or kind))
end

-- Sends a message; then each of `listeners` hears one.
local function send(name, message, listeners)
  local text = type(message) == "string" and message or assert(json.encode(message))
  print(("%s sends %s"):format(name, text))
  assert(clients[name]:send(text))
  for _, listener in ipairs(listeners) do
    hear(listener)
  end
end

connect "ada"
connect "bob"
connect "eve"
send("ada", { action = "join", room = "tea" }, { "ada" })
send("bob", { action = "join", room = "tea" }, { "ada", "bob" })
send("ada", { action = "say", text = "Milk first?" }, { "bob" })
send("eve", { action = "say", text = "Anybody here?" }, {})
send("bob", { action = "say", text = "Never." }, { "ada" })
send("eve", "hello", { "eve" })

local refused, problem = websocket.connect { url = url }
assert(not refused)
print("without a name nobody connects: status " .. problem.status)
