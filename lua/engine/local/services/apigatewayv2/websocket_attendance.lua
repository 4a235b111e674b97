--- Takes what a client of a WebSocket API sends until it has gone, or has been connected or silent for too
--- long: 10 minutes of silence and 2 hours ("Amazon API Gateway quotas and important notes",
--- docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
local clock = require "host.clock"
local connections = require "engine.local.services.apigatewayv2.connections"
local loop = require "engine.local.loop"

local websocket_attendance = {}

local IDLE_SECONDS <const> = 600
local LONGEST_SECONDS <const> = 7200
local CLOSE_SECONDS <const> = 5 -- for a client's answer to a close frame
local GOING_AWAY <const> = 1001
local NO_BINARY <const> = 1003
local BROKEN <const> = 1006

-- How long it may still be silent; nil when its time is over.
local function patience(connection)
  if connection.closing then
    local left = connection.closing + CLOSE_SECONDS - clock.monotonic()
    return left > 0 and left or nil
  end
  return math.max(0, math.min(connection.active + IDLE_SECONDS,
    connection.connected + LONGEST_SECONDS) - clock.now())
end

local function is_too_old(connection)
  return clock.now() - connection.connected >= LONGEST_SECONDS
end

--- Ends a connection: its client is told that the API is going away.
---@param connection engine.local.services.apigatewayv2.Connection
function websocket_attendance.dismiss(connection)
  connections.finish(connection, GOING_AWAY, "Going away")
end

-- Waits for something to read; false when there is nothing more to wait for.
local function is_awaited(connection, wait)
  local seconds = patience(connection)
  if not seconds then
    return false
  elseif seconds == 0 then
    websocket_attendance.dismiss(connection)
    return true
  end
  -- another task may have begun to end it meanwhile: look again soon
  wait(connection.link:fd(), math.min(seconds, CLOSE_SECONDS))
  return true
end

--- Calls `take(text)` for each message; returns when the client has gone. Only for tasks.
---@param connection engine.local.services.apigatewayv2.Connection
---@param take fun(text: string)
---@param wait? fun(fd: integer, seconds: number)  default: what the loop does
---@return integer code  that it left with
---@return string reason
function websocket_attendance.attend(connection, take, wait)
  while true do
    local kind, data, code = connection.link:next()
    if kind == "close" then
      return code, data
    elseif not kind then
      if not is_awaited(connection, wait or loop.wait_readable) then
        return BROKEN, ""
      end
    else
      connection.active = clock.now()
      if is_too_old(connection) then -- one that never falls silent is not waited for
        websocket_attendance.dismiss(connection)
      elseif kind == "text" then
        take(data)
      elseif kind == "binary" then
        connections.finish(connection, NO_BINARY, "Binary frames are not supported")
      end
    end
  end
end

return websocket_attendance
