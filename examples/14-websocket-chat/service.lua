local laconic = require "laconic"
local connections = require "laconic.connections"
local websocket = require "laconic.event.websocket"

local service = laconic.service { name = "chat", description = "Rooms to talk in" }

local chat = service:websocket_api { name = "chat", connections = true }

-- Whoever connects says a name, and stands in the lobby.
local door = service:lambda {
  name = "door",
  handler = function(event)
    local request = websocket.request(event)
    if request.event_type == "DISCONNECT" then
      connections.remove(event)
    elseif request.query.name then
      connections.add(event, { name = request.query.name, group = "lobby" })
    else
      return websocket.response { status = 403 } -- nobody connects with this answer
    end
    return websocket.response { status = 200 }
  end,
}

local actions = {}

function actions.join(me, message)
  connections.update(me, { group = message.room })
  connections.broadcast({ joined = me.name, room = message.room }, { group = message.room })
end

function actions.say(me, message)
  connections.broadcast({ from = me.name, text = message.text }, { group = me.group, except = me })
end

local talk = service:lambda {
  name = "talk",
  handler = function(event)
    local request = websocket.request(event)
    actions[request.route](connections.get(event), request:json())
    return websocket.response { status = 200 }
  end,
}

-- What no route is for comes here, whatever it is. The route has a response: what is returned is sent.
local unknown = service:lambda {
  name = "unknown",
  handler = function()
    return websocket.response { body = { error = "say join or say, as JSON with an `action`" } }
  end,
}

chat:route { key = "$connect", lambda = door }
chat:route { key = "$disconnect", lambda = door }
chat:route { key = "join", lambda = talk }
chat:route { key = "say", lambda = talk }
chat:route { key = "$default", lambda = unknown, response = true }

-- No client sends this: `laconic invoke announce` does, or a schedule.
local announce = service:lambda {
  name = "announce",
  handler = function(event)
    local sent, gone = connections.broadcast { announcement = event.text }
    return { sent = sent, gone = gone }
  end,
}
chat:grant_connections(announce)

return service
