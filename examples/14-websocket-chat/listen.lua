-- laconic run listen.lua URL NAME: stands in the chat's lobby and prints what is heard there, until the
-- chat or Ctrl-C ends it.
local poll = require "host.poll"
local websocket = require "host.websocket"

local url, name = assert(arg[1], "say the chat's URL"), assert(arg[2], "say a name")
local socket <close> = assert(websocket.connect { url = url .. "?name=" .. name })
print(name .. " is there")
io.flush()

local kind, data
repeat
  kind, data = socket:next()
  if kind == "text" then
    print(("%s hears %s"):format(name, data))
    io.flush()
  elseif not kind then
    assert(poll.wait { socket:fd() })
  end
until kind == "close"
