local api_gateway_v2 = require "laconic.event.api_gateway_v2"
local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"

describe("laconic.event.api_gateway_v2", function()
  it("reads a request", function()
    local event = arrived("api_gateway_v2", { method = "PUT", path = "/orders/2" })
    local request = api_gateway_v2.request(event)
    assert.equal("api_gateway_v2", request.source)
    assert.equal("PUT", request.method)
    assert.equal("/orders/2", request.path)
    assert.equal("ANY /{proxy+}", request.route)
    assert.equal("application/json", request.headers.Accept)
    assert.same({ tag = "new", page = "2", q = "a,b c" }, request.query)
    assert.same({ "gift", "new" }, request.multi_value_query.tag)
    assert.same({ session = "abc", theme = "dark" }, request.cookies)
    assert.equal("ada", request.authorizer.jwt.claims.sub)
    assert.same({ colour = "blue" }, request.stage_variables)
    assert.equal("192.0.2.7", request.source_ip)
    assert.equal("$default", request.stage)
    assert.equal(2, request:json().count)
  end)

  it("takes a query as it comes", function()
    local event = arrived "api_gateway_v2"
    event.rawQueryString = "a=100%&b&&=x&c=1=2&%61=d"
    assert.same({ a = "d", b = "", c = "1=2" }, api_gateway_v2.request(event).query)
    assert.same({ "100%", "d" }, api_gateway_v2.request(event).multi_value_query.a)
    event.rawQueryString = nil
    assert.equal("gift,new", api_gateway_v2.request(event).query.tag)
  end)

  it("reads a request of almost nothing: a function URL's", function()
    local request = api_gateway_v2.request {
      version = "2.0",
      rawPath = "/",
      requestContext = { http = { method = "GET" } },
    }
    assert.same({}, request.query)
    assert.same({}, request.cookies)
    assert.same({}, request.path_parameters)
    assert.is_nil(request.headers["x"])
    assert.is_nil(request.body)
  end)

  it("refuses what is none", function()
    assert.has_error(function()
      api_gateway_v2.request(arrived "api_gateway_v1")
    end, "api_gateway_v2 event: version: '2.0' expected, got nothing"
      .. " (it looks like an event of api_gateway_v1)")
    local event = arrived "api_gateway_v2"
    event.requestContext.http = "GET"
    assert.error_matches("^api_gateway_v2 event: requestContext%.http: table expected, got string",
      function()
        api_gateway_v2.request(event)
      end)
  end)

  it("answers in the shape of payload format 2.0", function()
    assert.same({
      statusCode = 200,
      headers = { Vary = "a,b", ["Content-Type"] = "text/plain" },
      cookies = { "a=1", "b=2" },
      body = "é",
      isBase64Encoded = false,
    }, api_gateway_v2.response {
      headers = { Vary = { "a", "b" }, ["Content-Type"] = "text/plain" },
      cookies = { "a=1", "b=2" },
      body = "é",
    })
    assert.same({ "c=3", "a=1", "b=2" }, api_gateway_v2.response {
      headers = { ["Set-Cookie"] = { "a=1", "b=2" } },
      cookies = { "c=3" },
    }.cookies)
    assert.equal('{"body":"","headers":{},"isBase64Encoded":false,"statusCode":204}',
      json.encode(api_gateway_v2.response { status = 204 }))
  end)
end)
