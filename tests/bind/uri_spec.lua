local uri = require "host.uri"

describe("host.uri", function()
  it("encodes and decodes", function()
    assert.equal("a%20b%2Fc%00", uri.encode "a b/c\0")
    assert.equal("a%20b/c", uri.encode("a b/c", "/"))
    assert.equal("a b/c\0", uri.decode "a%20b%2fc%00")
    assert.equal("a+b", uri.decode "a+b")
    assert.equal("a b", uri.decode("a+b", true))
  end)

  it("returns nil and an error for a malformed escape", function()
    local text, err = uri.decode "100%"
    assert.is_nil(text)
    assert.equal("input", err.kind)
    assert.equal("malformed escape at byte 4", tostring(err))
  end)

  it("takes a URL apart", function()
    assert.same({
      scheme = "http",
      host = "::1",
      port = 4566,
      authority = "[::1]:4566",
      path = "/a%20b",
      query = "x=1",
      userinfo = "me",
    }, uri.parse "http://me@[::1]:4566/a%20b?x=1")
    assert.same({
      scheme = "https",
      host = "s3.amazonaws.com",
      port = 443,
      authority = "s3.amazonaws.com",
      path = "/",
    }, uri.parse "https://s3.amazonaws.com:443")
  end)

  it("returns nil and an error for what is no URL, without repeating it", function()
    local parts, err = uri.parse "https://h/?X-Amz-Signature=secret#"
    assert.is_nil(parts)
    assert.equal("input", err.kind)
    assert.not_matches("secret", tostring(err))
  end)

  it("reads a query in its order", function()
    assert.same(
      { { "b", "2 3" }, { "a", "" }, { "b", "é&" } },
      uri.parse_query "b=2+3&a&b=%C3%A9%26"
    )
    assert.same({}, uri.parse_query "")
    local list, err = uri.parse_query "a=%zz"
    assert.is_nil(list)
    assert.equal("input", err.kind)
  end)

  it("builds a query from a map in byte order, or from a list as it is", function()
    assert.equal("", uri.build_query {})
    assert.equal(
      "A=1&B=x%20y&a=%26&ab=",
      uri.build_query { a = "&", B = "x y", ab = "", A = 1 }
    )
    assert.equal("z=1&a=2&z=3", uri.build_query { { "z", "1" }, { "a", "2" }, { "z", "3" } })
    local list = { { "a b", "+" }, { "", "é" } }
    assert.same(list, uri.parse_query(uri.build_query(list)))
  end)

  it("raises for arguments that cannot be meant", function()
    assert.error_matches("#1 to 'encode' %(string expected, got nil%)", function()
      uri.encode(nil)
    end)
    assert.error_matches("#1 to 'build_query' %(a value is not a string or a number%)", function()
      uri.build_query { a = true }
    end)
    assert.error_matches("#1 to 'build_query' %({ name, value } expected%)", function()
      uri.build_query { "a" }
    end)
    assert.error_matches("#2 to 'decode' %(boolean expected, got string%)", function()
      uri.decode("a", "plus")
    end)
  end)
end)
