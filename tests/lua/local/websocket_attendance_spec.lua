-- When a WebSocket API ends a connection by itself. Time is the test's own: what waits moves it on.
local clock = require "host.clock"
local connections = require "engine.local.services.apigatewayv2.connections"
local websocket_attendance = require "engine.local.services.apigatewayv2.websocket_attendance"

local START <const> = 1800000000

-- A connection whose client sends those messages ({ at = seconds after the start, … }), and answers a
-- close frame with one, unless it is `mute`.
local function connection_of(messages, mute)
  local link = { finished = {} }
  function link.fd()
    return 0
  end
  function link.next()
    local message = messages[1]
    if link.finished.code and not mute then
      return "close", link.finished.reason, link.finished.code
    elseif message and clock.now() >= START + message.at then
      table.remove(messages, 1)
      return message.kind or "text", message.text or "tea"
    end
  end
  function link.finish(_, code, reason)
    link.finished = { code = code, reason = reason, at = (clock.now() - START) // 1 | 0 }
  end
  function link.send()
    return true
  end
  return { link = link, connected = START, active = START }
end

-- Attends to it; returns how it ended, and what was taken.
local function attend(connection, waited)
  local taken = {}
  clock.set(START)
  local ok, code, reason = pcall(websocket_attendance.attend, connection, function(text)
    table.insert(taken, text)
  end, function(_, seconds)
    assert(seconds > 0)
    clock.set(clock.now() + seconds)
    if waited then
      waited(clock.now() - START)
    end
  end)
  clock.set(nil)
  assert(ok, code)
  return { code, reason, connection.link.finished.at }, taken
end

describe("a connection to a WebSocket API", function()
  it("ends after ten minutes of silence", function()
    assert.same({ 1001, "Going away", 600 }, (attend(connection_of {})))
  end)

  it("ends ten minutes after the last message", function()
    local ended, taken = attend(connection_of { { at = 100 }, { at = 595 } })
    assert.same({ 1001, "Going away", 1195 }, ended)
    assert.same({ "tea", "tea" }, taken)
  end)

  it("is not silent while something is sent to its client", function()
    local connection = connection_of {}
    local ended = attend(connection, function(seconds)
      if seconds == 500 then
        assert.is_true(connections.send(connection, "tea"))
      end
    end)
    assert.same({ 1001, "Going away", 1100 }, ended)
  end)

  it("is kept by frames that are no messages, too", function()
    assert.same({ 1001, "Going away", 1100 },
      (attend(connection_of { { at = 500, kind = "ping" } })))
  end)

  it("ends after two hours, however much is said", function()
    local messages = {}
    for at = 0, 8000, 50 do
      table.insert(messages, { at = at })
    end
    local ended, taken = attend(connection_of(messages))
    assert.same({ 1001, "Going away", 7200 }, ended)
    assert.equal(7200 // 50, #taken)
  end)

  it("ends after two hours, though there is always something to read", function()
    local connection = connection_of {}
    local finished = connection.link.finished
    function connection.link.next()
      if connection.link.finished ~= finished then
        return "close", "", connection.link.finished.code
      end
      clock.set(clock.now() + 1)
      return "text", "tea"
    end
    local ended, taken = attend(connection)
    assert.same({ 1001, "", 7200 }, ended)
    assert.equal(7199, #taken)
  end)

  it("ends with a binary frame", function()
    assert.same({ 1003, "Binary frames are not supported", 0 },
      (attend(connection_of { { at = 0, kind = "binary" } })))
  end)

  it("is given up when its client does not answer a close frame in time", function()
    local connection = connection_of({}, true)
    connection.closing = clock.monotonic() - 6
    assert.same({ 1006, "" }, (attend(connection)))
  end)
end)
