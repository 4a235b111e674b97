--- What this cloud answers by address and not by signature: one file of engine/local/fronts for each
--- `/_<name>/…`, found when it is first asked for.
---
---     return {
---       -- `rest` is what follows `/_<name>/`, as on the request line. Returns an answer for
---       -- host.server, or nil when it has answered, or will answer, by itself.
---       answer = function(request, cloud, rest) … end,
---       -- Optional: whether this cloud has the thing of that id. Then AWS's URLs of it lead here.
---       has = function(cloud, id) … end,
---     }
---
--- A request whose Host is AWS's name of such a thing is taken to its front too: see addresses.lua.
local addresses = require "engine.local.addresses"
local folder = require "engine.folder"

local fronts = {}

local FRONTS <const> = "engine.local.fronts"

local known = {} -- name → front, of those that are there

---@class engine.local.Front
---@field answer fun(request: engine.local.Request, cloud: engine.local.Cloud, rest: string): table?
---@field has? fun(cloud: engine.local.Cloud, id: string): boolean

--- The front of that name, or nil.
---@param name string  "apis"
---@return engine.local.Front?
function fronts.find(name)
  local front = known[name]
  if not front then
    front = folder.find(FRONTS, name)
    known[name] = front
  end
  return front
end

--- Who answers a request, and what of its path is theirs; nil when it is for a service.
---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@return engine.local.Front?
---@return string? rest
function fronts.of(request, cloud)
  local name, rest = request.path:match "^/_(%l+)/(.*)$"
  if not name then
    local host = request:header "host"
    name, rest = addresses.incoming(cloud, host or "", request.path)
  end
  local front = name and fronts.find(name)
  return front, front and rest
end

return fronts
