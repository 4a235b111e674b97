local json = require "host.json"
local response = require "laconic.response"

describe("laconic.response", function()
  it("is JSON when it is a value, with names of headers in lower case", function()
    local answer = response.new(201, { id = 7 }, { Location = "/todos/7" })

    assert.same({
      statusCode = 201,
      headers = { ["content-type"] = "application/json", location = "/todos/7" },
      body = '{"id":7}',
      isBase64Encoded = false,
    }, answer)
    assert.equal("[]", response.new(200, json.array {}).body)
    assert.equal("null", response.new(200, json.null).body)
    assert.equal("false", response.new(200, false).body)
  end)

  it("is a text when it is one, of the type that is said", function()
    local answer = response.new(200, "<p>", { ["Content-Type"] = "text/html" })

    assert.equal("<p>", answer.body)
    assert.same({ ["content-type"] = "text/html" }, answer.headers)
    assert.equal("text/plain; charset=utf-8", response.new(200, "hello").headers["content-type"])
  end)

  it("has no type without a body", function()
    local answer = response.new(204)

    assert.equal("", answer.body)
    assert.same({}, answer.headers)
  end)

  it("carries bytes, and headers that come several times, for proxies", function()
    local answer = response.new(200, "\xff\0", {
      ["Content-Type"] = "image/png",
      ["Set-Cookie"] = { "a=1", "b=2" },
    })

    assert.equal("/wA=", answer.body)
    assert.is_true(answer.isBase64Encoded)
    assert.same({ "a=1", "b=2" }, { table.unpack(answer.multiValueHeaders["set-cookie"]) })
  end)

  it("says what went wrong", function()
    local answer = response.error(404, "there is no todo", 7)

    assert.equal(404, answer.statusCode)
    assert.same({ code = 404, error = "Not Found", message = "there is no todo 7" },
      assert(json.decode(answer.body)))
    assert.equal("Bad Request", assert(json.decode(response.error(499, "x").body)).error)
  end)

  it("refuses what is no answer", function()
    assert.error_matches("response.new: code: integer expected, got string", function()
      response.new("200")
    end)
    assert.error_matches("response.error: code: must be from 400 to 599", function()
      response.error(200, "fine")
    end)
    assert.error_matches("laconic.response.headers: x: a text without line breaks", function()
      response.new(200, "x", { X = "a\r\nSet-Cookie: b" })
    end)
    assert.error_matches("response.new: body: ", function()
      response.new(200, { f = print })
    end)
  end)
end)
