--- The local cloud: takes requests in, finds the service and the action, and answers, each request a
--- task of its own.
---
--- A service is a file of engine/local/services that returns a table:
---
---     return {
---       protocol = "query",                       -- or "json", "rest_json", "s3"
---       namespace = "https://sts.amazonaws.com/doc/2011-06-15/",  -- query: of the XML
---       routes = { … },                           -- rest_json: see protocol/rest_json.lua
---       members = { GetRole = "RoleName" },       -- optional: see members.lua
---       actions = {
---         GetCallerIdentity = function(request, params, cloud)
---           return { Account = request.account }  -- shaped by the protocol
---         end,
---       },
---       open = function(cloud) … end,             -- optional: once, before its first action
---       close = function(cloud) … end,            -- optional: when the cloud ends
---     }
---
--- Handlers raise `fault.raise(code, message, status)` for what AWS would refuse. They may wait (see
--- loop.lua). What a service keeps between requests stands in `cloud.state` (on disk) or in
--- `cloud:memory "name"` (gone with the process); resources are kept per region: `request.region`.
--- Another service is asked by `cloud:call(service, action, params)`.
---
--- What is asked by address and without a signature is answered by a front: see fronts.lua.
local auth = require "engine.local.auth"
local clock = require "host.clock"
local credentials = require "engine.local.credentials"
local fault = require "engine.local.fault"
local file = require "host.file"
local folder = require "engine.folder"
local fronts = require "engine.local.fronts"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local log = require "host.log"
local loop = require "engine.local.loop"
local members = require "engine.local.members"
local new_request = require("engine.local.request").new
local server = require "host.server"
local state = require "engine.local.state"

local cloud = {}
cloud.__index = cloud

local MAX_BODY = 5 * 1024 * 1024 * 1024 -- S3's largest single put
local SPOOL_OVER = 1024 * 1024
local LOOK_SECONDS = 1 -- for connections that idle too long
local TAKEN_AT_ONCE = 4

local SERVICES <const> = "engine.local.services" -- each called like its signing name
local PROTOCOLS <const> = "engine.local.protocol."

---@class engine.local.Cloud
---@field state engine.local.State
---@field server host.server.Server
---@field url string         "http://127.0.0.1:4566"
---@field port string        "4566"
---@field account string
---@field region string      of what is asked without one

--- Opens the state folder and the port. Requests are answered once `serve` runs.
---@param options { folder: string, port?: integer, region?: string }
---@return engine.local.Cloud
function cloud.open(options)
  local kept = state.open(options.folder)
  local ok, listening = pcall(function()
    return assert(server.listen {
      port = options.port or 0,
      max_body = MAX_BODY,
      spool = kept:folder "spool",
      spool_over = SPOOL_OVER,
    })
  end)
  if not ok then
    kept:close()
    error(listening, 0)
  end
  local self = setmetatable({
    state = kept,
    server = listening,
    url = "http://127.0.0.1:" .. listening:port(),
    port = tostring(listening:port()),
    account = credentials.ACCOUNT,
    region = options.region or credentials.REGION,
    services = {},
    memories = {},
  }, cloud)
  kept:announce { url = self.url }
  return self
end

--- A table of the service's own that lives as long as the process.
---@param name string
---@return table
function cloud:memory(name)
  self.memories[name] = self.memories[name] or {}
  return self.memories[name]
end

--- The file of a service, opened when it is first asked for; nil when this cloud has none.
---@param name? string  the signing name: "s3"
---@return table?
function cloud:service(name)
  local service = self.services[name]
  if not service and name then
    service = folder.find(SERVICES, name)
    self.services[name] = service
    if service and service.open then
      service.open(self)
    end
  end
  return service
end

local function handle_action(self, service, request, params)
  local name, action = request.service, request.action
  local handler = action and service.actions[action]
  if not handler then
    fault.not_answered(("%s's %s"):format(name, action or request.method .. " " .. request.path))
  end
  members.check(service, name, action, params)
  return handler(request, params, self)
end

--- Acts as a caller from inside: runs another service's action and returns what its handler returns,
--- or raises its fault. `where` may name the region and the identity; default: the cloud's own.
---@param name string
---@param action string
---@param params table
---@param where? { region?: string, identity?: table }
---@return any
function cloud:call(name, action, params, where)
  where = where or {}
  local service = self:service(name)
  local request = new_request({ method = "POST", path = "/", headers = {} }, identifier.uuid())
  request.service, request.action = name, action
  request.region = where.region or self.region
  request.account = self.account
  request.identity = where.identity or credentials.root(self)
  return handle_action(self, service, request, params)
end

local function as_fault(problem, request)
  if fault.is(problem) then
    return problem
  end
  log.error("a request failed inside the local cloud", {
    request = request.id,
    service = request.service,
    action = request.action,
    error = tostring(problem),
  })
  return {
    code = "InternalFailure",
    message = "laconic local failed inside; its log tells more under request " .. request.id,
    status = 500,
  }
end

local function keep_objects(problem)
  return type(problem) == "string" and debug.traceback(problem, 2) or problem
end

-- Two services are signed for by one name.
local function name_of(request)
  local is_second = request.service == "apigateway" and request.path:find "^/v2/"
  return is_second and "apigatewayv2" or request.service
end

-- What a service speaks, and one that this cloud has not: forms are of the query protocol.
local function protocol_of(request, service)
  if service then
    return service.protocol or "json"
  end
  local content_type = request:header "content-type" or ""
  return content_type:find "^application/x%-www%-form%-urlencoded" and "query" or "json"
end

-- The service and its protocol are found before the signature is checked, so that a refusal comes in
-- the words that the caller's SDK reads.
local function act(self, request)
  local claim = auth.claim(request)
  request.service, request.region = claim.service, claim.region or self.region
  request.account = self.account
  local service = self:service(name_of(request))
  local spoken = protocol_of(request, service)
  local protocol = require(PROTOCOLS .. spoken)
  local ok, result = xpcall(function()
    request.identity = auth.verify(self, request, claim, spoken)
    if not service then
      fault.not_answered("the service " .. tostring(request.service))
    end
    local action, params = protocol.read(request, service)
    request.action = action
    local handled = handle_action(self, service, request, params)
    return protocol.write(request, service, handled)
  end, keep_objects)
  if ok then
    return result
  end
  return protocol.refuse(request, service or {}, as_fault(result, request))
end

local function plain_failure(request, problem)
  local refused = as_fault(problem, request)
  return {
    status = refused.status,
    headers = { { "Content-Type", "application/json" }, { "x-amzn-RequestId", request.id } },
    body = assert(json.encode { __type = refused.code, message = refused.message }),
  }
end

local function answer(self, request)
  local front, rest = fronts.of(request, self)
  if front then
    return front.answer(request, self, rest)
  end
  return act(self, request)
end

-- An answer that cannot be sent is a mistake of this cloud's: nobody is to wait for it in vain.
local function respond(self, id, request, response)
  local ok, problem = xpcall(self.server.respond, keep_objects, self.server, id, response)
  if not ok then
    self.server:respond(id, plain_failure(request, problem))
  end
end

local function handle(self, raw)
  local request = new_request(raw, identifier.uuid())
  local started = log.enabled "debug" and clock.monotonic()
  local ok, response = xpcall(answer, keep_objects, self, request)
  if not ok then
    response = plain_failure(request, response)
  end
  request:discard()
  if response then
    respond(self, request.exchange, request, response)
  end
  if started then
    log.debug("answered", {
      service = request.service,
      action = request.action,
      status = response and response.status,
      seconds = clock.monotonic() - started,
    })
  end
end

-- What a killed cloud left unfinished is taken up by the service that had begun it.
local function take_up(self)
  if #self.state:list "cloudformation/unfinished" > 0 then
    self:service "cloudformation"
  end
  if #self.state:list "lambda/queue" > 0 then
    self:service "lambda"
  end
end

--- Waits until the server has looked at its connections again, at most `seconds`.
---@param seconds number
function cloud:wait_turn(seconds)
  self.turned = self.turned or loop.event()
  self.turned:wait(seconds)
end

-- Readers may have caught up: who waits for that looks again.
local function tell_turn(self)
  local turned = self.turned
  if turned then
    self.turned = nil
    turned:set()
  end
end

-- A few in a turn: then those at work are looked after. A function that has answered by then serves the
-- next request too, and fewer processes have to share what a processor keeps at hand.
local function take_requests(self)
  for _ = 1, TAKEN_AT_ONCE do
    local raw = self.server:next()
    if not raw then
      break
    end
    loop.spawn(handle, self, raw)
  end
  tell_turn(self)
end

--- Answers requests for ever; to be called from a task.
function cloud:serve()
  take_up(self)
  loop.watch(self.server:fd(), function()
    take_requests(self)
  end)
  while true do
    loop.sleep(LOOK_SECONDS)
    take_requests(self)
  end
end

--- Ends what the services run, closes the port, gives the folder free.
function cloud:close()
  for _, service in pairs(self.services) do
    if service.close then
      service.close(self)
    end
  end
  loop.unwatch(self.server:fd())
  self.server:close()
  self.state:close()
end

--- Where the cloud of a service's folder keeps its state.
---@param service_folder? string  default: the current one
---@return string
function cloud.folder_of(service_folder)
  return (service_folder or assert(file.current_folder())) .. "/.laconic/local"
end

return cloud
