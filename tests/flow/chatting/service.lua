-- A WebSocket API with all that handlers can do to its clients: tests/flow/chatting_spec.lua connects to
-- it, on the local cloud.
local laconic = require "laconic"
local connections = require "laconic.connections"
local json = require "host.json"
local websocket = require "laconic.event.websocket"

local service = laconic.service { name = "chatting" }

local api = service:websocket_api {
  name = "chat",
  route_selection = "$request.body.do",
  stage = { name = "live", variables = { mood = "bold" } },
  connections = { ttl = 600 },
}

local guard = service:lambda {
  name = "guard",
  handler = function(event)
    local name = event.queryStringParameters.name
    return {
      principalId = name,
      context = { greeting = "Hello, " .. name },
      policyDocument = {
        Version = "2012-10-17",
        Statement = {
          {
            Action = "execute-api:Invoke",
            Effect = name == "mallory" and "Deny" or "Allow",
            Resource = event.methodArn,
          },
        },
      },
    }
  end,
}

local door = service:lambda {
  name = "door",
  handler = function(event)
    local request = websocket.request(event)
    if request.event_type == "CONNECT" then
      if request.query.name == "nobody" then
        return { statusCode = 400 }
      end
      connections.add(event, { name = request.query.name, group = request.query.room })
    else
      connections.remove(event)
    end
    return { statusCode = 200 }
  end,
}

local function by_name(name)
  for connection in connections.list() do
    if connection.name == name then
      return connection
    end
  end
end

local function names(options)
  local list = json.array {}
  for connection in connections.list(options) do
    table.insert(list, connection.name)
  end
  table.sort(list)
  return list
end

local does = {}

function does.who(_, message)
  return { names = names { group = message.room } }
end

function does.move(event, message)
  return { moved = connections.update(event, { group = message.room }).group }
end

function does.whisper(_, message)
  return { sent = connections.send(by_name(message.to), message.text) }
end

function does.say(event, message)
  local me = connections.get(event)
  local sent, gone = connections.broadcast({ from = me.name, text = message.text },
    { group = me.group, except = event })
  return { sent = sent, gone = gone }
end

function does.kick(_, message)
  return { closed = connections.close(by_name(message.who)) }
end

-- Sends to a connection that nobody has, which is nevertheless in the table.
function does.haunt()
  connections.add("gh0st=", { name = "ghost" })
  local sent = connections.send("gh0st=", "boo")
  return { sent = sent, known = connections.get "gh0st=" ~= nil }
end

function does.context(event)
  local request = websocket.request(event)
  return { stage = request.stage, variables = request.stage_variables }
end

local talk = service:lambda {
  name = "talk",
  handler = function(event)
    local request = websocket.request(event)
    local answer = does[request.route](event, request:json())
    return websocket.response { body = answer }
  end,
}

local other = service:lambda {
  name = "other",
  handler = function(event)
    return { statusCode = 200, body = "what is " .. event.body .. "?" }
  end,
}

api:authorizer {
  name = "guard",
  lambda = guard,
  identity_sources = { "route.request.querystring.name" },
  default = true,
}
api:route { key = "$connect", lambda = door }
api:route { key = "$disconnect", lambda = door }
for _, key in ipairs { "context", "haunt", "kick", "move", "say", "whisper", "who" } do
  api:route { key = key, lambda = talk, response = true }
end
api:route { key = "$default", lambda = other, response = true }

local announce = service:lambda {
  name = "announce",
  handler = function(event)
    local sent, gone = connections.broadcast(event.text)
    return { sent = sent, gone = gone, names = names() }
  end,
}
api:grant_connections(announce)

return service
