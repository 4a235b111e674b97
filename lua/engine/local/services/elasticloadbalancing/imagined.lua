--- Load balancers of the account that no template of this cloud has made: a rule may name a listener of
--- one. It is imagined with its balancer, by the names in its ARN, for as long as there are rules of it.
local store = require "engine.local.services.elasticloadbalancing.store"

local imagined = {}

local FORM <const> =
  "^(arn:[%w-]+:elasticloadbalancing:([%w-]+):%d+:)listener/(app/([%w-]+)/(%w+))/(%w+)$"
local PORTS <const> = { 80, 443 }
local NOBODY <const> = {
  {
    Type = "fixed-response",
    FixedResponseConfig = {
      StatusCode = "404",
      ContentType = "text/plain",
      MessageBody = "laconic local knows the rules of its own stacks alone\n",
    },
  },
}

-- The first port that no other listener of the balancer has.
local function free_port(cloud, balancer_arn)
  local taken, count = {}, 0
  for _, listener in ipairs(store.all(cloud, "listeners")) do
    if listener.properties.LoadBalancerArn == balancer_arn then
      taken[math.tointeger(tonumber(listener.properties.Port)) or 0] = true
      count = count + 1
    end
  end
  for _, port in ipairs(PORTS) do
    if not taken[port] then
      return port
    end
  end
  return 8000 + count
end

--- Makes the listener of that ARN, and its balancer, unless they are there. What is no ARN of an
--- application load balancer's listener makes nothing.
---@param cloud engine.local.Cloud
---@param arn any
function imagined.add(cloud, arn)
  local prefix, region, path, name, balancer_key, key = tostring(arn):match(FORM)
  if not prefix or store.find(cloud, "listeners", arn) then
    return
  end
  local balancer_arn = prefix .. "loadbalancer/" .. path
  if not store.find(cloud, "balancers", balancer_arn) then
    store.keep(cloud, "balancers", {
      key = balancer_key, arn = balancer_arn, region = region, name = name, label = name,
      imagined = true, properties = {},
    })
  end
  store.keep(cloud, "listeners", {
    key = key, arn = arn, region = region, imagined = true,
    properties = {
      LoadBalancerArn = balancer_arn, Port = free_port(cloud, balancer_arn), Protocol = "HTTP",
      DefaultActions = NOBODY,
    },
  })
end

local function none(cloud, kind, property, arn)
  for _, record in ipairs(store.all(cloud, kind)) do
    if record.properties[property] == arn then
      return false
    end
  end
  return true
end

--- Forgets a listener that was imagined, when no rule is left of it; its balancer, when no listener is.
---@param cloud engine.local.Cloud
---@param arn any
function imagined.forget(cloud, arn)
  local listener = store.find(cloud, "listeners", arn)
  if not listener or not listener.imagined or not none(cloud, "rules", "ListenerArn", arn) then
    return
  end
  store.remove(cloud, "listeners", arn)
  local balancer_arn = listener.properties.LoadBalancerArn
  if none(cloud, "listeners", "LoadBalancerArn", balancer_arn) then
    store.remove(cloud, "balancers", balancer_arn)
  end
end

--- Where such a listener answers; nil of one that a template has made.
---@param cloud engine.local.Cloud
---@param arn any
---@return string?
function imagined.note(cloud, arn)
  local listener = store.find(cloud, "listeners", arn)
  if not listener or not listener.imagined then
    return nil
  end
  local balancer = store.get(cloud, "balancers", listener.properties.LoadBalancerArn)
  local port = listener.properties.Port
  return ("this cloud has no such load balancer and imagines one: %s/_balancers/%s%s"):format(
    cloud.url, balancer.name, port == PORTS[1] and "" or ":" .. port)
end

return imagined
