local stream_sink = require "engine.local.http.stream_sink"

local END <const> = ("\0"):rep(8)

describe("the head of a streamed answer", function()
  it("is an object before eight NUL bytes", function()
    local head = stream_sink.split(
      '{"statusCode":201,"headers":{"X-Tea":"green"},"cookies":["a=1"]}' .. END .. "body\0")
    assert.equal(201, head.status)
    assert.equal("body\0", head.body)
    assert.same({ "x-tea", "green" }, head.headers[1])
    assert.same({ "set-cookie", "a=1" }, head.headers[2])
    assert.same({ "content-type", "application/octet-stream" }, head.headers[3])
    assert.equal(200, stream_sink.split("{}" .. END).status)
  end)

  it("may take its time, but not too much room", function()
    assert.is_nil(stream_sink.split "")
    assert.is_nil(stream_sink.split('{"statusCode":2' .. ("\0"):rep(7)))
    assert.is_nil(stream_sink.split((" "):rep(65536)))
    assert.is_false(stream_sink.split((" "):rep(65537)))
  end)

  it("is refused when it is none", function()
    for _, text in ipairs {
      "no JSON", "[1", "7", '{"statusCode":"many"}', '{"statusCode":99}',
      '{"headers":{"a b":"1"}}', '{"headers":{"a":"1\\r\\nb: 2"}}', '{"cookies":[{}]}',
    } do
      assert.is_false(stream_sink.split(text .. END))
    end
  end)
end)
