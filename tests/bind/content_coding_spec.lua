local content_coding = require "host.content_coding"
local digest = require "host.digest"
local gzip = require "host.gzip"

local TEXT = ("hello "):rep(1000)

describe("host.content_coding", function()
  it("opens what it packed, and packs the same in the same way", function()
    for _, coding in ipairs { "gzip", "deflate" } do
      for level = 1, 12 do
        local packed = assert(content_coding.pack(TEXT, coding, { level = level }))
        assert.is_true(#packed < 200)
        assert.equal(TEXT, content_coding.open(packed, coding))
        assert.equal(packed, content_coding.pack(TEXT, coding, { level = level }))
      end
      assert.equal("", content_coding.open(content_coding.pack("", coding), coding))
      assert.equal("\0\1", content_coding.open(content_coding.pack("\0\1", coding), coding))
    end
    assert.equal(TEXT, gzip.decompress(content_coding.pack(TEXT, "gzip")))
    local of_zlib = digest.from_base64 "eJzLSM3JyVfIQCcBaAMIsQ=="
    assert.equal("hello hello hello hello", content_coding.open(of_zlib, "deflate"))
  end)

  it("returns nil and an error for what is of no coding, or of the other", function()
    local packed = content_coding.pack(TEXT, "deflate")
    for _, bytes in ipairs {
      "", "\0", "plain", packed:sub(1, -2), packed .. "\0", content_coding.pack(TEXT, "gzip"),
    } do
      local text, err = content_coding.open(bytes, "deflate")
      assert.is_nil(text)
      assert.equal("input", err.kind)
      assert.equal("no deflate, or deflate that is cut or damaged", tostring(err))
    end
    assert.equal("input", select(2, content_coding.open(packed, "gzip")).kind)
  end)

  it("returns nil and an error for more than is allowed", function()
    for _, coding in ipairs { "gzip", "deflate" } do
      local packed = content_coding.pack(TEXT, coding)
      assert.equal(TEXT, content_coding.open(packed, coding, { max_bytes = #TEXT }))
      local text, err = content_coding.open(packed, coding, { max_bytes = #TEXT - 1 })
      assert.is_nil(text)
      assert.equal("limit", err.kind)
    end
  end)

  it("raises for misuse, and names the field", function()
    assert.error_matches("#2 to 'pack' %(invalid option 'br'%)", function()
      content_coding.pack("x", "br")
    end)
    assert.error_matches("#3 to 'pack' %(field 'level': ", function()
      content_coding.pack("x", "gzip", { level = 13 })
    end)
    assert.error_matches("#3 to 'open' %(unknown field 'most'%)", function()
      content_coding.open("x", "gzip", { most = 1 })
    end)
    assert.error_matches("#1 to 'open' %(string expected, got number%)", function()
      content_coding.open(1, "gzip")
    end)
  end)
end)
