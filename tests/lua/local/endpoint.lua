--- A server behind APIs, in the process of the test: it answers what the test says, and remembers what it
--- was asked. The loop serves it beside the cloud.
local loop = require "engine.local.loop"
local server = require "host.server"

local endpoint = {}
endpoint.__index = endpoint

--- Opens one. To be closed.
---@param answer fun(request: host.server.Request, self: table): host.server.Answer?  nil: later, or never
function endpoint.open(answer)
  local listening = assert(server.listen())
  local self = setmetatable({ server = listening, requests = {} }, endpoint)
  self.url = ("http://127.0.0.1:%d"):format(listening:port())
  self.host = self.url:match "//(.*)$"
  loop.watch(listening:fd(), function()
    for request in listening.next, listening do
      table.insert(self.requests, request)
      local said = answer(request, self)
      if said then
        listening:respond(request.id, said)
      end
    end
  end)
  return self
end

--- All values of a header, of the last request unless another is given.
function endpoint:header(name, request)
  local values = {}
  for _, pair in ipairs((request or self.requests[#self.requests]).headers) do
    if pair[1]:lower() == name:lower() then
      table.insert(values, pair[2])
    end
  end
  return table.concat(values, " | ")
end

--- The last request.
function endpoint:last()
  return self.requests[#self.requests]
end

function endpoint:close()
  loop.unwatch(self.server:fd())
  self.server:close()
end

endpoint.__close = endpoint.close

return endpoint
