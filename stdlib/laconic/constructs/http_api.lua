--- An HTTP API of API Gateway (version 2), whose routes run functions.
---
---     local api = service:http_api { name = "greeter", cors = true }
---     api:route { key = "GET /hello/{name}", lambda = hello }
---     api:route { key = "$default", lambda = fallback }
---     service:lambda { name = "mail", environment = { LINK = api.url .. "/confirm" }, … }
---
--- The stack has an output with its URL: "GreeterUrl". The handle has `.url` (without a slash at its
--- end), `.id` and `.execute_arn`, to which "/STAGE/METHOD/PATH" is added where a policy names a route.
---@module "laconic.constructs.http_api"
local check = require "engine.check"
local cross_origin = require "laconic.cross_origin"
local gateway_v2 = require "laconic.gateway_v2"
local handle = require "laconic.handle"
local resource = require "laconic.resource"
local service_words = require "laconic.service"

---@class laconic.HttpApiOptions
---@field name string
---@field description? string
---@field version? string
---@field cors? boolean|laconic.CorsOptions  true: every origin, method and header; no credentials
---@field authorizer? "iam"         of every route that names none; see also `default` of authorizers
---@field payload_format? "1.0"|"2.0"  of the events; default "2.0"
---@field timeout? number           seconds that API Gateway waits; default 30, which is the most
---@field stage? laconic.HttpStage  default { name = "$default" }, which stands in no path
---@field stages? laconic.HttpStage[]  or several; the first is the one of `.url`
---@field domain? laconic.ApiDomain
---@field mutual_tls? laconic.MutualTls  clients show a certificate; needs `domain`, and turns the
---  default endpoint off
---@field disable_default_endpoint? boolean  reachable by its own domain alone
---@field ip_address_type? "ipv4"|"dualstack"
---@field tags? table<string, any>
---@field output? string|false      what the output with its URL is called; default "<Name>Url"

---@class laconic.HttpStage: laconic.ApiStage
---@field auto_deploy? boolean      default true; false: each change of the API makes a deployment

---@class laconic.HttpRoute
---@field key string                "GET /hello/{name}", "ANY /files/{proxy+}", "$default"
---@field lambda laconic.Handle
---@field authorizer? "iam"|"none"|laconic.Handle
---@field scopes? string[]
---@field payload_format? "1.0"|"2.0"
---@field timeout? number           seconds
---@field request_parameters? table<string, any>  what is changed before the function is called:
---  { ["append:header.stage"] = "$context.stage", ["remove:querystring.debug"] = "''" }
---@field response_parameters? table<integer, table<string, any>>  by status:
---  { [200] = { ["overwrite:header.cache-control"] = "no-store" } }
---@field operation_name? string
---@field throttling? laconic.Throttling
---@field detailed_metrics? boolean

---@class laconic.HttpAuthorizer
---@field name string
---@field jwt? { issuer: any, audience: any[] }  tokens of an identity provider, or
---@field lambda? laconic.Handle    a function of yours
---@field identity_sources? string[]  default { "$request.header.Authorization" }; a request without
---  them is refused before the function is asked
---@field simple? boolean           the function answers { isAuthorized = … }, and no IAM policy; default
---  true, with payload format "2.0"
---@field payload_format? "1.0"|"2.0"  of the function's events; default "2.0"
---@field ttl? integer              seconds for which an answer of the function is kept; default 0
---@field default? boolean          of every route that names none

local METHODS = { "*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT" }

local CORS = cross_origin.rules(METHODS, -1)

local TIMEOUT = { type = "number", least = 0.05, most = 30, unit = "seconds" }
local FORMAT = { one_of = { "1.0", "2.0" } }
local SCOPES = { each = { type = "text" }, least = 1, most = 10 }
local AUTHORIZER = { type = { "string", "table" } }

local OPTIONS = {
  name = gateway_v2.NAME,
  description = { type = "string", most = 1024 },
  version = { type = "string", least = 1, most = 64 },
  cors = { type = { "boolean", "table" } },
  authorizer = { one_of = { "iam" } },
  payload_format = FORMAT,
  timeout = TIMEOUT,
  stage = { type = "table" },
  stages = { each = { type = "table" }, least = 1, most = 10 },
  domain = { type = "table" },
  mutual_tls = {
    fields = {
      truststore = {
        type = "text",
        required = true,
        test = function(url)
          return type(url) == "string" and not url:match "^s3://[^/]+/.+$"
            and ("'%s' is not an object such as 's3://bucket/truststore.pem'"):format(url) or nil
        end,
      },
      version = { type = "text" },
    },
  },
  disable_default_endpoint = { type = "boolean" },
  ip_address_type = { one_of = { "ipv4", "dualstack" } },
  tags = gateway_v2.TAGS,
  output = resource.OUTPUT,
}

local STAGE = gateway_v2.stage_rules {
  name = {
    type = "string",
    least = 1,
    most = 128,
    test = function(name)
      return name ~= "$default" and gateway_v2.test_stage_name(name) or nil
    end,
  },
  auto_deploy = { type = "boolean" },
}

-- ---- routes ---------------------------------------------------------------------------------------

local VERBS = {
  ANY = true, DELETE = true, GET = true, HEAD = true, OPTIONS = true, PATCH = true, POST = true,
  PUT = true,
}

-- What is wrong with one segment of a path; `seen` are the names of its parameters.
local function segment_problem(segment, is_last, seen)
  local name, greedy = segment:match "^{([%w._-]+)(%+?)}$"
  if not name then
    return not segment:match "^[%w%%$_.!*'(),;:@&=~-]+$"
      and ("'%s' cannot stand in a path"):format(segment) or nil
  elseif seen[name] then
    return ("the parameter '%s' comes twice"):format(name)
  elseif greedy == "+" and not is_last then
    return ("'%s' takes all that follows, and has to be the last"):format(segment)
  end
  seen[name] = true
end

local function path_problem(path)
  local seen = {}
  for segment, rest in path:gmatch "/([^/]*)()" do
    local problem = path ~= "/" and segment_problem(segment, rest > #path, seen)
    if problem then
      return problem
    end
  end
end

local function test_key(key)
  if key == "$default" then
    return nil
  end
  local verb, path = key:match "^(%S+) (/.*)$"
  if not verb then
    return ("'%s' is not a route such as 'GET /hello/{name}' or '$default'"):format(key)
  elseif not VERBS[verb] then
    return check.unknown("method", verb, VERBS)
  end
  return path_problem(path)
end

local REQUEST_TARGETS = { append = true, overwrite = true, remove = true }

local function test_request_parameters(parameters)
  for target, value in pairs(parameters) do
    local word, place = tostring(target):match "^(%l+):(.+)$"
    if not REQUEST_TARGETS[word] or not (place == "path" or place:match "^header%.[^.%s]+$"
      or place:match "^querystring%.%S+$") then
      return ("'%s' is not what can be changed, such as 'append:header.stage'"):format(target)
    elseif type(value) ~= "string" and not check.is_intrinsic(value) then
      return ("%s: string or intrinsic expected"):format(target)
    end
  end
end

local function test_response_parameters(by_status)
  for status, parameters in pairs(by_status) do
    if math.type(status) ~= "integer" or status < 200 or status > 599 then
      return ("'%s' is not a status from 200 to 599"):format(tostring(status))
    elseif type(parameters) ~= "table" then
      return ("[%d]: table expected"):format(status)
    end
    for target, value in pairs(parameters) do
      if target ~= "overwrite:statuscode"
        and not tostring(target):match "^%l+:header%.[^.%s]+$" then
        return ("[%d]: '%s' is not what can be changed, such as 'overwrite:header.etag'"):format(
          status, tostring(target))
      elseif type(value) ~= "string" and not check.is_intrinsic(value) then
        return ("[%d]: %s: string or intrinsic expected"):format(status, target)
      end
    end
  end
end

local ROUTE = {
  key = { type = "string", required = true, least = 1, most = 512, test = test_key },
  lambda = { type = "table", required = true },
  authorizer = AUTHORIZER,
  scopes = SCOPES,
  payload_format = FORMAT,
  timeout = TIMEOUT,
  request_parameters = { type = "table", test = test_request_parameters },
  response_parameters = { type = "table", test = test_response_parameters },
  operation_name = { type = "string", least = 1, most = 64 },
  throttling = gateway_v2.THROTTLING,
  detailed_metrics = { type = "boolean" },
}

local function route(api, options)
  check.fields("http_api.route", options, ROUTE)
  gateway_v2.check_lambda("http_api.route.lambda", options.lambda)
  for _, other in ipairs(api.routes) do
    if other.key == options.key then
      check.fail("E106", ("http_api.route: '%s' is there already: %s"):format(options.key,
        other.where))
    end
  end
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  entry.authorizer = gateway_v2.authorizer("http_api.route.authorizer", api, options.authorizer)
  entry.where = check.where() or "?"
  table.insert(api.routes, entry)
end

-- ---- authorizers ----------------------------------------------------------------------------------

local function test_source(source)
  if not source:match "^%$request%.%l+%.%S+$" and not source:match "^%$context%.%S+$"
    and not source:match "^%$stageVariables%.%S+$" then
    return ("'%s' is not a part of a request such as '$request.header.Authorization'")
      :format(source)
  end
end

local AUTHORIZER_OPTIONS = {
  name = gateway_v2.NAME,
  jwt = {
    fields = {
      issuer = { type = "text", required = true },
      audience = { each = { type = "text" }, required = true, least = 1, most = 50 },
    },
  },
  lambda = { type = "table" },
  identity_sources = { each = { type = "string", test = test_source } },
  simple = { type = "boolean" },
  payload_format = FORMAT,
  ttl = { type = "integer", least = 0, most = 3600, unit = "seconds" },
  default = { type = "boolean" },
}

local function check_jwt(options)
  for _, field in ipairs { "payload_format", "simple", "ttl" } do
    if options[field] ~= nil then
      check.fail("E104", ("http_api.authorizer.%s: belongs to a function, and not to `jwt`"):format(
        field))
    end
  end
  if options.identity_sources and #options.identity_sources ~= 1 then
    check.fail("E104", "http_api.authorizer.identity_sources: a token has one place")
  end
end

local function check_function(options)
  gateway_v2.check_lambda("http_api.authorizer.lambda", options.lambda)
  if options.simple and options.payload_format == "1.0" then
    check.fail("E104", "http_api.authorizer.simple: simple answers need payload format \"2.0\"")
  elseif (options.ttl or 0) > 0 and options.identity_sources and #options.identity_sources == 0 then
    check.fail("E104", "http_api.authorizer.ttl: without identity_sources there is nothing to keep "
      .. "an answer by")
  end
end

local function authorizer(api, options)
  check.fields("http_api.authorizer", options, AUTHORIZER_OPTIONS)
  if (options.jwt == nil) == (options.lambda == nil) then
    check.fail("E102", "http_api.authorizer: one of 'jwt' and 'lambda' is needed")
  elseif options.jwt then
    check_jwt(options)
  else
    check_function(options)
  end
  return gateway_v2.add_authorizer("http_api", api, {
    name = options.name,
    jwt = options.jwt,
    lambda = options.lambda,
    identity_sources = options.identity_sources or { "$request.header.Authorization" },
    simple = options.simple ~= false and options.payload_format ~= "1.0",
    payload_format = options.payload_format or "2.0",
    ttl = options.ttl or 0,
    default = options.default,
  })
end

-- ---- the API --------------------------------------------------------------------------------------

handle.define("http_api", {
  id = function(facts)
    return gateway_v2.id(facts.id)
  end,
  url = function(facts)
    local stage = facts.said.stages[1].name
    return gateway_v2.url(facts.said, "https", stage ~= "$default" and stage or nil)
  end,
  execute_arn = function(facts)
    return gateway_v2.execute_arn(facts.id)
  end,
}, { route = route, authorizer = authorizer })

local function read_stages(options)
  if options.stage and options.stages then
    check.fail("E104", "http_api: 'stage' is one, 'stages' are several: say one of the two")
  end
  local stages, seen = {}, {}
  for i, stage in ipairs(options.stages or { options.stage or {} }) do
    local name = options.stages and ("http_api.stages[%d]"):format(i) or "http_api.stage"
    gateway_v2.check_stage(name, stage, STAGE)
    local entry = {}
    for field, value in pairs(stage) do
      entry[field] = value
    end
    entry.name = stage.name or "$default"
    entry.auto_deploy = stage.auto_deploy ~= false
    if seen[entry.name] then
      check.fail("E106", ("%s: the stage '%s' is there already"):format(name, entry.name))
    end
    seen[entry.name] = true
    stages[i] = entry
  end
  return stages
end

local function check_domain(options)
  if options.domain then
    gateway_v2.check_domain("http_api.domain", options.domain)
  end
  if options.mutual_tls and not (options.domain and options.domain.certificate) then
    check.fail("E102", "http_api.mutual_tls: needs 'domain' with a 'certificate'")
  elseif options.disable_default_endpoint and not options.domain then
    check.fail("E102",
      "http_api.disable_default_endpoint: without 'domain' nothing would lead to the API")
  end
end

---@param service laconic.Service
---@param options laconic.HttpApiOptions
---@return laconic.Handle
return function(service, options)
  check.fields("http_api", options, OPTIONS)
  check_domain(options)
  gateway_v2.check_tags("http_api.tags", options.tags)
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  entry.cors = cross_origin.read("http_api.cors", options.cors, CORS)
  entry.stage, entry.stages = nil, read_stages(options)
  entry.authorizers, entry.routes = {}, {}
  if options.mutual_tls and options.disable_default_endpoint == nil then
    entry.disable_default_endpoint = true -- else nobody would have to show a certificate
  end
  local made = service_words.add_construct(service, "http_api", entry)
  entry.url = made.url
  return made
end
