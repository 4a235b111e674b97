--- A function that a front end calls on its clients' behalf: an HTTP API, a WebSocket API, a load
--- balancer. AWS wants the function's permission for that, and waits so long and no longer.
---
---     local hello = target.new {
---       arn = "arn:aws:lambda:us-east-1:123456789012:function:hello",
---       service = "apigateway.amazonaws.com",
---       source_arn = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/hello",
---       seconds = 30,
---     }
---     local result, obstacle = hello:call(cloud, event, request.id)
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local granted = require "engine.local.services.lambda.granted"
local log = require "host.log"
local loop = require "engine.local.loop"

local target = {}

---@class engine.local.http.Target
---@field region string
---@field name string
---@field qualifier? string
---@field seconds number
---@field wish engine.local.services.lambda.Wish
local methods = {}
methods.__index = methods
methods.__name = "function behind a front end"

--- Reads a function's ARN, bare or in the form in which API Gateway's integrations have it; nil for
--- anything else.
---@param text any
---@return string? region
---@return string? name
---@return string? qualifier
function target.parse(text)
  if type(text) ~= "string" then
    return nil
  end
  local arn = text:match "/functions/(arn:.-)/invocations$" or text
  local region, rest = arn:match "^arn:aws[%w-]*:lambda:([%w-]+):%d+:function:([%w$_:-]+)$"
  if not region then
    return nil
  end
  local name, qualifier = rest:match "^([%w_-]+):?(.*)$"
  return region, name, qualifier ~= "" and qualifier or nil
end

--- Makes what is called again and again.
---@param facts { arn: string, service: string, source_arn: string, seconds: number }
---@return engine.local.http.Target?  nil when the ARN is no function's
function target.new(facts)
  local region, name, qualifier = target.parse(facts.arn)
  if not region then
    return nil
  end
  return setmetatable({
    region = region,
    name = name,
    qualifier = qualifier,
    seconds = facts.seconds,
    wish = {
      action = "lambda:InvokeFunction", service = facts.service, arn = facts.source_arn,
    },
  }, methods)
end

-- The configuration that a qualifier means; nil when there is none.
local function config_of(found, qualifier)
  if not qualifier or qualifier == functions.LATEST then
    return found.latest
  end
  local alias = found.aliases[qualifier]
  local version = alias and alias.version or qualifier
  return version == functions.LATEST and found.latest or found.versions[version]
end

local function attempt(cloud, call)
  local ok, result = pcall(cloud:service("lambda").invoke, cloud, call)
  if ok then
    return result
  elseif fault.is(result) then
    return nil, result.code == "TooManyRequestsException" and "throttled" or "missing"
  end
  error(result, 0)
end

-- Waits no longer than the front end would. The function goes on alone.
local function attempt_within(cloud, call, seconds)
  local result, obstacle
  local task = loop.spawn(function()
    result, obstacle = attempt(cloud, call)
  end)
  if not task:wait(seconds) then
    return nil, "late"
  elseif not task.ok then
    return nil, "failed"
  end
  return result, obstacle
end

--- Calls the function.
---@param cloud engine.local.Cloud
---@param payload string     JSON
---@param request_id? string
---@return engine.local.services.lambda.Result?
---@return "missing"|"forbidden"|"throttled"|"late"|"failed"|nil obstacle  why there is no result
function methods:call(cloud, payload, request_id)
  local found = functions.peek(cloud, self.region, self.name)
  local config = found and config_of(found, self.qualifier)
  if not config then
    return nil, "missing"
  elseif not granted.allows(found, self.qualifier, self.wish) then
    log.warn("a function lets nobody call it", {
      ["function"] = self.name, who = self.wish.service, on_behalf_of = self.wish.arn,
    })
    return nil, "forbidden"
  end
  local call = {
    region = self.region,
    name = self.name,
    qualifier = self.qualifier,
    payload = payload,
    request_id = request_id,
  }
  if config.Timeout < self.seconds then
    return attempt(cloud, call)
  end
  return attempt_within(cloud, call, self.seconds)
end

return target
