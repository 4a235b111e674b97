local arrived = dofile "tests/stdlib/arrived.lua"
local digest = require "host.digest"
local http = require "laconic.event.http"
local json = require "host.json"

local SOURCES = { "alb", "api_gateway_v1", "api_gateway_v2", "websocket" }

describe("laconic.event.http", function()
  it("reads a request of every source", function()
    for _, source in ipairs(SOURCES) do
      local request = http.request(arrived(source, { body = "hello" }))
      assert.equal(source, request.source)
      assert.equal("hello", request.body)
      assert.equal("192.0.2.7", request.source_ip)
      assert.equal(201, request:respond({ status = 201 }).statusCode)
    end
  end)

  it("says what is no request", function()
    assert.has_error(function()
      http.request(arrived "sqs")
    end, "http event: a request expected: it looks like an event of sqs")
    assert.has_error(function()
      http.request {}
    end, "http event: a request expected: it looks like none")
  end)

  it("decodes bytes that came as base64", function()
    for _, source in ipairs(SOURCES) do
      local event = arrived(source, { body = digest.to_base64 "\0\xff" })
      event.isBase64Encoded = true
      assert.equal("\0\xff", http.request(event).body)
      event.body = "?"
      assert.error_matches("^" .. source .. " event: body: base64", function()
        return http.request(event).body
      end)
    end
  end)

  it("sends bytes that are no text as base64", function()
    for _, source in ipairs(SOURCES) do
      local response = http.request(arrived(source)):respond { body = "\0\xff" }
      assert.equal("AP8=", response.body)
      assert.is_true(response.isBase64Encoded)
      assert.truthy(json.encode(response))
    end
  end)

  it("reads a form", function()
    local event = arrived("alb", { body = "name=Ada+L&tag=a&tag=%26" })
    assert.same({ name = "Ada L", tag = "&" }, http.request(event):form())
    event.body = "a=%zz"
    assert.has_error(function()
      http.request(event):form()
    end, "alb event: body: malformed escape at byte 1")
  end)

  it("says that a body is no JSON, or that there is none", function()
    local event = arrived("api_gateway_v2", { body = "{" })
    assert.error_matches("^api_gateway_v2 event: body: no JSON: ", function()
      http.request(event):json()
    end)
    event.body = nil
    assert.has_error(function()
      http.request(event):json()
    end, "api_gateway_v2 event: body: JSON expected, got nothing")
  end)

  it("makes one of headers that differ in case alone, and the same one every time", function()
    local event = arrived "api_gateway_v1"
    event.multiValueHeaders = {
      ["X-USER"] = { "a", "b" }, ["X-User"] = { "c" }, ["x-user"] = { "d" },
    }
    for _ = 1, 10 do
      local request = http.request(event)
      assert.same({ "a", "b", "c", "d" }, request.multi_value_headers["x-uSER"])
      assert.equal("d", request.headers["X-User"])
    end
  end)

  it("keeps the first of cookies with one name", function()
    local event = arrived "api_gateway_v2"
    event.cookies = { "a=1; b=x=y", "a=2", "odd", "=3", "c=" }
    assert.same({ a = "1", b = "x=y", c = "" }, http.request(event).cookies)
  end)

  it("keeps the author's own content type for JSON", function()
    local request = http.request(arrived "api_gateway_v2")
    assert.same({ ["Content-Type"] = "application/problem+json" }, request:respond({
      headers = { ["Content-Type"] = "application/problem+json" },
      body = { title = "No" },
    }).headers)
  end)

  it("blames the author's line for an answer that is none", function()
    local request = http.request(arrived "api_gateway_v2")
    local function refuses(pattern, response)
      local whole = "event_http_spec%.lua:%d+: api_gateway_v2%.response" .. pattern
      assert.error_matches(whole, function()
        request:respond(response)
      end)
    end
    refuses(": unknown field 'statusCode'", { statusCode = 200 })
    refuses("%.status: must be from 100 to 599, got 1000", { status = 1000 })
    refuses("%.status: integer expected", { status = "200" })
    refuses("%.headers: 'a b' cannot be a header's name", { headers = { ["a b"] = "c" } })
    refuses("%.headers: '1' cannot be a header's name", { headers = { "c" } })
    refuses("%.headers: a: a text without line breaks", { headers = { a = "b\r\nc: d" } })
    refuses("%.headers: a: a text without line breaks", { headers = { a = { "b", "\n" } } })
    refuses("%.headers: a: a text without line breaks", { headers = { a = true } })
    refuses("%.headers: a: a text without line breaks", { headers = { a = "\0" } })
    refuses("%.cookies%[1%]: a text without line breaks", { cookies = { "a=b\nc" } })
    refuses("%.body: string or table expected, got boolean", { body = true })
    refuses("%.body: a: ", { body = { a = print } })
  end)
end)
