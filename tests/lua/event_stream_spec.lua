local digest = require "host.digest"
local event_stream = require "engine.event_stream"

-- "{'foo':'bar'}" with no headers, as AWS's documents have it.
local BARE = "\0\0\0\x1d\0\0\0\0\xfd\x52\x8c\x5a{'foo':'bar'}\xc3\x65\x39\x36"

local function all(bytes)
  local list = {}
  for event in event_stream.each(bytes) do
    table.insert(list, event)
  end
  return list
end

describe("an event stream", function()
  it("reads and writes AWS's own example", function()
    assert.equal(BARE, event_stream.encode({}, "{'foo':'bar'}"))
    assert.same({ { headers = {}, payload = "{'foo':'bar'}" } }, all(BARE))
  end)

  it("brings back what was said", function()
    local headers = { [":event-type"] = "PayloadChunk", [":message-type"] = "event" }
    local bytes = event_stream.encode(headers, "a\0b") .. event_stream.encode({ x = "" }, "")

    assert.same({ { headers = headers, payload = "a\0b" }, { headers = { x = "" }, payload = "" } },
      all(bytes))
    for cut = 0, 12 do
      local event, from = event_stream.decode(bytes:sub(1, cut), 1)
      assert.is_nil(event)
      assert.equal(1, from)
    end
  end)

  it("steps over headers of every type", function()
    local head = (">s1B s1B s1Bi1 s1Bi2 s1Bi4 s1Bi8 s1Bs2 s1Bs2 s1Bi8"):pack("t", 0, "f", 1,
      "b", 2, 1, "s", 3, 2, "i", 4, 3, "l", 5, 4, "y", 6, "by", "x", 7, "text", "d", 8, 5)
      .. (">s1B"):pack("u", 9) .. ("u"):rep(16)
    local prelude = (">I4I4"):pack(12 + #head + 4, #head)
    local message = prelude .. (">I4"):pack(digest.crc32(prelude)) .. head
    message = message .. (">I4"):pack(digest.crc32(message))

    local event = all(message)[1]

    assert.equal("text", event.headers.x)
    assert.equal("by", event.headers.y)
    assert.equal(("u"):rep(16), event.headers.u)
  end)

  it("refuses what is broken, byte by byte", function()
    local bytes = event_stream.encode({ a = "b" }, "payload")
    for i = 1, #bytes do
      local byte = string.char(bytes:byte(i) ~ 0x55)
      local ok, err = pcall(all, bytes:sub(1, i - 1) .. byte .. bytes:sub(i + 1))
      assert.is_false(ok)
      assert.matches("not an event stream: ", tostring(err))
    end
    for cut = 1, #bytes - 1 do
      assert.error_matches("not an event stream: the last message breaks off", function()
        all(bytes:sub(1, cut))
      end)
    end
  end)

  it("is read in pieces, cut anywhere", function()
    local bytes = event_stream.encode({ n = "1" }, "one") .. event_stream.encode({ n = "2" }, "")
      .. event_stream.encode({}, ("x"):rep(1000))
    for cut = 1, 100 do
      local payloads = {}
      local reader = event_stream.reader(function(event)
        table.insert(payloads, event.payload)
      end)
      for from = 1, #bytes, cut do
        reader:feed(bytes:sub(from, from + cut - 1))
      end
      reader:finish()
      assert.same({ "one", "", ("x"):rep(1000) }, payloads)
    end
  end)

  it("gives a message as soon as it is whole", function()
    local given = 0
    local reader = event_stream.reader(function()
      given = given + 1
    end)
    local message = event_stream.encode({ a = "b" }, "payload")
    for i = 1, #message do
      assert.equal(0, given)
      reader:feed(message:sub(i, i))
    end
    assert.equal(1, given)
    reader:feed(message:sub(1, 5))
    assert.error_matches("the last message breaks off", function()
      reader:finish()
    end)
    assert.error_matches("the checksum of a prelude is wrong", function()
      reader:feed(("\255"):rep(12))
    end)
  end)

  it("believes no length", function()
    for _, sizes in ipairs { { 0x7fffffff, 0 }, { 15, 0 }, { 100, 90 }, { 1 << 20, 1 << 19 } } do
      local prelude = (">I4I4"):pack(sizes[1], sizes[2])
      assert.error_matches("a message of %d+ bytes", function()
        all(prelude .. (">I4"):pack(digest.crc32(prelude)) .. ("x"):rep(200))
      end)
    end
  end)
end)
