--- Documents of other servers, fetched beside the loop's other tasks.
local clock = require "host.clock"
local fetch = require "engine.local.http.fetch"
local loop = require "engine.local.loop"
local server = require "host.server"

-- Calls `body(url, requests)` beside a server that answers with `answer(request)`, or not at all.
local function with_server(answer, body)
  loop.run(function()
    local listening, requests = assert(server.listen()), {}
    loop.watch(listening:fd(), function()
      for request in function() return listening:next() end do
        table.insert(requests, request)
        local said = answer(request)
        if said then
          listening:respond(request.id, said)
        end
      end
    end)
    local ok, problem = pcall(body, "http://127.0.0.1:" .. listening:port(), requests)
    loop.unwatch(listening:fd())
    listening:close()
    assert(ok, problem)
  end)
end

describe("engine.local.http.fetch", function()
  it("fetches a document as it is, up to 64 KiB", function()
    local bytes = ("\0\xff\r\ndone\n"):rep(65536 // 9) .. ("x"):rep(65536 % 9)
    with_server(function(request)
      return { status = 200, body = request.path == "/more" and bytes .. "x" or bytes }
    end, function(url, requests)
      assert.equal(bytes, assert(fetch.get(url .. "/a?b=c", 5)))
      assert.equal("/a?b=c", requests[1].target)
      assert.equal("GET", requests[1].method)
      local body, problem = fetch.get(url .. "/more", 5)
      assert.is_nil(body)
      assert.matches("65536", problem)
    end)
  end)

  it("takes no answer but a whole one of status 200", function()
    for status, answer in pairs {
      [204] = { status = 204 },
      [302] = { status = 302, headers = { Location = "/there" } },
      [500] = { status = 500, body = "done\nx" },
    } do
      with_server(function()
        return answer
      end, function(url, requests)
        local body, problem = fetch.get(url, 5)
        assert.is_nil(body)
        assert.equal("it answers with status " .. status, problem)
        assert.equal(1, #requests)
      end)
    end
  end)

  it("waits no longer than it is told, and holds nobody up", function()
    with_server(function() end, function(url)
      local turns, done = 0, false
      loop.spawn(function()
        while not done do
          loop.sleep(0.01)
          turns = turns + 1
        end
      end)
      local started = clock.monotonic()
      local body, problem = fetch.get(url, 0.3)
      done = true
      assert.is_nil(body)
      assert.truthy(problem ~= "" and problem)
      assert.truthy(clock.monotonic() - started >= 0.3)
      assert.truthy(turns > 5)
    end)
  end)

  it("says when nobody answers", function()
    loop.run(function()
      local listening = assert(server.listen())
      local url = "http://127.0.0.1:" .. listening:port()
      listening:close()
      local body, problem = fetch.get(url, 5)
      assert.is_nil(body)
      assert.matches("127.0.0.1", problem, 1, true)
    end)
  end)

  it("asks nobody but by https, this machine aside", function()
    for _, url in ipairs {
      "https://id.example", "https://id.example:8443/a?b",
      "http://127.0.0.1:1/", "http://localhost", "http://LOCALHOST/a", "http://[::1]:80/",
      "http://x.s3-website.localhost:1/x",
    } do
      assert.is_nil(fetch.obstacle(url))
    end
    for url, obstacle in pairs {
      ["http://id.example/"] = "it does not begin with https://, and is not on this machine",
      ["http://127.0.0.2/"] = "it does not begin with https://, and is not on this machine",
      ["http://localhost.example/"] = "it does not begin with https://, and is not on this machine",
      ["http://xlocalhost/"] = "it does not begin with https://, and is not on this machine",
      ["http://127.0.0.1@id.example/"] = "it holds a user's name",
      ["https://ada:secret@id.example/"] = "it holds a user's name",
      ["ftp://localhost/"] = "it does not begin with https://",
      ["file:///etc/passwd"] = "it does not begin with https://",
      ["HTTPS://id.example"] = "it does not begin with https://",
      ["https:id.example"] = "it does not begin with https://",
      ["/x"] = "it does not begin with https://",
      ["--help"] = "it does not begin with https://",
      [""] = "it does not begin with https://",
      ["https://id.example/\r\nX: y"] = "it is no URL",
      ["https://id.example/ "] = "it is no URL",
      ["https://id.example/\0"] = "it is no URL",
      ["https://id\xc3\xa9.example/"] = "it is no URL",
      ["https://id.example/" .. ("x"):rep(2048)] = "it is no URL",
      [42] = "it is no URL",
    } do
      assert.equal(obstacle, fetch.obstacle(url))
      local body, problem = fetch.get(url, 5)
      assert.is_nil(body)
      assert.equal(obstacle, problem)
    end
  end)
end)
