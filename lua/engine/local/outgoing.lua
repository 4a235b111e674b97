--- Answers that are sent piece by piece: the opposite of incoming.lua.
---
---     local answer <close> = outgoing.open(cloud, request)
---     answer:begin { status = 200, headers = { … } }
---     answer:write(bytes)
---     answer:finish()
---
--- A reader that does not keep up makes the writer wait; one that has gone does not: what is written
--- then is lost.
local outgoing = {}

local MOST_AHEAD <const> = 1024 * 1024
local LOOK_SECONDS <const> = 1

---@class engine.local.Outgoing
---@field begun boolean   the reader has the head
---@field closed boolean  nothing is sent any more
---@field gone? boolean   the reader has left
local methods = {}
methods.__index = methods
methods.__name = "outgoing answer"

--- The answer to a request. To be closed: one that was begun and not finished breaks off there, so
--- that its reader sees that something is missing.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@return engine.local.Outgoing
function outgoing.open(cloud, request)
  return setmetatable({
    cloud = cloud, id = request.exchange, begun = false, closed = false,
  }, methods)
end

--- Sends the head; only the first one counts.
---@param head host.server.Answer  without a body
function methods:begin(head)
  if not self.begun and not self.closed then
    self.begun = true
    self.gone = not self.cloud.server:start(self.id, head)
  end
end

local function wait_for_reader(self)
  while not self.closed and not self.gone do
    local ahead = self.cloud.server:ahead(self.id)
    if not ahead then
      self.gone = true
    elseif ahead <= MOST_AHEAD then
      return
    else
      self.cloud:wait_turn(LOOK_SECONDS)
    end
  end
end

--- Sends some bytes, once most of what was sent before is taken.
---@param bytes string
function methods:write(bytes)
  wait_for_reader(self)
  if not self.closed and bytes ~= "" then
    self.gone = self.gone or not self.cloud.server:write(self.id, bytes)
  end
end

--- Ends the answer; its last bytes, where given, wait for nobody.
---@param last? string
function methods:finish(last)
  if self.begun and not self.closed then
    if last and not self.gone then
      self.cloud.server:write(self.id, last)
    end
    self.cloud.server:finish(self.id)
  end
  self.closed = true
end

--- Breaks the answer off.
function methods:abort()
  if self.begun and not self.closed then
    self.cloud.server:abort(self.id)
  end
  self.closed = true
end

methods.__close = methods.abort

return outgoing
