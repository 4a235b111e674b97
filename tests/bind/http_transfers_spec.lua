local http_transfers = require "host.http_transfers"
local poll = require "host.poll"
local server = require "host.server"

-- Serves and sends in one thread, which is what these transfers are for.
local function with_both(body)
  local listening = assert(server.listen())
  local transfers <close> = assert(http_transfers.open())
  body(transfers, listening, ("http://127.0.0.1:%d"):format(listening:port()))
  listening:close()
end

-- What ended next; requests that come meanwhile go to `answer`.
local function await(transfers, listening, answer)
  while true do
    for request in listening.next, listening do
      answer(request)
    end
    local id, response, err = transfers:next()
    if id then
      return id, response, err
    end
    assert(poll.wait({ transfers:fd(), listening:fd() }, 1))
  end
end

describe("host.http_transfers", function()
  it("sends a request, and tells of the answer when it is there", function()
    with_both(function(transfers, listening, url)
      local seen
      local id = assert(transfers:start {
        method = "PUT", url = url .. "/path?a=b", headers = { { "X-B", "2" }, { "X-A", "1" } },
        body = "nul\0 and more", timeout = 20,
      })

      local ended, response = await(transfers, listening, function(request)
        seen = request
        listening:respond(request.id, {
          status = 404, body = "a\0b", headers = { { "Set-Cookie", "a" }, { "Set-Cookie", "b" } },
        })
      end)

      assert.equal(id, ended)
      assert.equal(404, response.status)
      assert.equal("a\0b", response.body)
      assert.equal("float", math.type(response.seconds))
      local cookies = {}
      for _, pair in ipairs(response.headers) do
        table.insert(cookies, pair[1] == "Set-Cookie" and pair[2] or nil)
      end
      assert.same({ "a", "b" }, cookies)
      assert.equal("PUT", seen.method)
      assert.equal("/path?a=b", seen.target)
      assert.equal("nul\0 and more", seen.body)
      assert.is_nil(transfers:next())
    end)
  end)

  it("has many under way, which end in any order", function()
    with_both(function(transfers, listening, url)
      local waiting, ids = {}, {}
      for i = 1, 20 do
        ids[assert(transfers:start { url = ("%s/%d"):format(url, i), timeout = 20 })] = i
      end
      for _ = 1, 20 do
        local id, response = await(transfers, listening, function(request)
          table.insert(waiting, request)
          for i = #waiting, #waiting == 20 and 1 or math.huge, -1 do
            listening:respond(waiting[i].id, { status = 200, body = waiting[i].path })
          end
        end)
        assert.equal("/" .. ids[id], response.body)
        ids[id] = nil
      end
      assert.is_nil(next(ids))
    end)
  end)

  it("returns nil and an error for what fails", function()
    with_both(function(transfers, listening, url)
      local id = assert(transfers:start { url = url, timeout = 0.05 })
      local ended, response, err = await(transfers, listening, function() end)
      assert.equal(id, ended)
      assert.is_nil(response)
      assert.equal("network", err.kind)
      assert.equal("timeout", err.code)

      transfers:start { url = url, max_body = 1 }
      ended, response, err = await(transfers, listening, function(request)
        listening:respond(request.id, { status = 200, body = "ab" })
      end)
      assert.is_true(ended > id)
      assert.is_nil(response)
      assert.equal("limit", err.kind)

      id, err = transfers:start { url = "ftp://127.0.0.1/" }
      assert.is_nil(id)
      assert.equal("input", err.kind)
    end)
  end)

  it("forgets what is dropped", function()
    with_both(function(transfers, listening, url)
      transfers:drop(assert(transfers:start { url = url .. "/first" }))
      transfers:drop(4711)
      local id = assert(transfers:start { url = url .. "/second" })

      local ended, response = await(transfers, listening, function(request)
        listening:respond(request.id, { status = 200, body = request.path })
      end)

      assert.equal(id, ended)
      assert.equal("/second", response.body)
    end)
  end)

  it("raises for misuse and names the field", function()
    local transfers <close> = assert(http_transfers.open())
    local function raises(pattern, ...)
      local ok, problem = pcall(...)
      assert.is_false(ok)
      assert.matches(pattern, tostring(problem))
    end

    raises("url", transfers.start, transfers, {})
    raises("sink", transfers.start, transfers, { url = "http://127.0.0.1/", sink = print })
    raises("timeout", transfers.start, transfers, { url = "http://127.0.0.1/", timeout = 0 })
    raises("headers", transfers.start, transfers, { url = "http://127.0.0.1/", headers = { 1 } })
    raises("max_body", transfers.start, transfers, { url = "http://127.0.0.1/", max_body = 0 })
    raises("number expected", transfers.drop, transfers, "x")
    assert.equal("HTTP transfers", tostring(transfers))
    transfers:close()
    assert.equal("HTTP transfers (closed)", tostring(transfers))
    raises("closed HTTP transfers", transfers.next, transfers)
  end)
end)
