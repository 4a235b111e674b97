--- A function that a front end calls on its clients' behalf: an API, a load balancer. AWS wants the
--- function's permission for that, and waits so long and no longer.
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

local SLOWEST_START <const> = 10 -- seconds: a function's initialisation ends by itself

---@class engine.local.http.Target
---@field region string
---@field name string
---@field qualifier? string
---@field service string     who calls it
---@field source_arn? string  on whose behalf, when that is always the same
---@field role? string       with it no permission is asked for
---@field seconds number     the longest wait
local methods = {}
methods.__index = methods
methods.__name = "function behind a front end"

-- A function's ARN, bare or in the form in which API Gateway's integrations have it.
local function parse(text)
  if type(text) == "string" then
    return functions.parse_arn(text:match "/functions/(arn:.-)/invocations$" or text)
  end
end

--- Puts a stage's variables into a text: "${stageVariables.alias}".
---@param text string
---@param variables? table<string, string>
---@return string
function target.with_variables(text, variables)
  return (text:gsub("%${stageVariables%.([%w_-]+)}", function(name)
    return (variables or {})[name] or ""
  end))
end

--- Makes what is called again and again.
---@param facts { arn: string, service: string, source_arn?: string, role?: string, seconds: number }
---@return engine.local.http.Target?  nil when the ARN is no function's
function target.new(facts)
  local region, name, qualifier = parse(facts.arn)
  if not region then
    return nil
  end
  return setmetatable({
    region = region,
    name = name,
    qualifier = qualifier,
    service = facts.service,
    source_arn = facts.source_arn,
    role = facts.role,
    seconds = facts.seconds,
  }, methods)
end

local function note(self, problem)
  log.warn("a function cannot be called", {
    ["function"] = self.name, who = self.service, because = problem,
  })
end

local function attempt(self, cloud, call)
  local ok, result = pcall(cloud:service("lambda").invoke, cloud, call)
  if ok then
    return result
  elseif fault.is(result) then
    note(self, result.message)
    return nil, result.code == "TooManyRequestsException" and "throttled" or "missing"
  end
  error(result, 0)
end

-- Waits no longer than the front end would. The function goes on alone, as it does in Lambda.
local function attempt_within(self, cloud, call)
  local result, obstacle
  local task = loop.spawn(function()
    result, obstacle = attempt(self, cloud, call)
  end)
  if not task:wait(self.seconds) then
    return nil, "late"
  elseif not task.ok then
    return nil, "failed"
  end
  return result, obstacle
end

-- The last wish is kept: what was decided about it is remembered (see granted.lua).
local function wish_of(self, cloud, source_arn)
  if not self.wish or self.wish.arn ~= source_arn then
    self.wish = {
      action = "lambda:InvokeFunction",
      service = self.service,
      arn = source_arn,
      account = cloud.account,
    }
  end
  return self.wish
end

--- Finds the function, when it may be called; else the log tells why it cannot.
---@param cloud engine.local.Cloud
---@param source_arn? string  on whose behalf; default: as it was made with
---@return table? configuration
---@return "missing"|"forbidden"|nil obstacle
---@return table? found  the function's document
function methods:find(cloud, source_arn)
  local found = functions.peek(cloud, self.region, self.name)
  local config = found and functions.behind(found, self.qualifier)
  if not config then
    note(self, "there is no such function")
    return nil, "missing"
  end
  local wish = wish_of(self, cloud, source_arn or self.source_arn)
  if not self.role and not granted.allows(found, self.qualifier, wish) then
    note(self, "its policy has no permission for " .. wish.arn)
    return nil, "forbidden"
  end
  return config, nil, found
end

--- What Lambda is asked for.
---@param payload string      JSON
---@param request_id? string
---@param found? table        the function's document, where it is at hand
---@return table
function methods:invocation(payload, request_id, found)
  return {
    found = found,
    region = self.region,
    name = self.name,
    qualifier = self.qualifier,
    payload = payload,
    request_id = request_id,
  }
end

--- Calls the function.
---@param cloud engine.local.Cloud
---@param payload string      JSON
---@param request_id? string
---@param source_arn? string  on whose behalf; default: as it was made with
---@return engine.local.services.lambda.Result?
---@return "missing"|"forbidden"|"throttled"|"late"|"failed"|nil obstacle  why there is no result
function methods:call(cloud, payload, request_id, source_arn)
  local config, obstacle, found = self:find(cloud, source_arn)
  if not config then
    return nil, obstacle
  end
  local call = self:invocation(payload, request_id, found)
  if (config.Timeout or 3) + SLOWEST_START <= self.seconds then
    return attempt(self, cloud, call) -- ends by itself in time, and needs no clock of ours
  end
  return attempt_within(self, cloud, call)
end

return target
