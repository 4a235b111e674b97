local address_block = require "engine.local.http.address_block"

describe("a range of addresses", function()
  it("holds the addresses that begin as it does", function()
    local cases = {
      { "192.0.2.0/24", "192.0.2.255", true }, { "192.0.2.0/24", "192.0.3.0", false },
      { "192.0.2.7/24", "192.0.2.1", true }, { "10.0.0.0/9", "10.127.255.255", true },
      { "10.0.0.0/9", "10.128.0.0", false }, { "0.0.0.0/0", "203.0.113.1", true },
      { "192.0.2.1/32", "192.0.2.1", true }, { "192.0.2.1/32", "192.0.2.2", false },
      { "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "192.0.2.11", false },
      { "2001:db8::/32", "2001:db8:1::5", true }, { "2001:db8::/32", "2001:db9::", false },
      { "2001:db8::/33", "2001:db8:7fff::", true }, { "2001:db8::/33", "2001:db8:8000::", false },
      { "::1", "0:0:0:0:0:0:0:1", true }, { "::/0", "::", true }, { "::/0", "127.0.0.1", false },
      { "0.0.0.0/0", "::1", false }, { "::ffff:192.0.2.0/120", "::ffff:c000:207", true },
      { "192.0.2.0/24", "unknown", false },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[3], address_block.contains(case[1], case[2]), case[1] .. " " .. case[2])
    end
  end)

  it("is none where it could not be read", function()
    for _, text in ipairs {
      "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "10.0.0.256", "10.0.0.0.0", "1:2",
      "2001:db8::/129", "1::2::3", ":::", ":1", "1:", "::12345", "1:2:3:4:5:6:7:8:9", "a.b.c.d",
      "10.0.0.0/8/8", "::10.0.0.300",
    } do
      assert.is_false(address_block.is_block(text), text)
      assert.is_false(address_block.contains(text, "10.0.0.0"), text)
    end
    assert.is_false(address_block.is_block(7))
    assert.is_true(address_block.is_block "1:2:3:4:5:6:7:8")
  end)

  it("is remembered with a bound", function()
    for i = 1, 3000 do
      address_block.contains(("10.%d.%d.0/24"):format(i // 256, i % 256), "10.0.0.1")
    end
    assert.is_true(address_block.contains("10.0.0.0/24", "10.0.0.1"))
  end)
end)
