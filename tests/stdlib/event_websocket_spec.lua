local arrived = dofile "tests/stdlib/arrived.lua"
local websocket = require "laconic.event.websocket"

describe("laconic.event.websocket", function()
  it("reads a message", function()
    local request = websocket.request(arrived("websocket", { key = "say" }))
    assert.equal("websocket", request.source)
    assert.equal("MESSAGE", request.event_type)
    assert.equal("say", request.route)
    assert.equal("JKJaVcPLPHcCIHg=", request.connection_id)
    assert.equal(1767323040123, request.connected_at)
    assert.equal("https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/production",
      request.endpoint)
    assert.equal("hello", request:json().text)
    assert.is_nil(request.headers.host)
    assert.same({}, request.query)
  end)

  it("reads who connects", function()
    local event = arrived "websocket"
    event.requestContext.eventType, event.requestContext.messageId = "CONNECT", nil
    event.headers = { Host = "h", Cookie = "a=1" }
    event.multiValueHeaders = { Host = { "h" }, Cookie = { "a=1" } }
    event.queryStringParameters, event.body = { room = "7" }, nil
    local request = websocket.request(event)
    assert.equal("CONNECT", request.event_type)
    assert.equal("h", request.headers.host)
    assert.equal("7", request.query.room)
    assert.same({ a = "1" }, request.cookies)
    assert.is_nil(request.body)
  end)

  it("answers", function()
    local request = websocket.request(arrived "websocket")
    assert.same({ statusCode = 200 }, request:respond {})
    assert.same({
      statusCode = 200,
      headers = { ["Sec-WebSocket-Protocol"] = "chat" },
      body = "hello",
    }, websocket.response {
      headers = { ["Sec-WebSocket-Protocol"] = "chat" },
      body = "hello",
    })
  end)

  it("refuses what is none", function()
    assert.has_error(function()
      websocket.request(arrived "alb")
    end, "websocket event: requestContext.eventType: string expected, got nothing"
      .. " (it looks like an event of alb)")
  end)
end)
