local digest = require "host.digest"

describe("host.digest", function()
  it("hashes as the standards say, NUL and all", function()
    assert.equal(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      digest.sha256 "abc"
    )
    assert.equal("a9993e364706816aba3e25717850c26c9cd0d89d", digest.sha1 "abc")
    assert.equal("900150983cd24fb0d6963f7d28e17f72", digest.md5 "abc")
    assert.not_equal(digest.sha256 "a", digest.sha256 "a\0")
  end)

  it("gives an HMAC as 32 raw bytes", function()
    local raw = digest.hmac_sha256("Jefe", "what do ya want for nothing?")
    assert.equal(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      digest.to_hex(raw)
    )
  end)

  it("hashes a file as it hashes the file's bytes", function()
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "wb"))
    local bytes = ("0123456789\0"):rep(20000)
    file:write(bytes)
    file:flush()

    local sha256, md5 = digest.sha256_file(path), digest.md5_file(path)
    local sha1 = digest.sha1_file(path)
    os.remove(path)

    assert.equal(digest.sha256(bytes), sha256)
    assert.equal(digest.md5(bytes), md5)
    assert.equal(digest.sha1(bytes), sha1)
  end)

  it("returns nil and an error for a file that is not there", function()
    local hex, err = digest.sha256_file "/nowhere/at/all"
    assert.is_nil(hex)
    assert.equal("system", err.kind)
    assert.equal("ENOENT", err.code)
    assert.matches("/nowhere/at/all", tostring(err))
  end)

  it("checks with the CRCs, in one piece and in several", function()
    assert.equal(0xCBF43926, digest.crc32("6789", digest.crc32 "12345"))
    assert.equal(0xE3069283, digest.crc32c("6789", digest.crc32c "12345"))
    assert.equal(0xAE8B14860A799888, digest.crc64nvme "123456789")
    assert.equal(0xAE8B14860A799888, digest.crc64nvme("6789", digest.crc64nvme "12345"))
    assert.equal(0xCBF43926, digest.crc32 "123456789")
    assert.equal(0xE3069283, digest.crc32c "123456789")
    assert.equal("integer", math.type(digest.crc32 ""))
  end)

  it("encodes and decodes hex and base64", function()
    local every = {}
    for byte = 0, 255 do
      every[byte + 1] = string.char(byte)
    end
    local bytes = table.concat(every)
    assert.equal("00ff", digest.to_hex "\0\xff")
    assert.equal(bytes, digest.from_hex(digest.to_hex(bytes)))
    assert.equal("aGk=", digest.to_base64 "hi")
    assert.equal(bytes, digest.from_base64(digest.to_base64(bytes)))
    assert.equal("_-8", digest.to_base64url "\xff\xef")
    assert.equal(bytes, digest.from_base64url(digest.to_base64url(bytes)))
  end)

  it("returns nil and an error for text that is not hex or not base64", function()
    for _, refused in ipairs {
      { "from_hex", "0g" }, { "from_base64", "aGk" }, { "from_base64url", "aGk=" },
    } do
      local bytes, err = digest[refused[1]](refused[2])
      assert.is_nil(bytes)
      assert.equal("input", err.kind)
    end
  end)

  it("compares texts to the last byte", function()
    assert.is_true(digest.equal("", ""))
    assert.is_true(digest.equal("a\0b", "a\0b"))
    assert.is_false(digest.equal("a\0b", "a\0c"))
    assert.is_false(digest.equal("x", "a"))
    assert.is_false(digest.equal("a", "ab"))
  end)

  it("gives UUIDs, each another", function()
    local seen = {}
    for _ = 1, 100 do
      local uuid = assert(digest.uuid())
      assert.matches("^%x+%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$", uuid)
      assert.equal(36, #uuid)
      assert.is_nil(seen[uuid])
      seen[uuid] = true
    end
  end)

  it("gives as many random bytes as are asked for", function()
    assert.equal(1, #digest.random(1))
    assert.equal(65536, #digest.random(65536))
    assert.not_equal(digest.random(16), digest.random(16))
  end)

  it("writes random bytes in hexadecimal digits", function()
    assert.matches("^%x%x$", digest.random_hex(1))
    assert.equal(128, #digest.random_hex(64))
    assert.not_equal(digest.random_hex(16), digest.random_hex(16))
    for _, count in ipairs { 0, 65 } do
      assert.error_matches("#1 to 'random_hex' %(1 to 64 expected%)", function()
        digest.random_hex(count)
      end)
    end
  end)

  it("raises for arguments that cannot be meant", function()
    assert.error_matches("#1 to 'sha256' %(string expected, got number%)", function()
      digest.sha256(42)
    end)
    assert.error_matches("#2 to 'hmac_sha256' %(string expected, got no value%)", function()
      digest.hmac_sha256 "key"
    end)
    assert.error_matches("#2 to 'equal' %(string expected, got nil%)", function()
      digest.equal("a", nil)
    end)
    assert.error_matches("#1 to 'sha256_file' %(holds a NUL%)", function()
      digest.sha256_file "a\0b"
    end)
    assert.error_matches("#2 to 'crc32' %(a 32%-bit checksum expected%)", function()
      digest.crc32("a", -1)
    end)
    assert.error_matches("#1 to 'random' %(1 to 65536 expected%)", function()
      digest.random(65537)
    end)
  end)
end)
