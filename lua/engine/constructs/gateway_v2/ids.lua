--- Logical ids of what APIs are made of: readable, and told apart by a hash where that loses something.
--- Each depends on what it names alone: no id changes because something else was said.
local short_hash = require "engine.constructs.parts.short_hash"

local ids = {}

-- "GET /hello/{name}" → "GetHelloName": its words, each with a capital.
local function pascal(text)
  local words = {}
  for word in text:gmatch "%w+" do
    table.insert(words, (word:gsub("^%l", string.upper)))
  end
  return table.concat(words)
end

--- Of an HTTP API's route: "GET /hello" → "GetHello".
---@param key string
---@return string
function ids.http_route(key)
  local verb, path = key:match "^(%u+) (/.*)$"
  if not verb then
    return "Default"
  end
  local readable = pascal(verb:lower() .. path)
  local is_plain = path == "/" or path:gsub("/%l[%l%d]*", "") == ""
  return is_plain and readable or readable .. short_hash(key)
end

local OWN <const> = { ["$connect"] = true, ["$default"] = true, ["$disconnect"] = true }

--- Of a WebSocket API's route: "$connect" → "Connect", "sendMessage" → "SendMessage".
---@param key string
---@return string
function ids.websocket_route(key)
  local is_plain = OWN[key] or key:match "^%l%w*$" and not OWN["$" .. key]
  return is_plain and pascal(key) or pascal(key) .. short_hash(key)
end

--- Of a stage: "beta" → "Beta".
---@param name string
---@return string
function ids.stage(name)
  return name:match "^%l[%l%d]*$" and pascal(name) or pascal(name) .. short_hash(name)
end

--- "HelloFunction" → "Hello".
---@param lambda table  the handle of a function
---@return string
function ids.of_function(lambda)
  return (lambda.id:gsub("Function$", ""))
end

return ids
