--- The instances of all functions: one for each invocation that runs at the same time, used again
--- while they are warm, bounded.
local fault = require "engine.local.fault"
local instance = require "engine.local.services.lambda.instance"

local pool = {}

local MAX_INSTANCES <const> = 64 -- processes on one machine; in AWS an account has 1,000

local function instances_of(cloud)
  local memory = cloud:memory "lambda"
  memory.instances = memory.instances or {}
  return memory.instances
end

local function throttle(reason, message)
  fault.raise("TooManyRequestsException", message or "Rate Exceeded.", 429, { Reason = reason })
end

local function count(cloud, of_function)
  local all, own, oldest = 0, 0, nil
  for _, candidate in pairs(instances_of(cloud)) do
    all = all + 1
    if candidate.arn == of_function.arn and candidate.state ~= "idle" then
      own = own + 1
    end
    if candidate.state == "idle" and (not oldest or candidate.idle_since < oldest.idle_since) then
      oldest = candidate
    end
  end
  return all, own, oldest
end

-- The idle instances that run the same, the one that was used last at the end.
local function idle_of(cloud, key)
  local memory = cloud:memory "lambda"
  memory.idle = memory.idle or {}
  memory.idle[key] = memory.idle[key] or {}
  return memory.idle[key]
end

-- What an instance must run to be used for a version: worked out once, and when it has changed.
local keys = setmetatable({}, { __mode = "k" })

local function key_of(of_function, config)
  local known = keys[config]
  if not known or known.revision ~= config.revision then
    known = {
      revision = config.revision,
      key = of_function.arn .. ":" .. config.version .. ":" .. config.revision,
    }
    keys[config] = known
  end
  return known.key
end

local function find_warm(cloud, key)
  local idle = idle_of(cloud, key)
  local found
  repeat
    found = table.remove(idle)
  until not found or found.state == "idle"
  return found
end

local function forget(cloud, ended)
  instances_of(cloud)[ended.id] = nil
  local idle = idle_of(cloud, ended.key)
  for i = #idle, 1, -1 do
    if idle[i] == ended then
      table.remove(idle, i)
    end
  end
  if #idle == 0 then
    cloud:memory("lambda").idle[ended.key] = nil
  end
end

local function make_room(cloud, of_function)
  local all, own, oldest = count(cloud, of_function)
  if of_function.reserved and own >= of_function.reserved then
    throttle "ReservedFunctionConcurrentInvocationLimitExceeded"
  elseif all >= MAX_INSTANCES and oldest then
    oldest:stop()
  elseif all >= MAX_INSTANCES then
    throttle "ConcurrentInvocationLimitExceeded"
  end
end

--- Runs an invocation on a warm instance, or on a new one.
---@param of_function table  the function's document
---@param config table       of the version that is asked for
---@param invocation engine.local.services.lambda.Invocation
---@return { payload: string, error?: string, status: string, lines: string[] }
function pool.run(cloud, of_function, config, invocation)
  local key = key_of(of_function, config)
  if of_function.reserved == 0 then
    throttle "ReservedFunctionConcurrentInvocationLimitExceeded"
  end
  local chosen = find_warm(cloud, key)
  if not chosen then
    make_room(cloud, of_function)
    chosen = instance.start {
      cloud = cloud,
      region = of_function.region,
      name = of_function.name,
      arn = of_function.arn,
      config = config,
      key = key,
      on_idle = function(self)
        table.insert(idle_of(cloud, self.key), self)
      end,
      on_end = function(self)
        forget(cloud, self)
      end,
    }
    instances_of(cloud)[chosen.id] = chosen
  end
  return chosen:run(invocation)
end

--- Ends the idle instances that `is_wanted` accepts; the busy ones end by themselves, unused.
---@param is_wanted fun(candidate: engine.local.services.lambda.Instance): boolean
function pool.retire(cloud, is_wanted)
  local retired = {}
  for _, candidate in pairs(instances_of(cloud)) do
    if is_wanted(candidate) then
      table.insert(retired, candidate)
    end
  end
  for _, candidate in ipairs(retired) do
    if candidate.state == "idle" then
      candidate:stop()
    else
      candidate.key = "retired"
    end
  end
end

--- Whether an instance still runs out of that archive's folder.
---@param sha256 string
---@return boolean
function pool.uses_code(cloud, sha256)
  for _, candidate in pairs(instances_of(cloud)) do
    if candidate.config.code.sha256 == sha256 then
      return true
    end
  end
  return false
end

--- Ends every instance: the cloud closes.
function pool.close(cloud)
  local all = {}
  for _, candidate in pairs(instances_of(cloud)) do
    table.insert(all, candidate)
  end
  for _, candidate in ipairs(all) do
    candidate:stop()
  end
end

return pool
