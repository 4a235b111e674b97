local http = require "host.http"
local loopback = dofile "tests/bind/loopback.lua"

local answer, serve = loopback.answer, loopback.serve

describe("host.http", function()
  it("sends a request and returns its answer", function()
    local server = serve { answer(201, "a\tb", { "X-Word: one", "X-Word: two" }) }

    local response = assert(http.request {
      method = "PUT",
      url = server.url .. "/path?a=b",
      headers = { { "X-B", "2" }, { "X-A", "1" } },
      body = "nul\0 and more",
    })

    assert.equal(201, response.status)
    assert.equal("a\tb", response.body)
    assert.equal("one, two", response.headers["x-word"])
    assert.equal("3", response.headers["content-length"])
    assert.equal("float", math.type(response.seconds))
    local request = server.requests()[1]
    assert.matches("^PUT /path%?a=b HTTP/1%.1\r\n", request)
    assert.matches("\r\nX%-B: 2\r\nX%-A: 1\r\n", request)
    assert.matches("\r\nContent%-Length: 13\r\n", request)
    assert.matches("\r\n\r\nnul%z and more$", request)
  end)

  it("puts a map of headers in byte order", function()
    local server = serve { answer(200) }

    assert(http.request { url = server.url, headers = { b = "2", a = "1", C = "3" } })

    assert.matches("\r\nC: 3\r\na: 1\r\nb: 2\r\n", server.requests()[1])
  end)

  it("returns any status as an answer", function()
    local server = serve { answer(404, "none") }

    local response = assert(http.request { url = server.url })

    assert.equal(404, response.status)
    assert.equal("none", response.body)
    server.requests()
  end)

  it("sends from a file and receives into one", function()
    local from, to = os.tmpname(), os.tmpname()
    local file = assert(io.open(from, "w"))
    file:write "0123456789"
    file:close()
    local server = serve { answer(200, "received"), answer(500, "failed") }
    local request = {
      url = server.url,
      body_file = { path = from, offset = 3, length = 4 },
      to_file = to,
    }

    local response = assert(http.request(request))
    assert.equal("", response.body)
    response = assert(http.request(request))
    assert.equal("failed", response.body)

    assert.matches("\r\n\r\n3456$", server.requests()[1])
    file = assert(io.open(to))
    assert.equal("received", file:read "a")
    file:close()
    os.remove(from)
    os.remove(to)
  end)

  it("returns nil and an error when no answer comes", function()
    local server = serve { { "", "close" } }
    local response, err = http.request { url = server.url .. "/?token=secret" }
    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.equal("closed", err.code)
    assert.is_true(err.retryable)
    assert.not_matches("secret", tostring(err))
    server.requests()

    response, err = http.request { url = server.url }
    assert.is_nil(response)
    assert.equal("connect", err.code)

    server = serve { { "", "stall" } }
    response, err = http.request { url = server.url, idle_timeout = 0.1 }
    assert.is_nil(response)
    assert.equal("timeout", err.code)
    server.requests()
  end)

  it("returns nil and an error for an answer past its bound", function()
    local server = serve { answer(200, "12345") }
    local response, err = http.request { url = server.url, max_body = 4 }
    assert.is_nil(response)
    assert.equal("limit", err.kind)
    server.requests()
  end)

  it("returns nil and an error for a URL or a header that it cannot send", function()
    local response, err = http.request { url = "ftp://127.0.0.1/" }
    assert.is_nil(response)
    assert.equal("input", err.kind)

    response, err = http.request { url = "http://127.0.0.1/", headers = { a = "b\r\nc: d" } }
    assert.is_nil(response)
    assert.equal("header 'a': its value holds a line end or NUL", tostring(err))
  end)

  it("raises for misuse, naming the field", function()
    local function misuse(message, request)
      local ok, raised = pcall(http.request, request)
      assert.is_false(ok)
      assert.equal("bad argument #1 to 'host.http.request' (" .. message .. ")", raised)
    end

    misuse("table expected, got nil", nil)
    misuse("field 'url': string expected, got nil", {})
    misuse("field 'url': holds a NUL", { url = "http://a/\0" })
    misuse("unknown field 'ulr'", { ulr = "" })
    misuse("field 'timeout': must be above 0", { url = "", timeout = 0 })
    misuse("field 'timeout': must be above 0", { url = "", timeout = 0 / 0 })
    misuse("field 'follow': -1 is not between 0 and 50", { url = "", follow = -1 })
    misuse("field 'headers': two strings in each item expected", { url = "", headers = { { 1 } } })
    misuse("field 'headers': names and values that are strings expected",
      { url = "", headers = { a = 1 } })
    misuse("field 'headers': a list or a map, not both, expected",
      { url = "", headers = { { "a", "b" }, c = "d" } })
    misuse("field 'body_file': table expected", { url = "", body_file = "path" })
    misuse("field 'path': string expected, got nil", { url = "", body_file = {} })
    misuse("unknown field 'name'", { url = "", body_file = { name = "x" } })
    misuse("field 'body_file': there is a body already",
      { url = "", body = "", body_file = { path = "x" } })
    misuse("field 'progress': function expected, got boolean", { url = "", progress = true })
    misuse("field 'sink': function expected, got string", { url = "", sink = "file" })
    misuse("field 'sink': the answer goes to a file already", {
      url = "",
      to_file = "file",
      sink = print,
    })
  end)

  it("tells progress, up to the whole", function()
    local server = serve { answer(200, "answer") }
    local last

    assert(http.request {
      url = server.url,
      body = "four",
      progress = function(...)
        last = { ... }
      end,
    })

    assert.same({ 4, 4, 6, 6 }, last)
    server.requests()
  end)

  it("raises what progress raised, once the transfer has ended", function()
    local server = serve { answer(200, "answer") }
    local mine = {}

    local ok, raised = pcall(http.request, {
      url = server.url,
      body = "four",
      progress = function()
        error(mine)
      end,
    })

    assert.is_false(ok)
    assert.is_true(raised == mine)
    http.request { url = server.url } -- lets the fixture finish its script, whoever it was for
    server.requests()
  end)

  it("gives a 2xx answer's body to a sink, and another's to the answer", function()
    local large = ("0123456789abcdef"):rep(4096)
    local server = serve { answer(200, large), answer(404, "none") }
    local pieces = {}
    local function sink(bytes)
      table.insert(pieces, bytes)
    end

    local response = assert(http.request { url = server.url, sink = sink })
    local refused = assert(http.request { url = server.url, sink = sink })

    assert.equal("", response.body)
    assert.is_true(table.concat(pieces) == large)
    assert.equal("none", refused.body)
    server.requests()
  end)

  it("raises what a sink raised, and bounds what it is given", function()
    local server = serve { answer(200, "answer"), answer(200, "answer") }
    local mine = {}

    local ok, raised = pcall(http.request, {
      url = server.url,
      sink = function()
        error(mine)
      end,
    })
    local given = 0
    local response, err = http.request {
      url = server.url,
      max_body = 5,
      sink = function(bytes)
        given = given + #bytes
      end,
    }

    assert.is_false(ok)
    assert.is_true(raised == mine)
    assert.is_nil(response)
    assert.equal("limit", err.kind)
    assert.equal(0, given)
    server.requests()
  end)

  it("sends several, and keeps their order and their failures apart", function()
    local server = serve { answer(200, "same"), answer(200, "same") }

    local results = http.request_all({
      { url = server.url },
      { url = "nonsense" },
      { url = server.url },
    }, { parallel = 2 })

    assert.equal(3, #results)
    assert.equal("same", results[1].response.body)
    assert.equal("input", results[2].err.kind)
    assert.is_nil(results[2].response)
    assert.equal("same", results[3].response.body)
    assert.same({}, http.request_all {})
    server.requests()
  end)

  it("raises for a mistake in any of several before the first is sent", function()
    local ok, raised = pcall(http.request_all, { { url = "http://127.0.0.1:1/" }, { uri = "" } })
    assert.is_false(ok)
    assert.equal("bad argument #1 to 'host.http.request_all' (unknown field 'uri')", raised)

    ok, raised = pcall(http.request_all, {}, { parallel = 0 })
    assert.is_false(ok)
    assert.equal(
      "bad argument #2 to 'host.http.request_all' (field 'parallel': 0 is not between 1 and 64)",
      raised
    )
  end)
end)
