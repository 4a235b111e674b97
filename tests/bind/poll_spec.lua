local poll = require "host.poll"
local server = require "host.server"

describe("host.poll", function()
  it("names what is ready, and nothing after a time-out", function()
    local quiet <close> = assert(server.listen())

    assert.same({}, poll.wait({ quiet:fd() }, 0))
    assert.same({}, poll.wait({}, 0.001))
  end)

  it("counts a closed descriptor as ready", function()
    local fd
    do
      local closed <close> = assert(server.listen())
      fd = closed:fd()
    end

    assert.same({ fd }, poll.wait({ fd }, 0))
  end)

  it("raises for what is no list of descriptors", function()
    assert.error_matches("bad argument #1 to 'wait'", function()
      poll.wait(1)
    end)
    assert.error_matches("item 2: file descriptor expected, got string", function()
      poll.wait({ 0, "x" }, 0)
    end)
    assert.error_matches("bad argument #2 to 'wait' %(not a time to wait%)", function()
      poll.wait({}, -1)
    end)
  end)

  it("keeps a set, and fills a list with what of it is ready", function()
    local listening <close> = assert(server.listen())
    local set <close> = assert(poll.set())
    local ready = { 7 }
    assert.is_true(set:add(listening:fd()))
    assert.is_true(set:add(listening:fd()))

    assert.equal(0, set:wait(ready, 0.001))
    assert.same({ 7 }, ready)
    set:remove(listening:fd())
    set:remove(listening:fd())
    set:close()
    assert.equal("poll set (closed)", tostring(set))
  end)

  it("returns nil and an error for what a set cannot wait for", function()
    local set <close> = assert(poll.set())
    local added, err = set:add(9999)

    assert.is_nil(added)
    assert.equal("system", err.kind)
  end)

  it("raises for what is no descriptor, no list and no time", function()
    local set <close> = assert(poll.set())
    assert.error_matches("file descriptor expected", function()
      set:add(-1)
    end)
    assert.error_matches("table expected", function()
      set:wait(1)
    end)
    assert.error_matches("not a time to wait", function()
      set:wait({}, -1)
    end)
    set:close()
    assert.error_matches("closed set", function()
      set:wait {}
    end)
  end)
end)
