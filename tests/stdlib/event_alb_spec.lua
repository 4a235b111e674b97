local alb = require "laconic.event.alb"
local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"

local function multi_value()
  local event = arrived "alb"
  event.multiValueHeaders = { Cookie = { "a=1", "b=2" }, ["X-Forwarded-For"] = { "192.0.2.7" } }
  event.multiValueQueryStringParameters = { ["t%C3%A4g"] = { "a%26", "b" } }
  event.headers, event.queryStringParameters = nil, nil
  return event
end

describe("laconic.event.alb", function()
  it("reads a request, whose query is decoded", function()
    local request = alb.request(arrived "alb")
    assert.equal("alb", request.source)
    assert.equal("GET", request.method)
    assert.same({ q = "café crème", tag = "new" }, request.query)
    assert.same({ session = "abc", theme = "dark" }, request.cookies)
    assert.equal("192.0.2.7", request.source_ip)
    assert.is_false(request.multi_value)
    assert.equal("", request.body)
  end)

  it("reads a request of a target group with multi-value headers", function()
    local request = alb.request(multi_value())
    assert.is_true(request.multi_value)
    assert.same({ a = "1", b = "2" }, request.cookies)
    assert.same({ ["täg"] = { "a&", "b" } }, request.multi_value_query)
    assert.equal("192.0.2.7", request.source_ip)
  end)

  it("reads a health check", function()
    local event = arrived "alb"
    event.headers = { ["user-agent"] = "ELB-HealthChecker/2.0" }
    assert.is_nil(alb.request(event).source_ip)
  end)

  it("answers as the request came", function()
    local response = {
      headers = { Vary = { "a", "b" }, etag = "5" },
      cookies = { "a=1" },
      body = "hello",
    }
    assert.same({
      statusCode = 200,
      headers = { Vary = "a, b", etag = "5", ["set-cookie"] = "a=1" },
      body = "hello",
      isBase64Encoded = false,
    }, alb.request(arrived "alb"):respond(response))
    local wanted = {
      statusCode = 200,
      multiValueHeaders = { Vary = { "a", "b" }, etag = { "5" }, ["set-cookie"] = { "a=1" } },
      body = "hello",
      isBase64Encoded = false,
    }
    assert.same(wanted, alb.request(multi_value()):respond(response))
    response.multi_value = true
    assert.same(wanted, alb.response(response))
    assert.equal('{"a":["1"]}',
      json.encode(alb.response { headers = { a = 1 }, multi_value = true }.multiValueHeaders))
  end)

  it("does not lose a cookie silently", function()
    assert.error_matches("event_alb_spec%.lua:%d+: alb%.response%.cookies: one at most", function()
      alb.response { cookies = { "a=1", "b=2" } }
    end)
    assert.error_matches("alb%.response%.cookies: one at most", function()
      alb.response { headers = { ["set-cookie"] = { "a=1", "b=2" } } }
    end)
  end)

  it("refuses what is none", function()
    assert.error_matches("^alb event: requestContext%.elb: table expected, got nothing", function()
      alb.request(arrived "api_gateway_v1")
    end)
  end)
end)
