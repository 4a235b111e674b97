local poll = require "host.poll"
local server = require "host.server"

-- Starts a client that says `bytes` on a connection of its own; what it hears is read from the file
-- that is returned.
local function speak(http, bytes)
  local escaped = bytes:gsub("[^%w /:.-]", function(char)
    return ("\\x%02x"):format(char:byte())
  end)
  return assert(io.popen(
    ("exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d; printf \"%s\" >&3; cat <&3'"):format(
      http:port(),
      (escaped:gsub("\\", "\\\\"))
    )
  ))
end

local function await(http)
  local request = http:next()
  while not request do
    assert(#poll.wait({ http:fd() }, 10) > 0, "no request came")
    request = http:next()
  end
  return request
end

local function get(target, headers)
  return ("GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n"):format(target, headers or "")
end

describe("host.server", function()
  local http

  before_each(function()
    http = assert(server.listen { idle_timeout = 20 })
  end)

  after_each(function()
    http:close()
  end)

  it("hands out a whole request and sends its answer", function()
    local client <close> = speak(http, get("/a%20b?x=1&y", "X-One: 1\r\nX-one: 2\r\n"))

    local request = await(http)

    assert.equal("GET", request.method)
    assert.equal("/a%20b?x=1&y", request.target)
    assert.equal("/a%20b", request.path)
    assert.equal("x=1&y", request.query)
    assert.same({ "X-One", "1" }, request.headers[3])
    assert.same({ "X-one", "2" }, request.headers[4])
    assert.equal("", request.body)
    assert.matches("^127%.0%.0%.1:%d+$", request.peer)
    assert.is_true(http:connected(request.id))

    local answer = { status = 201, headers = { ["x-b"] = "2", ["x-a"] = "1" }, body = "a\0b" }
    assert.is_true(http:respond(request.id, answer))
    local text = client:read "a"
    assert.matches("^HTTP/1%.1 201 Created\r\n", text)
    assert.matches("x%-a: 1\r\nx%-b: 2\r\n", text)
    assert.equal("\r\n\r\na\0b", text:sub(-7))
    assert.is_false(http:respond(request.id, answer))
  end)

  it("takes a whole URI apart", function()
    local client <close> = speak(http, get "http://a.example?x=1")

    local request = await(http)

    assert.equal("/", request.path)
    assert.equal("x=1", request.query)
    assert.same({ "Host", "a.example" }, request.headers[1])
    assert.is_true(http:respond(request.id, { status = 204 }))
    assert.matches("^HTTP/1%.1 204 No Content\r\n", client:read "a")
  end)

  it("leaves out what a request does not have", function()
    local client <close> = speak(http, get "/")
    local request = await(http)
    assert.is_nil(request.query)
    assert.is_nil(request.body_file)
    assert.is_true(http:respond(request.id, { status = 204 }))
    assert.matches("204 No Content", client:read "a")
  end)

  it("sends a file from an offset, and removes it when asked", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write "0123456789"
    file:close()
    local client <close> = speak(http, get "/")

    local delivered = http:respond(await(http).id, {
      status = 206,
      body_file = { path = path, offset = 3, length = 4, remove = true },
    })

    assert.is_true(delivered)
    assert.matches("\r\n\r\n3456$", client:read "a")
    assert.is_nil((io.open(path)))
  end)

  it("writes an answer piece by piece", function()
    local client <close> = speak(http, get "/")
    local id = await(http).id

    assert.is_true(http:start(id, { status = 200, headers = { { "x-kind", "stream" } } }))
    assert.is_true(http:write(id, "one"))
    assert.is_true(http:write(id, "two"))
    assert.is_true(http:finish(id))

    local text = client:read "a"
    assert.matches("x%-kind: stream\r\n", text)
    assert.matches("one.*two.*0\r\n\r\n$", text)
    assert.is_false(http:write(id, "late"))
  end)

  it("breaks an answer off, so that its reader sees that the end is missing", function()
    local client <close> = speak(http, get "/")
    local id = await(http).id
    assert.is_true(http:start(id, { status = 200 }))
    assert.is_true(http:write(id, "one"))
    http:abort(id)
    local text = client:read "a"
    assert.matches("one", text)
    assert.is_nil(text:find("0\r\n\r\n", 1, true))
    assert.is_false(http:abort(id))
    assert.is_false(http:finish(id))
  end)

  it("tells how far a streamed answer is ahead of its reader", function()
    local client <close> = speak(http, get "/")
    local id = await(http).id

    assert.is_nil(http:ahead(id))
    assert.is_true(http:start(id, { status = 200 }))
    assert.equal(0, http:ahead(id))
    assert.is_true(http:finish(id))
    assert.is_nil(http:ahead(id))
    assert.matches("200 OK", client:read "a")
  end)

  it("returns nil and an error for an address outside, a taken port, an absent file", function()
    local outside, err = server.listen { host = "0.0.0.0" }
    assert.is_nil(outside)
    assert.equal("input", err.kind)
    assert.matches("only loopback addresses", tostring(err))

    local second, taken = server.listen { port = http:port() }
    assert.is_nil(second)
    assert.equal("EADDRINUSE", taken.code)

    local client <close> = speak(http, get "/")
    local id = await(http).id
    local sent, absent = http:respond(id, { status = 200, body_file = { path = "/no/such" } })
    assert.is_nil(sent)
    assert.equal("ENOENT", absent.code)
    assert.is_true(http:respond(id, { status = 404 }))
    assert.matches("404 Not Found", client:read "a")
  end)

  it("raises for misuse, and names the field", function()
    assert.error_matches("bad argument #1 to 'listen' %(unknown field 'prot'%)", function()
      server.listen { prot = 1 }
    end)
    assert.error_matches("field 'spool': string expected, got boolean", function()
      server.listen { spool = true }
    end)
    assert.error_matches("field 'port': 70000 is not between 0 and 65535", function()
      server.listen { port = 70000 }
    end)
    local misuses = {
      { { body = "" }, "field 'status': integer expected, got nil" },
      { { status = 99 }, "field 'status': 99 is not between 200 and 599" },
      { { status = 200, headers = 1 }, "field 'headers': table expected" },
      { { status = 200, headers = { { "a", "b\r\nc: d" } } }, "field 'headers': a line break" },
      { { status = 200, headers = { a = {} } }, "field 'headers': strings expected" },
      { { status = 200, body_file = { file = "x" } }, "unknown field 'file'" },
      { { status = 200, bodie = "" }, "unknown field 'bodie'" },
    }
    for _, misuse in ipairs(misuses) do
      assert.error_matches(misuse[2], function()
        http:respond(1, misuse[1])
      end)
    end
    local closed = assert(server.listen())
    closed:close()
    closed:close()
    assert.equal("server (closed)", tostring(closed))
    assert.error_matches("closed server", function()
      closed:next()
    end)
  end)
end)
