--- API keys: a method that asks for one is answered to keys of a usage plan of its stage, within the
--- plan's rate and quota. Counts stand in memory: a cloud that starts again counts from nothing.
local clock = require "host.clock"
local refusal = require "engine.local.services.apigateway.refusal"
local store = require "engine.local.services.apigateway.store"
local throttle = require "engine.local.services.apigateway.throttle"

local api_keys = {}

local DAY <const> = 86400

local function stage_of(plan, api, name)
  for _, of_stage in ipairs(plan.apiStages or {}) do
    if of_stage.apiId == api.id and of_stage.stage == name then
      return of_stage
    end
  end
  return nil
end

--- The keys that may ask a stage, by their values; `api` is a REST or a WebSocket API.
---@return table<string, { key: table, plan: table, of_stage: table }>
function api_keys.of_stage(cloud, api, name)
  local keys = {}
  for _, plan in ipairs(store.all(cloud, "plans", api.region)) do
    local of_stage = stage_of(plan, api, name)
    for id in pairs(of_stage and plan.keys or {}) do
      local key = store.find(cloud, "keys", id)
      if key and key.enabled and not keys[key.value] then
        keys[key.value] = { key = key, plan = plan, of_stage = of_stage }
      end
    end
  end
  return keys
end

-- The day, week (from Monday) or month that a time is in.
local function period_of(kind, now)
  if kind == "MONTH" then
    return os.date("!%Y-%m", now // 1)
  end
  local day = now // DAY
  return kind == "WEEK" and "w" .. (day + 3) // 7 or "d" .. day
end

-- Counts a request; false where the plan's quota is used up.
local function take_quota(cloud, granted)
  local quota = granted.plan.quota
  if not quota or not quota.limit then
    return true
  end
  local memory = cloud:memory "apigateway"
  memory.used = memory.used or {}
  local place = granted.plan.id .. "/" .. granted.key.id
  local period = period_of(quota.period, clock.now())
  local used = memory.used[place]
  if not used or used.period ~= period then
    used = { period = period, count = not used and quota.offset or 0 }
    memory.used[place] = used
  end
  if used.count >= quota.limit then
    return false
  end
  used.count = used.count + 1
  return true
end

-- The plan's own rate, or the one that it has for this method of this stage.
local function limit_of(granted, api_id, method)
  local own = (granted.of_stage.throttle or {})[method]
  local place = ("%s/%s"):format(granted.plan.id, granted.key.id)
  if own then
    place = ("%s/%s/%s"):format(place, api_id, method)
  end
  return throttle.limit(place, own or granted.plan.throttle)
end

--- Counts a request for a key, within the rate and the quota of its plan.
---@param cloud engine.local.Cloud
---@param granted { key: table, plan: table, of_stage: table }
---@param api_id string
---@param method string  as plans name it: "/pets/GET"
---@return "throttled"|"exhausted"|nil  nil: it may pass
function api_keys.take(cloud, granted, api_id, method)
  local limit = limit_of(granted, api_id, method)
  if limit and not throttle.take(cloud, limit) then
    return "throttled"
  end
  return not take_quota(cloud, granted) and "exhausted" or nil
end

local function given_key(exchange)
  if exchange.stage.definition.apiKeySource == "AUTHORIZER" then
    return exchange.usage_key
  end
  return exchange:header "x-api-key"
end

--- Refuses a request without a key that may ask, or one that asks too often.
---@param exchange engine.local.services.apigateway.Exchange
function api_keys.check(exchange)
  local value = given_key(exchange)
  local granted = value and exchange.stage.keys[value]
  if not granted then
    refusal.raise("INVALID_API_KEY", "Forbidden")
  end
  exchange:note("api_key", granted.key)
  local obstacle = api_keys.take(exchange.cloud, granted, exchange.stage.api.id,
    exchange.method.resource_path .. "/" .. exchange.request.method)
  if obstacle == "throttled" then
    refusal.raise("THROTTLED", "Too Many Requests")
  elseif obstacle then
    refusal.raise("QUOTA_EXCEEDED", "Limit Exceeded")
  end
end

return api_keys
