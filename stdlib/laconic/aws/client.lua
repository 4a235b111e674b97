--- A client of one AWS service: what `laconic.aws.client` makes.
---@module "laconic.aws.client"
local aws = require "engine.aws"
local check = require "engine.check"
local current = require "engine.runtime.current"
local default = require "engine.aws.default"
local services = require "engine.aws.services"

---@class laconic.AwsClient
---@field service engine.AwsService
---@field session engine.Session
local client = { __name = "aws client" }

---@class laconic.AwsOptions
---@field region? string             default: AWS_REGION, AWS_DEFAULT_REGION, the profile's
---@field endpoint? string           a URL, in AWS's place
---@field profile? string            of ~/.aws/config
---@field credentials? laconic.AwsCredentials|fun(): laconic.AwsCredentials  default: found as AWS's own
---  tools find them; a function is asked again when those it gave expire
---@field session? table             who calls, and where: a command's `host.session`
---@field attempts? integer          1 to 20, in all; default 3 (AWS_MAX_ATTEMPTS)
---@field timeout? number            seconds for one attempt; default 300. Within an invocation no
---  attempt outlasts its deadline, and none is begun after it
---@field connect_timeout? number    seconds; default 10
---@field protocol? "query"|"ec2"|"json-1.0"|"json-1.1"|"rest-json"|"rest-xml"
---@field version? string            query, ec2: the version of the API, "2010-05-15"
---@field target? string             json: what stands before the action in X-Amz-Target
---@field host? string               the first part of the endpoint's host name; default: the service
---@field signing? string            the name that requests are signed for; default: `host`
---@field global? boolean            one endpoint for all regions

---@class laconic.AwsCredentials
---@field access_key_id string
---@field secret_access_key string
---@field session_token? string
---@field expires? number            seconds since 1970

local FACTS = { "protocol", "version", "target", "host", "signing", "global" }

local CREDENTIALS = {
  access_key_id = { type = "string", required = true, least = 1 },
  secret_access_key = { type = "string", required = true, least = 1 },
  session_token = { type = "string" },
  expires = { type = "number" },
}

local OPTIONS = {
  region = { type = "string", least = 1 },
  endpoint = { type = "string", least = 1 },
  profile = { type = "string", least = 1 },
  credentials = { type = { "table", "function" } },
  session = { type = "table" },
  attempts = { type = "integer", least = 1, most = 20 },
  timeout = { type = "number", least = 0 },
  connect_timeout = { type = "number", least = 0 },
  protocol = { one_of = { "query", "ec2", "json-1.0", "json-1.1", "rest-json", "rest-xml" } },
  version = { type = "string" },
  target = { type = "string" },
  host = { type = "string" },
  signing = { type = "string" },
  global = { type = "boolean" },
}

local function check_options(options)
  check.fields("aws.client", options, OPTIONS)
  if type(options.credentials) == "table" then
    check.fields("aws.client.credentials", options.credentials, CREDENTIALS)
  end
end

-- What the protocol cannot do without.
local function check_facts(name, service)
  local want = service.protocol:match "^json" and "target"
    or (service.protocol == "query" or service.protocol == "ec2") and "version"
  if want and not service[want] then
    check.fail("E102", ("aws.client: '%s': field '%s' is missing"):format(name, want))
  end
end

local function find_service(name, options)
  local facts
  for _, field in ipairs(FACTS) do
    if options[field] ~= nil then
      facts = facts or {}
      facts[field] = options[field]
    end
  end
  local service = facts and services.describe(name, facts) or services.find(name)
  if not service or not service.protocol then
    check.fail("E104", "aws.client: " .. check.unknown("service", name, services.names()),
      "say its protocol, and its target or version: see laconic.aws")
  end
  check_facts(name, service)
  return service
end

local function find_session(options)
  if options.profile or options.credentials then
    return require("engine.aws.session").new {
      region = options.region,
      profile = options.profile,
      endpoint_url = options.endpoint,
      credentials = options.credentials,
    }
  end
  local base = options.session or default.session()
  if options.region or options.endpoint then
    return base:at { region = options.region, endpoint_url = options.endpoint }
  end
  return base
end

--- See `laconic.aws.client`.
---@param name string
---@param options? laconic.AwsOptions
---@return laconic.AwsClient
function client.new(name, options)
  check.type("aws.client: service", name, "string")
  options = options or {}
  check_options(options)
  return setmetatable({
    service = find_service(name, options),
    options = options,
    attempts = options.attempts,
    timeout = options.timeout,
    connect_timeout = options.connect_timeout,
  }, client)
end

-- Who calls is found out when the first call is made: a client may be made while a service is loaded.
function client:__index(name)
  if name == "session" then
    local session = find_session(self.options)
    rawset(self, "session", session)
    return session
  end
  return client[name]
end

function client:__tostring()
  return ("aws client (%s)"):format(self.service.name)
end

-- Of what is left of an invocation, so much stays for its handler to say what failed.
local RESERVE = 0.2 -- seconds, and
local SHARE = 0.2 -- no more than this part

-- When a call must have ended, seconds since 1970; nil outside of an invocation.
local function deadline(now)
  local context = current.context()
  local left = context and context.deadline > 0 and context.deadline - now
  return left and context.deadline - math.min(RESERVE, math.max(0, left) * SHARE) or nil
end

-- How to make one call. The transfer's own words (to_file, max_body) come from the helpers.
function client:call_options(transfer)
  local options = {
    attempts = self.attempts,
    timeout = self.timeout,
    connect_timeout = self.connect_timeout,
    deadline = deadline(self.session.clock.now()),
    where = check.where,
  }
  for name, value in pairs(transfer or {}) do
    options[name] = value
  end
  return options
end

-- All that goes to AWS passes here, and so whoever stands around such calls: see laconic.xray.
function client:observed(action, send)
  return current.call(function()
    return { service = self.service.title, action = action, region = self.session:region() }
  end, send)
end

--- Calls one action. Raises an error object when AWS refuses, or cannot be reached: `kind`
--- ("service", "denied", "credentials", "network"), `code` (AWS's: "ParameterNotFound"), `status`,
--- `message`, `request_id`, `retryable`.
---
---     local ok, problem = pcall(ssm.call, ssm, "GetParameter", { Name = "/absent" })
---     print(ok, problem.code)  --> false  ParameterNotFound
---
--- What may pass is tried again first: lost connections, throttling, a service in trouble.
---@param action string               "GetParameter"
---@param params? table<string, any>  with AWS's names; `host.json`'s array({}) where a list is empty
---@return table answer               with AWS's names; XML services (query, ec2, rest-xml) give texts
function client:call(action, params)
  check.type("client:call: action", action, "string")
  check.type("client:call: params", params or {}, "table")
  return self:observed(action, function()
    return aws.call(self.session, self.service, action, params, self:call_options())
  end)
end

--- Calls one action again and again, as long as its answers say that there is more.
---
---     for page in client:pages("ListFunctions", { MaxItems = 50 }) do
---       for _, fn in ipairs(page.Functions) do print(fn.FunctionName) end
---     end
---
---@param action string
---@param params? table<string, any>
---@return fun(): table?  for a `for`: the answers, one at a time, each asked for when its turn comes
function client:pages(action, params)
  local paging = require "engine.aws.paging"
  params = params or {}
  return function()
    if not params then
      return nil
    end
    local answer = self:call(action, params)
    params = paging.next(self.service.name, action, params, answer)
    return answer
  end
end

local defaults = {}

--- The client that a helper uses: the one in its options, or one of its own that asks for nothing
--- special, made once.
---@param service string
---@param options? { client?: laconic.AwsClient }
---@return laconic.AwsClient
function client.of(service, options)
  local given = options and options.client
  if given then
    if getmetatable(given) ~= client then
      check.fail("E103", "client: what laconic.aws.client returns expected")
    end
    return given
  end
  defaults[service] = defaults[service] or client.new(service)
  return defaults[service]
end

local REQUEST = {
  method = { type = "string" },
  path = { type = "string" },
  query = { type = "table" },
  headers = { type = "table" },
  body = { type = { "string", "table" } },
}

--- Sends a signed request as it is told: for REST services, any action that AWS has.
---
---     local api = aws.client("apigateway", { protocol = "rest-json" })
---     local answer = api:request { path = "/restapis", query = { limit = 10 } }
---     print(answer.status, #answer.body.item)
---
---@param request { method?: string, path?: string, query?: table, headers?: table, body?: string|table }
---  method: default "GET"; path: as on the wire, percent-encoded; a body that is a table goes as JSON
---@return { status: integer, headers: table<string, string>, body: any } answer
---  the body: a table when it is JSON or XML, else a text
function client:request(request)
  check.fields("client:request", request, REQUEST)
  return self:observed(request.method or "GET", function()
    return aws.request(self.session, self.service, request, self:call_options())
  end)
end

return client
