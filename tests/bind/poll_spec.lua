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
end)
