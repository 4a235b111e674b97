local endpoint = dofile "tests/lua/local/endpoint.lua"
local loop = require "engine.local.loop"
local upstream = require "engine.local.http.upstream"

local function ask(url, more)
  local request = { method = "GET", url = url, headers = {}, seconds = 20 }
  for name, value in pairs(more or {}) do
    request[name] = value
  end
  return upstream.send(request)
end

-- Runs a case as a task, beside a server that answers with `answer`.
local function beside(name, answer, body)
  it(name, function()
    loop.run(function()
      local server <close> = endpoint.open(answer)
      body(server)
    end)
  end)
end

describe("a server behind an API", function()
  beside("is asked while others run", function(request, self)
    if #self.requests == 2 then
      for _, one in ipairs(self.requests) do
        self.server:respond(one.id, { status = 200, body = one.path .. (one.body or "") })
      end
    end
    return request.path == "/now" and { status = 204 } or nil
  end, function(server)
    local task = loop.spawn(ask, server.url .. "/first", { method = "POST", body = "tea" })

    assert.equal("/second", ask(server.url .. "/second").body)
    task:wait()
    assert.equal("/firsttea", task.result.body)
    assert.equal(204, ask(server.url .. "/now").status)
  end)

  beside("that does not answer is told of by what is wrong", function(request)
    return request.path == "/large" and { status = 200, body = ("x"):rep(10485761) } or nil
  end, function(server)
    local gone = endpoint.open(function() end)
    gone:close()
    local function obstacle(url, more)
      local answer, said, because = ask(url, more)
      assert.is_nil(answer)
      assert.is_nil(because:find("secret", 1, true))
      return said
    end

    assert.equal("late", obstacle(server.url .. "/?a=secret", { seconds = 0.05 }))
    assert.equal("unreachable", obstacle(gone.url .. "/secret"))
    assert.equal("misconfigured", obstacle((server.url:gsub("^http", "https"))))
    assert.equal("misconfigured", obstacle "secret")
    assert.equal("misconfigured", obstacle(server.url, { headers = { { "X", "secret\n" } } }))
    assert.equal("large", obstacle(server.url .. "/large"))
    local many = {}
    for i = 1, 257 do
      many[i] = { "X-" .. i, "" }
    end
    assert.equal("misconfigured", obstacle(server.url, { headers = many }))
  end)

  beside("is left when its task is cancelled", function() end, function(server)
    local task = loop.spawn(ask, server.url)
    while #server.requests == 0 do
      loop.sleep(0)
    end

    task:cancel()

    assert.is_true(task.done)
    local _, said = ask(server.url, { seconds = 0.05 })
    assert.equal("late", said)
  end)
end)
