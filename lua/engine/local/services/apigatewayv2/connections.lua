--- The clients that are connected to WebSocket APIs. They are gone with the process.
local clock = require "host.clock"
local digest = require "host.digest"

local connections = {}

---@class engine.local.services.apigatewayv2.Connection
---@field id string
---@field api_id string
---@field stage string
---@field link host.websocket.Websocket
---@field address string
---@field user_agent? string
---@field authorizer? table      what the authorizer of $connect said
---@field usage_key? string      an API key that it named
---@field api_key? table         the key that the client connected with
---@field connected number       seconds since 1970
---@field active number          the same: when something last came or went
---@field running integer        messages whose functions run
---@field closing? number        when, on the monotonic clock, its close frame was sent
---@field code? integer          of that frame
---@field reason? string
---@field gone? boolean          its link is closed; what still runs for it reaches nobody

local function all(cloud)
  local memory = cloud:memory "apigatewayv2"
  memory.connections = memory.connections or {}
  return memory.connections
end

--- An id as API Gateway makes them: "JKJaVcPLPHcCIHg=". The "=" has to be escaped in a URL.
---@return string
function connections.new_id()
  return (digest.to_base64(digest.random(11)):gsub("[+/]", { ["+"] = "-", ["/"] = "_" }))
end

--- Whether a text may be an id.
---@return boolean
function connections.is_id(text)
  return #text <= 64 and text:find "^[%w_-]+=*$" ~= nil
end

---@param connection engine.local.services.apigatewayv2.Connection
function connections.add(cloud, connection)
  all(cloud)[connection.id] = connection
end

--- Its messages may still be worked on: what they send from now on goes nowhere.
function connections.remove(cloud, connection)
  connection.gone = true
  all(cloud)[connection.id] = nil
end

--- The connection of that id to an API's stage, or nil.
---@return engine.local.services.apigatewayv2.Connection?
function connections.find(cloud, api_id, stage, id)
  local found = all(cloud)[id]
  return found and found.api_id == api_id and found.stage == stage and found or nil
end

--- How many there are.
---@return integer
function connections.count(cloud)
  local count = 0
  for _ in pairs(all(cloud)) do
    count = count + 1
  end
  return count
end

--- Sends a text to a client; false when it has gone, or does not keep up.
---@param connection engine.local.services.apigatewayv2.Connection
---@param text string
---@return boolean
function connections.send(connection, text)
  if connection.gone then
    return false
  end
  connection.active = clock.now()
  return connection.link:send(text)
end

--- Ends a connection: its client is told, and has a moment to answer.
---@param code integer
---@param reason string
function connections.finish(connection, code, reason)
  if not connection.closing and not connection.gone then
    connection.closing, connection.code, connection.reason = clock.monotonic(), code, reason
    connection.link:finish(code, reason)
  end
end

return connections
