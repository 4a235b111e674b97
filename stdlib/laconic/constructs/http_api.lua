--- An HTTP API of API Gateway (version 2), whose routes run functions, or lead to HTTP servers.
---
---     local api = service:http_api { name = "greeter", cors = true }
---     api:route { key = "GET /hello/{name}", lambda = hello }
---     api:route { key = "ANY /shop/{proxy+}", url = "https://shop.example.com/{proxy}" }
---     api:route { key = "$default", lambda = fallback }
---     service:lambda { name = "mail", environment = { LINK = api.url .. "/confirm" }, … }
---
--- The stack has an output with its URL: "GreeterUrl". The handle has `.url` (without a slash at its
--- end), `.id` and `.execute_arn`, to which "/STAGE/METHOD/PATH" is added where a policy names a route.
---@module "laconic.constructs.http_api"
local api_address = require "laconic.api_address"
local api_stage = require "laconic.api_stage"
local authorizer = require "laconic.http_api.authorizer"
local check = require "engine.check"
local cross_origin = require "laconic.cross_origin"
local gateway_v2 = require "laconic.gateway_v2"
local handle = require "laconic.handle"
local resource = require "laconic.resource"
local route = require "laconic.http_api.route"
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
---@field detailed_metrics? boolean
---@field auto_deploy? boolean      default true; false: each change of the API makes a deployment

local METHODS = { "*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT" }

local CORS = cross_origin.rules(METHODS, -1)

local OPTIONS = {
  name = gateway_v2.NAME,
  description = { type = "string", most = 1024 },
  version = { type = "string", least = 1, most = 64 },
  cors = { type = { "boolean", "table" } },
  authorizer = { one_of = { "iam" } },
  payload_format = route.FORMAT,
  timeout = route.TIMEOUT,
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

local STAGE = api_stage.rules {
  name = {
    type = "string",
    least = 1,
    most = 128,
    test = function(name)
      return name ~= "$default" and api_stage.test_name(name) or nil
    end,
  },
  auto_deploy = { type = "boolean" },
  detailed_metrics = { type = "boolean" },
}

-- ---- the API --------------------------------------------------------------------------------------

handle.define("http_api", {
  id = function(facts)
    return api_address.id(facts.id)
  end,
  url = function(facts)
    local stage = facts.said.stages[1].name
    return api_address.url(facts.said, "https", stage ~= "$default" and stage or nil)
  end,
  execute_arn = function(facts)
    return api_address.execute_arn(facts.id)
  end,
}, { route = route.add, authorizer = authorizer.add })

local function read_stages(options)
  if options.stage and options.stages then
    check.fail("E104", "http_api: 'stage' is one, 'stages' are several: say one of the two")
  end
  local stages, seen = {}, {}
  for i, stage in ipairs(options.stages or { options.stage or {} }) do
    local name = options.stages and ("http_api.stages[%d]"):format(i) or "http_api.stage"
    api_stage.check(name, stage, STAGE)
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
  gateway_v2.check_domain("http_api", options)
  if options.mutual_tls and not (options.domain and options.domain.certificate) then
    check.fail("E102", "http_api.mutual_tls: needs 'domain' with a 'certificate'")
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
