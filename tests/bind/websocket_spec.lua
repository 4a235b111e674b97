local loopback = dofile "tests/bind/loopback.lua"
local poll = require "host.poll"
local process = require "host.process"
local program = dofile "tests/program.lua"
local server = require "host.server"
local websocket = require "host.websocket"

local function start()
  local child = assert(process.spawn {
    program.path, "run", "tests/bind/websocket_server.lua", error = "inherit",
  })
  local said = ""
  while not said:find "\n" do
    assert(#assert(poll.wait({ child:fd() }, 20)) > 0, "the server is not ready")
    said = said .. assert(child:read(), "the server ended")
  end
  return child, ("ws://127.0.0.1:%s"):format(said:match "^%d+")
end

local function await(socket)
  while true do
    local kind, data, code = socket:next()
    if kind then
      return { kind, data, code }
    end
    assert(#assert(poll.wait({ socket:fd() }, 20)) > 0, "nothing came")
  end
end

-- What the server said of the end.
local function last_words(child)
  assert(child:wait(20))
  local said = child:read() or ""
  child:close()
  return said
end

describe("host.websocket", function()
  it("carries messages both ways", function()
    local child, url = start()
    local socket <close> = assert(websocket.connect { url = url .. "/tea?a=1" })
    assert.equal("websocket (open)", tostring(socket))
    assert.same({ "text", "welcome" }, await(socket))
    assert.is_true(socket:send "é\0")
    assert.same({ "text", "é\0" }, await(socket))
    assert.is_true(socket:send("\255", "binary"))
    assert.same({ "binary", "\255" }, await(socket))
    assert.is_true(socket:send "many")
    assert.equal(300000, #await(socket)[2])
    assert.is_true(socket:send("are you there", "ping"))
    assert.same({ "pong", "are you there" }, await(socket))
    assert.equal(0, socket:ahead())

    assert.is_true(socket:finish(4000, "enough"))
    assert.is_false(socket:send "late")
    assert.same({ "close", "", 4000 }, await(socket))
    assert.same({ "close", "", 4000 }, await(socket))
    assert.equal("closed 4000 enough\n", last_words(child))
  end)

  it("tells how the other side ends", function()
    local child, url = start()
    local socket <close> = assert(websocket.connect { url = url })
    assert.same({ "text", "welcome" }, await(socket))
    socket:send "end"
    assert.same({ "close", "tea time", 4001 }, await(socket))
    assert.equal("closed 4001 \n", last_words(child))
  end)

  it("ends what is larger than it may be with code 1009", function()
    local child, url = start()
    local socket <close> = assert(websocket.connect { url = url, max_message = 100000 })
    assert.same({ "text", "welcome" }, await(socket))
    socket:send "many"
    assert.equal(1009, await(socket)[3])
    assert.matches("^closed 1009 ", last_words(child))
  end)

  it("returns nil and an error when there is no WebSocket to be had", function()
    local child, url = start()
    local socket, err = websocket.connect { url = url .. "/refused" }
    assert.is_nil(socket)
    assert.equal("service", err.kind)
    assert.equal(403, err.status)
    child:kill(9)
    child:wait(20)
    child:close()

    local unused = assert(server.listen())
    local port = unused:port()
    unused:close()
    socket, err = websocket.connect { url = "ws://127.0.0.1:" .. port }
    assert.is_nil(socket)
    assert.equal("network", err.kind)

    local silent <close> = assert(server.listen())
    socket, err = websocket.connect {
      url = "ws://127.0.0.1:" .. silent:port(), timeout = 0.05,
    }
    assert.is_nil(socket)
    assert.matches("does not answer in time", err.message)

    socket, err = websocket.connect { url = "wss://127.0.0.1/" }
    assert.is_nil(socket)
    assert.equal("input", err.kind)
  end)

  it("takes no answer to another handshake than its own", function()
    for _, accept in ipairs { "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "" } do
      local other = loopback.serve {
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " .. accept .. "\r\n\r\n",
      }
      local socket, err = websocket.connect { url = other.url:gsub("^http", "ws") }
      assert.is_nil(socket)
      assert.equal("a server agreed to another WebSocket than ours", err.message)
      other.requests()
    end
  end)

  it("raises for misuse, and names the field", function()
    assert.error_matches("unknown field 'uri'", function()
      websocket.connect { uri = "ws://127.0.0.1/" }
    end)
    assert.error_matches("field 'headers': a line break", function()
      websocket.connect { url = "ws://127.0.0.1/", headers = { { "a", "b\r\nc: d" } } }
    end)
    assert.error_matches("field 'max_frame'", function()
      websocket.connect { url = "ws://127.0.0.1/", max_frame = 0 }
    end)
    local child, url = start()
    local socket = assert(websocket.connect { url = url })
    assert.error_matches("a close code", function()
      socket:finish(1005)
    end)
    assert.error_matches("invalid option 'sound'", function()
      socket:send("x", "sound")
    end)
    socket:close()
    socket:close()
    assert.equal("websocket (closed)", tostring(socket))
    assert.error_matches("closed websocket", function()
      socket:next()
    end)
    assert.equal("closed 1006 \n", last_words(child))
  end)
end)

describe("host.server's upgrade", function()
  it("refuses a key that is none, and a request that is not there", function()
    local http <close> = assert(server.listen())
    local socket, err = http:upgrade(1, { key = "short" })
    assert.is_nil(socket)
    assert.matches("Sec%-WebSocket%-Key", err.message)
    socket, err = http:upgrade(1, { key = "dGhlIHNhbXBsZSBub25jZQ==" })
    assert.is_nil(socket)
    assert.equal("there is no such request", err.message)
    assert.error_matches("field 'key'", function()
      http:upgrade(1, {})
    end)
  end)
end)
