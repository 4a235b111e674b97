--- A program for tests: says its port, takes one WebSocket, and sends back what it hears. "end" ends it
--- with code 4001, "many" is answered with a large message, "/refused" is.
local poll = require "host.poll"
local server = require "host.server"

local function header(request, name)
  for _, pair in ipairs(request.headers) do
    if pair[1]:lower() == name then
      return pair[2]
    end
  end
end

local function echo(socket)
  while true do
    local kind, data, code = socket:next()
    if kind == "close" then
      io.stdout:write(("closed %d %s\n"):format(code, data))
      return
    elseif not kind then
      assert(#assert(poll.wait({ socket:fd() }, 20)) > 0)
    elseif data == "end" then
      socket:finish(4001, "tea time")
    elseif kind == "text" or kind == "binary" then
      socket:send(data == "many" and ("x"):rep(300000) or data, kind)
    end
  end
end

local http <close> = assert(server.listen())
io.stdout:write(http:port(), "\n")
io.stdout:flush()
while true do
  local request = http:next()
  if not request then
    assert(#assert(poll.wait({ http:fd() }, 20)) > 0)
  elseif request.path == "/refused" then
    http:respond(request.id, { status = 403, body = "no tea" })
  else
    local socket <close> = assert(http:upgrade(request.id, {
      key = header(request, "sec-websocket-key"),
      headers = { { "X-Said", header(request, "x-say") or "" } },
      max_message = 1000,
    }))
    socket:send "welcome"
    echo(socket)
    break
  end
end
