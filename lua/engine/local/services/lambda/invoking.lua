--- Invocations: one at once and waited for, or put into the queue, tried again, and given up.
local clock = require "host.clock"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local identifier = require "engine.local.identifier"
local log = require "host.log"
local loop = require "engine.local.loop"
local pool = require "engine.local.services.lambda.pool"

local invoking = {}

local QUEUE <const> = "lambda/queue"
local UNDELIVERED <const> = "lambda/undelivered"
local MAX_UNDELIVERED <const> = 100
local RETRIES <const> = 2
local MAX_AGE_SECONDS <const> = 21600
local RETRY_SECONDS <const> = { 1, 2 } -- AWS waits minutes, which nobody wants of a local cloud
local THROTTLED_SECONDS <const> = 0.5

local function new_invocation(found, qualifier, config, call)
  return {
    request_id = call.request_id or identifier.uuid(),
    payload = call.payload ~= "" and call.payload or "{}",
    client_context = call.client_context,
    tenant_id = call.tenant_id,
    sink = call.sink,
    version = config.version,
    arn = qualifier and found.arn .. ":" .. qualifier or found.arn,
    trace_id = identifier.trace() .. ";Parent=" .. digest.random_hex(8) .. ";Sampled=0",
    done = loop.event(),
  }
end

---@class engine.local.services.lambda.Call
---@field region string
---@field name string            in any form
---@field qualifier? string
---@field payload string         JSON
---@field client_context? string JSON
---@field tenant_id? string
---@field request_id? string
---@field found? table           the function's document, where the caller has it already
---@field sink? engine.local.services.lambda.EventSink
---  who takes a streamed answer piece by piece; else it is gathered, up to what Invoke can give

--- How an invocation ended. Of a streamed answer the payload is what came and went to no sink, and
--- `stream_error` tells what failed then: { kind, details }.
---@class engine.local.services.lambda.Result
---@field payload string
---@field error? string        "Unhandled"
---@field status string        "success", "error", "timeout"
---@field streamed? boolean
---@field stream_error? { kind: string, details: string }
---@field lines string[]       what was logged: see log_stream.tail
---@field version string

--- Invokes a function and waits for the end.
---@param call engine.local.services.lambda.Call
---@return engine.local.services.lambda.Result
function invoking.now(cloud, call)
  local found, qualifier = call.found, nil
  if not found then
    found, qualifier = functions.get(cloud, call.region, call.name)
  end
  qualifier = call.qualifier or qualifier
  local config = functions.resolve(found, qualifier)
  local result = pool.run(cloud, found, config, new_invocation(found, qualifier, config, call))
  result.version = config.version
  return result
end

local function attempt(cloud, item)
  local ok, result = pcall(invoking.now, cloud, item)
  if not ok and type(result) == "table" and result.kind == "interrupt" then
    error(result, 0) -- the cloud ends: the next one takes the item up again
  elseif ok and not result.error then
    return "done"
  elseif not ok and fault.is(result) and result.code == "TooManyRequestsException" then
    return "throttled"
  elseif not ok and not fault.is(result) then
    log.error("an invocation failed inside the local cloud", { error = tostring(result) })
  end
  return "failed", ok and result.payload or tostring(result)
end

-- What could not be done is written down: this cloud acts out neither destinations nor dead-letter
-- queues, but nothing is lost without a trace.
local function give_up(cloud, item, reason, problem)
  local names = cloud.state:list(UNDELIVERED)
  if #names >= MAX_UNDELIVERED then
    cloud.state:remove(UNDELIVERED .. "/" .. names[1])
  end
  cloud.state:put(("%s/%013d-%s"):format(UNDELIVERED, clock.now() * 1000 // 1, item.request_id), {
    item = item, reason = reason, problem = problem,
  })
  log.warn("an asynchronous invocation was given up", { ["function"] = item.name, reason = reason })
end

local function limits_of(cloud, item)
  local name = functions.parse(item.name)
  local found = functions.peek(cloud, item.region, name)
  local config = found and found.invoke_configs[item.qualifier or functions.LATEST] or {}
  return config.attempts or RETRIES, config.age or MAX_AGE_SECONDS
end

local function pause(outcome, failures)
  loop.sleep(outcome == "throttled" and THROTTLED_SECONDS or RETRY_SECONDS[failures] or 2)
end

local function work(cloud, item)
  local retries, max_age = limits_of(cloud, item)
  while true do
    local outcome, problem = attempt(cloud, item)
    local age = clock.now() - item.queued
    if outcome == "failed" then
      item.failures = item.failures + 1
    end
    if outcome == "done" then
      break
    elseif item.failures > retries then
      give_up(cloud, item, "RetriesExhausted", problem)
      break
    elseif age > max_age then
      give_up(cloud, item, "EventAgeExceeded", problem)
      break
    end
    pause(outcome, item.failures)
  end
  cloud.state:remove(QUEUE .. "/" .. item.request_id)
end

--- Puts an invocation into the queue, which outlives the process.
---@param call engine.local.services.lambda.Call
function invoking.later(cloud, call)
  local found, qualifier = functions.get(cloud, call.region, call.name)
  functions.resolve(found, call.qualifier or qualifier)
  local item = {
    region = call.region,
    name = call.name,
    qualifier = call.qualifier or qualifier,
    payload = call.payload,
    client_context = call.client_context,
    request_id = call.request_id,
    queued = clock.now(),
    failures = 0,
  }
  cloud.state:put(QUEUE .. "/" .. item.request_id, item)
  loop.spawn(work, cloud, item)
end

--- Invokes a function as from the queue, and waits: a failure is tried again while `is_wanted()`.
---@param call engine.local.services.lambda.Call
---@param is_wanted fun(): boolean
---@return string? problem  of the last try
function invoking.again(cloud, call, is_wanted)
  local found, qualifier = functions.get(cloud, call.region, call.name)
  functions.resolve(found, call.qualifier or qualifier)
  local retries, failures = limits_of(cloud, call), 0
  while true do
    local outcome, problem = attempt(cloud, call)
    failures = failures + (outcome == "failed" and 1 or 0)
    if outcome == "done" or not is_wanted() then
      return nil
    elseif failures > retries then
      return problem
    end
    pause(outcome, failures)
  end
end

--- Takes up what a killed cloud had in its queue.
function invoking.resume(cloud)
  for _, id in ipairs(cloud.state:list(QUEUE)) do
    loop.spawn(work, cloud, cloud.state:get(QUEUE .. "/" .. id))
  end
end

return invoking
