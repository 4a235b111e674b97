local endpoint_url = require "engine.local.http.endpoint_url"

describe("the URL of a server behind an API", function()
  it("is one of http or https with a host", function()
    assert.is_true(endpoint_url.is_one "http://a")
    assert.is_true(endpoint_url.is_one "HTTPS://a.example:1/b?c")
    for _, text in ipairs { "ftp://a", "http:///a", "http://", "a.example", "arn:aws:x", 7 } do
      assert.is_false(endpoint_url.is_one(text))
    end
    assert.is_false(endpoint_url.is_one(nil))
  end)

  it("has parameters in the places of their names", function()
    local function filled(url, parameters)
      return { endpoint_url.filled(url, parameters) }
    end
    assert.same({ "http://a/1/b%20c/d" },
      filled("http://a/{x}/{rest+}", { x = "1", rest = "b c/d" }))
    assert.same({ "http://a/%25%3F%23%0D%0A%C3%BC" }, filled("http://a/{x}", { x = "%?#\r\nü" }))
    assert.same({ "http://a/x;y=@:$&" }, filled("http://a/{x}", { x = "x;y=@:$&" }))
    assert.same({ nil, "y" }, { endpoint_url.filled("http://a/{x}/{y}", { x = "1" }) })
    assert.same({ "http://a" }, filled("http://a", {}))
  end)

  it("takes another path, or one below its own", function()
    assert.equal("https://a:1/b%20c", endpoint_url.with_path("https://a:1/x?y", "/b c"))
    assert.equal("https://a:1/b", endpoint_url.with_path("https://a:1?y", "/b"))
    assert.equal("http://a/x/b?y", endpoint_url.below("http://a/x/?y", "/b"))
    assert.equal("http://a/", endpoint_url.below("http://a", "/"))
  end)

  it("takes a query behind its own", function()
    assert.equal("http://a", endpoint_url.asked("http://a", nil))
    assert.equal("http://a", endpoint_url.asked("http://a", ""))
    assert.equal("http://a?b=c%20&d", endpoint_url.asked("http://a", "b=c%20&d"))
    assert.equal("http://a?x&b=%7C%23%FF", endpoint_url.asked("http://a?x", "b=|#\255"))
    assert.equal("http://a?b=1&b=%20",
      endpoint_url.asked("http://a", { { "b", "1" }, { "b", " " } }))
  end)
end)
