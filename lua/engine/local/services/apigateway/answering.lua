--- How a request to a REST API is answered, from the top down: the stage, the method that the path and
--- the verb name, who may ask and how often, what must be said, and then the method's integration.
--- Whatever refuses on the way raises (see refusal.lua), and is answered in the API's own words.
local canary = require "engine.local.services.apigateway.canary"
local clock = require "host.clock"
local compiled = require "engine.local.services.apigateway.compiled"
local compression = require "engine.local.services.apigateway.compression"
local edge = require "engine.local.http.edge"
local exchange = require "engine.local.services.apigateway.exchange"
local fault = require "engine.local.fault"
local log = require "host.log"
local refusal = require "engine.local.services.apigateway.refusal"
local throttle = require "engine.local.services.apigateway.throttle"

local answering = {}

local function find_method(asked)
  local methods, parameters = asked.stage.routes:find(asked.path)
  local method = methods and (methods[asked.request.method] or methods.ANY)
  if not method then
    refusal.raise("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
  end
  asked.method, asked.parameters = method, parameters
  return method
end

-- How long others take is told by access logs alone.
local function authorize(asked, method)
  if not asked.began then
    return method.authorize(asked)
  end
  asked.authorizing = clock.monotonic()
  method.authorize(asked)
  asked.authorized = clock.monotonic()
end

local function integrate(asked, method)
  if not asked.began then
    return method.integrate(asked)
  end
  asked.sent = clock.monotonic()
  local answer = method.integrate(asked)
  asked.returned = clock.monotonic()
  return answer
end

local function act(asked)
  local method = find_method(asked)
  asked:check_size()
  asked:open_body()
  if method.limit then
    throttle.check(asked.cloud, method.limit)
  end
  if method.authorize then
    authorize(asked, method)
  end
  if method.check_key then
    method.check_key(asked)
  end
  if method.validate then
    method.validate(asked)
  end
  return compression.pack(asked, integrate(asked, method))
end

local function as_refusal(problem, asked)
  if refusal.is(problem) then
    return problem
  elseif type(problem) == "table" and problem.kind == "interrupt" then
    error(problem, 0)
  end
  log.error("a request to an API failed inside the local cloud", {
    api = asked.stage.api.id, request = asked.id,
    error = fault.is(problem) and problem.message or tostring(problem),
  })
  local ok, internal = pcall(refusal.internal)
  return not ok and internal
end

local function keep_objects(problem)
  return type(problem) == "string" and debug.traceback(problem, 2) or problem
end

-- Answers, and writes the line of the stage's access log.
local function answer_logged(asked)
  asked.began = clock.monotonic()
  local ok, result = xpcall(act, keep_objects, asked)
  asked.answer = ok and result or refusal.answer(asked, as_refusal(result, asked))
  asked.finished = clock.monotonic()
  asked.stage.access_log:write(asked)
  return asked.answer
end

--- Answers a request to an API.
---@param api engine.local.services.apigateway.Api
---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param stage_name string
---@param path string  behind the stage, as on the request line; "" where the stage ends it
---@param domain? { name: string, base: string }  the custom domain that was asked, and the base path
---@return table answer
function answering.answer(api, request, cloud, stage_name, path, domain)
  local stage = canary.choose(compiled.stage(cloud, api, stage_name))
  if not stage or api.disableExecuteApiEndpoint and not domain then
    return edge.forbidden(request)
  end
  local asked = exchange.new(cloud, stage, request, path, domain)
  if stage.access_log then
    return answer_logged(asked)
  end
  local ok, result = xpcall(act, keep_objects, asked)
  return ok and result or refusal.answer(asked, as_refusal(result, asked))
end

return answering
