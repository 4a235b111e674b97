--- Load balancers: /_balancers/<name>/<path>, with `<name>:<port>` where there are several listeners.
local balancer = require "engine.local.services.elasticloadbalancing.balancer"
local fault = require "engine.local.fault"
local store = require "engine.local.services.elasticloadbalancing.store"

local front = {}

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table? response
function front.answer(request, cloud, rest)
  local name, path = rest:match "^([^/]*)(.*)$"
  local label, port = name:match "^(.-):(%d+)$"
  local record = store.balancer(cloud, label or name)
  if not record then
    fault.raise("LoadBalancerNotFound", ("Load balancers '[%s]' not found"):format(name), 404)
  end
  return balancer.answer(cloud, record, request, math.tointeger(tonumber(port)),
    path == "" and "/" or path)
end

--- Whether this cloud has the balancer whose host name begins so.
---@return boolean
function front.has(cloud, id)
  return store.balancer(cloud, id) ~= nil
end

return front
