--- The load balancers that this cloud has, with their listeners, rules and target groups: on disk, and
--- all of them in memory. They have the properties that CloudFormation's types have, by those names.
local fault = require "engine.local.fault"
local order = require "engine.order"

local store = {}

local FOLDER <const> = "elasticloadbalancing/"

---@alias engine.local.services.elasticloadbalancing.Kind "balancers"|"groups"|"listeners"|"rules"

---@class engine.local.services.elasticloadbalancing.Record
---@field key string         the last of its ARN, which no other of its kind has
---@field arn string
---@field region string
---@field name? string       of balancers and groups
---@field label? string      of balancers: the first of its host name
---@field imagined? boolean  of balancers and listeners: see imagined.lua
---@field properties table

local function memory_of(cloud)
  local memory = cloud:memory "elasticloadbalancing"
  if not memory.records then
    memory.records, memory.compiled = {}, {}
    for _, kind in ipairs { "balancers", "groups", "listeners", "rules" } do
      memory.records[kind] = {}
      for _, key in ipairs(cloud.state:list(FOLDER .. kind)) do
        memory.records[kind][key] = cloud.state:get(FOLDER .. kind .. "/" .. key)
      end
    end
  end
  return memory
end

--- All of a kind, by their keys.
---@param kind engine.local.services.elasticloadbalancing.Kind
---@return engine.local.services.elasticloadbalancing.Record[]
function store.all(cloud, kind)
  local list, records = {}, memory_of(cloud).records[kind]
  for _, key in ipairs(order.keys(records)) do
    table.insert(list, records[key])
  end
  return list
end

--- The one of that ARN, or nil.
---@param kind engine.local.services.elasticloadbalancing.Kind
---@param arn any
---@return engine.local.services.elasticloadbalancing.Record?
function store.find(cloud, kind, arn)
  local found = memory_of(cloud).records[kind][tostring(arn):match "[^/]*$"]
  return found and found.arn == arn and found or nil
end

local WORDS <const> = {
  balancers = { "LoadBalancerNotFound", "Load balancer" },
  groups = { "TargetGroupNotFound", "Target group" },
  listeners = { "ListenerNotFound", "Listener" },
  rules = { "RuleNotFound", "Rule" },
}

--- Refuses what is about one that is not there.
---@param kind engine.local.services.elasticloadbalancing.Kind
---@param name any  its ARN or name
function store.raise_absent(kind, name)
  fault.raise(WORDS[kind][1], ("%s '%s' not found"):format(WORDS[kind][2], tostring(name)))
end

--- The one of that ARN, or a fault.
---@return engine.local.services.elasticloadbalancing.Record
function store.get(cloud, kind, arn)
  return store.find(cloud, kind, arn) or store.raise_absent(kind, arn)
end

--- The balancer whose host name begins so, or whose name it is; nil when there is none. Host names know
--- no capitals.
---@param label string
---@return engine.local.services.elasticloadbalancing.Record?
function store.balancer(cloud, label)
  label = label:lower()
  for _, record in pairs(memory_of(cloud).records.balancers) do
    local own = record.label:lower()
    if own == label or "internal-" .. own == label or record.name:lower() == label then
      return record
    end
  end
end

--- Writes a record; what was worked out of all is so no longer.
function store.keep(cloud, kind, record)
  local memory = memory_of(cloud)
  memory.records[kind][record.key], memory.compiled = record, {}
  cloud.state:put(FOLDER .. kind .. "/" .. record.key, record)
end

--- Forgets a record.
function store.remove(cloud, kind, arn)
  local memory, record = memory_of(cloud), store.find(cloud, kind, arn)
  if record then
    memory.records[kind][record.key], memory.compiled = nil, {}
    cloud.state:remove(FOLDER .. kind .. "/" .. record.key)
  end
end

--- What `make` works out, made once until something changes.
---@generic T
---@param name string
---@param make fun(): T
---@return T
function store.compiled(cloud, name, make)
  local memory = memory_of(cloud)
  local made = memory.compiled[name]
  if not made then
    made = make()
    memory.compiled[name] = made
  end
  return made
end

--- The host name that AWS would give a balancer.
---@param balancer engine.local.services.elasticloadbalancing.Record
---@return string
function store.domain(balancer)
  local inner = balancer.properties.Scheme == "internal" and "internal-" or ""
  return ("%s%s.%s.elb.amazonaws.com"):format(inner, balancer.label, balancer.region)
end

return store
