local digest = require "host.digest"
local gzip = require "host.gzip"

local HELLO = digest.from_base64 "H4sIAAAAAAACA8tIzcnJV8hAJwHjUT2NFwAAAA=="

describe("host.gzip", function()
  it("opens what gzip packed, in one member or in several", function()
    assert.equal("hello hello hello hello", gzip.decompress(HELLO))
    assert.equal(("hello hello hello hello"):rep(3), gzip.decompress(HELLO:rep(3)))
  end)

  it("returns nil and an error for what is no gzip", function()
    for _, bytes in ipairs { "", "\0", "plain text", HELLO:sub(1, -2), HELLO .. "\0" } do
      local text, err = gzip.decompress(bytes)
      assert.is_nil(text)
      assert.equal("input", err.kind)
      assert.equal("no gzip, or gzip that is cut or damaged", tostring(err))
    end
  end)

  it("returns nil and an error for more than is allowed", function()
    assert.equal(23, #gzip.decompress(HELLO, { max_bytes = 23 }))
    local text, err = gzip.decompress(HELLO, { max_bytes = 22 })
    assert.is_nil(text)
    assert.equal("limit", err.kind)
    assert.equal("the gzip opens to more bytes than are allowed", tostring(err))
  end)

  it("raises for misuse, and names the field", function()
    assert.error_matches("#2 to 'decompress' %(unknown field 'most'%)", function()
      gzip.decompress(HELLO, { most = 1 })
    end)
    assert.error_matches("#2 to 'decompress' %(field 'max_bytes': ", function()
      gzip.decompress(HELLO, { max_bytes = "1" })
    end)
    assert.error_matches("#1 to 'decompress' %(string expected, got number%)", function()
      gzip.decompress(12)
    end)
  end)
end)
