local api_gateway_v1 = require "laconic.event.api_gateway_v1"
local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"

describe("laconic.event.api_gateway_v1", function()
  it("reads a request", function()
    local event = arrived "api_gateway_v1"
    local request = api_gateway_v1.request(event)
    assert.equal("api_gateway_v1", request.source)
    assert.equal("POST", request.method)
    assert.equal("/orders/1", request.path)
    assert.equal("/{proxy+}", request.route)
    assert.equal("application/json", request.headers["content-type"])
    assert.equal("application/json", request.headers["CONTENT-TYPE"])
    assert.equal("two", request.headers["x-tag"])
    assert.same({ "one", "two" }, request.multi_value_headers["X-Tag"])
    assert.equal("new", request.query.tag)
    assert.same({ "gift", "new" }, request.multi_value_query.tag)
    assert.same({ proxy = "orders/1" }, request.path_parameters)
    assert.same({}, request.stage_variables)
    assert.same({ session = "abc", theme = "dark" }, request.cookies)
    assert.equal("192.0.2.7", request.source_ip)
    assert.equal("production", request.stage)
    assert.equal("7", request.authorizer.tenant)
    assert.equal("curl/8.5.0", request.identity.userAgent)
    assert.equal("a1b2c3d4e5", request.context.apiId)
    assert.equal(2, request:json().count)
    assert.equal(event, request.raw)
  end)

  it("reads what the console's test sends: null for all that is absent", function()
    local event = arrived "api_gateway_v1"
    for _, name in ipairs { "headers", "multiValueHeaders", "queryStringParameters", "body",
      "multiValueQueryStringParameters", "pathParameters" } do
      event[name] = json.null
    end
    local request = api_gateway_v1.request(event)
    assert.is_nil(request.headers.host)
    assert.same({}, request.multi_value_query)
    assert.same({}, request.path_parameters)
    assert.same({}, request.cookies)
    assert.is_nil(request.body)
  end)

  it("makes do with single values, as the payload format 1.0 of other senders has them", function()
    local event = arrived "api_gateway_v1"
    event.version, event.multiValueHeaders = "1.0", nil
    event.multiValueQueryStringParameters = nil
    local request = api_gateway_v1.request(event)
    assert.same({ "two" }, request.multi_value_headers["x-tag"])
    assert.same({ "new" }, request.multi_value_query.tag)
  end)

  it("refuses what is none", function()
    assert.has_error(function()
      api_gateway_v1.request(arrived "api_gateway_v2")
    end, "api_gateway_v1 event: version: '1.0' expected, got '2.0'"
      .. " (it looks like an event of api_gateway_v2)")
    assert.has_error(function()
      api_gateway_v1.request(arrived "sqs")
    end, "api_gateway_v1 event: httpMethod: string expected, got nothing"
      .. " (it looks like an event of sqs)")
    local event = arrived "api_gateway_v1"
    event.multiValueHeaders.Accept = { 5 }
    assert.error_matches("^api_gateway_v1 event: multiValueHeaders%.Accept: string expected",
      function()
        return api_gateway_v1.request(event).headers
      end)
  end)

  it("answers in the shape of a proxy integration", function()
    assert.same({
      statusCode = 201,
      headers = { etag = "5", ["content-type"] = "application/json" },
      multiValueHeaders = { ["set-cookie"] = { "a=1; Path=/", "b=2" }, Vary = { "a", "b" } },
      body = '{"id":1}',
      isBase64Encoded = false,
    }, api_gateway_v1.response {
      status = 201,
      headers = { etag = 5, Vary = { "a", "b" } },
      cookies = { "a=1; Path=/", "b=2" },
      body = { id = 1 },
    })
    local said = { "c=3" }
    assert.same({ ["set-cookie"] = { "c=3", "a=1", "b=2" } }, api_gateway_v1.response {
      headers = { ["Set-Cookie"] = { "a=1", "b=2" } },
      cookies = said,
    }.multiValueHeaders)
    assert.same({ "c=3" }, said)
    assert.equal('{"body":"","headers":{},"isBase64Encoded":false,"statusCode":200}',
      json.encode(api_gateway_v1.response {}))
  end)
end)
