local event_sink = require "engine.local.services.lambda.event_sink"
local event_stream = require "engine.event_stream"

-- A cloud whose server writes down what it is told, and whose caller is as far behind as is said.
local function fake_cloud()
  local cloud = { said = {}, turns = 0, ahead = { 0 } }
  cloud.server = {
    start = function(_, id, answer)
      table.insert(cloud.said, { "start", id, answer.status })
      return not cloud.absent
    end,
    write = function(_, _, bytes)
      for event in event_stream.each(bytes) do
        table.insert(cloud.said, { event.headers[":event-type"], event.payload })
      end
      return not cloud.absent
    end,
    finish = function()
      table.insert(cloud.said, { "finish" })
      return true
    end,
    abort = function()
      table.insert(cloud.said, { "abort" })
      return true
    end,
    ahead = function()
      return #cloud.ahead > 1 and table.remove(cloud.ahead, 1) or cloud.ahead[1]
    end,
  }
  function cloud:wait_turn()
    self.turns = self.turns + 1
    if self.on_turn then
      self.on_turn()
    end
  end
  return cloud
end

local REQUEST = { exchange = 7, id = "r" }

describe("the sink of a streamed answer", function()
  it("sends the head, each piece as it comes, and the end", function()
    local cloud = fake_cloud()
    local sink <close> = event_sink.open(cloud, REQUEST)

    sink:begin "$LATEST"
    sink:write "one"
    assert.same({ { "start", 7, 200 }, { "PayloadChunk", "one" } }, cloud.said)
    sink:write(("x"):rep(70000))
    sink:finish "{}"
    sink:write "late"

    assert.equal(65536, #cloud.said[3][2])
    assert.equal(70000 - 65536, #cloud.said[4][2])
    assert.same({ { "InvokeComplete", "{}" }, { "finish" } }, { cloud.said[5], cloud.said[6] })
    assert.equal(6, #cloud.said)
  end)

  it("waits for a caller that is behind", function()
    local cloud = fake_cloud()
    cloud.ahead = { 2 << 20, 2 << 20, 1000 }
    local sink <close> = event_sink.open(cloud, REQUEST)
    sink:begin "1"

    sink:write "one"

    assert.equal(2, cloud.turns)
    assert.same({ "PayloadChunk", "one" }, cloud.said[2])
  end)

  it("is closed while it waits: nothing is written behind the end", function()
    local cloud = fake_cloud()
    cloud.ahead = { 2 << 20 }
    local sink <close> = event_sink.open(cloud, REQUEST)
    sink:begin "1"
    function cloud.on_turn()
      sink:finish '{"ErrorCode":"Sandbox.Timedout"}'
    end

    sink:write "one"

    assert.same({ "InvokeComplete", '{"ErrorCode":"Sandbox.Timedout"}' }, cloud.said[2])
    assert.same({ "finish" }, cloud.said[3])
    assert.equal(3, #cloud.said)
  end)

  it("breaks off when it is closed before its end", function()
    local cloud = fake_cloud()
    do
      local sink <close> = event_sink.open(cloud, REQUEST)
      sink:begin "1"
      sink:write "one"
    end
    assert.same({ "abort" }, cloud.said[3])
  end)

  it("lets the function go on when the caller has gone", function()
    local cloud = fake_cloud()
    cloud.absent = true
    local sink <close> = event_sink.open(cloud, REQUEST)
    sink:begin "1"

    sink:write "one"
    sink:finish "{}"

    assert.equal(0, cloud.turns)
  end)
end)
