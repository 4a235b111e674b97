--- Bodies that are still on their way: requests that host.server handed out early.
---
---     local body = incoming.open(cloud, request)
---     for piece in body.pieces, body do
---       …
---     end
---     if body.broken then … end
local incoming = {}

local LOOK_SECONDS <const> = 1 -- not every end makes the server's descriptor readable

---@class engine.local.Incoming
---@field broken? true  the caller left before the end
---@field trailers? { [1]: string, [2]: string }[]  once the end has come
local methods = {}
methods.__index = methods

--- Reads the body of an early request from here on.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@return engine.local.Incoming
function incoming.open(cloud, request)
  return setmetatable({ cloud = cloud, id = request.exchange }, methods)
end

--- The next bytes, waited for; nil when there are no more.
---@return string? bytes
function methods:pieces()
  while not self.trailers and not self.broken do
    local bytes
    bytes, self.trailers = self.cloud.server:read(self.id)
    self.broken = not bytes and true or nil
    if bytes and bytes ~= "" then
      return bytes
    elseif bytes and not self.trailers then
      self.cloud:wait_turn(LOOK_SECONDS)
    end
  end
  return nil
end

--- Puts the body into the request, as if it had been handed out whole. What is longer than
--- `max_bytes` is cut off right behind them, so that who asks its size sees that it is too long.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param max_bytes integer
---@return boolean whole  false when the caller left
function incoming.gather(cloud, request, max_bytes)
  local body = incoming.open(cloud, request)
  local parts, size = {}, 0
  for piece in body.pieces, body do
    if size <= max_bytes then
      table.insert(parts, piece)
      size = size + #piece
    end
  end
  request.body = table.concat(parts):sub(1, max_bytes + 1)
  request.trailers = body.trailers
  return not body.broken
end

return incoming
