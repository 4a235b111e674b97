local datagram = require "host.datagram"
local loopback = dofile "tests/bind/loopback.lua"

describe("host.datagram", function()
  it("sends what arrives whole, NULs and all", function()
    local agent = loopback.datagrams(2)

    assert.is_true(datagram.send(agent.address, "one\0more"))
    assert.is_true(datagram.send(agent.address, ("x"):rep(65507)))

    local received = agent.received()
    assert.equal("one\0more", received[1])
    assert.equal(65507, #received[2])
  end)

  it("returns nil and an error for what it does not send", function()
    local sent, err = datagram.send("8.8.8.8:2000", "x")
    assert.is_nil(sent)
    assert.equal("input", err.kind)
    assert.equal("datagrams do not leave the machine: '8.8.8.8:2000'", tostring(err))

    sent, err = datagram.send("127.0.0.1:2000", ("x"):rep(65508))
    assert.is_nil(sent)
    assert.equal("limit", err.kind)
  end)

  it("raises for what is no text", function()
    assert.error_matches("bad argument #1 to 'send' %(string expected, got no value%)", function()
      datagram.send()
    end)
    assert.error_matches("bad argument #2 to 'send' %(string expected, got table%)", function()
      datagram.send("127.0.0.1:2000", {})
    end)
    assert.error_matches("bad argument #1 to 'send'", function()
      datagram.send("127.0.0.1:2000\0", "x")
    end)
  end)
end)
