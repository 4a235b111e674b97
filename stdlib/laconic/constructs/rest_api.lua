--- A REST API (API Gateway, version 1) in front of the service's functions.
---
---     local api = service:rest_api { name = "greeter", stage = "v1", cors = true }
---     api:method { path = "/hello/{name}", verb = "GET", lambda = hello }
---     api:method {
---       path = "/greetings",
---       verb = "POST",
---       lambda = add,
---       model = { type = "object", properties = { text = { type = "string" } } },
---       status = 201,
---     }
---
--- `api.url` is where it answers, `api.id` its id, `api.stage` its stage's name, `api.execute_arn`
--- what the ARNs of its methods begin with; `api:arn { verb = "GET", path = "/hello/*" }` is what a
--- privilege to call it names. See docs/apis.md.
---
---@module "laconic.constructs.rest_api"
local access = require "laconic.rest_api.access"
local api_address = require "laconic.api_address"
local cfn = require "laconic.cfn"
local check = require "engine.check"
local cors = require "laconic.rest_api.cors"
local handle = require "laconic.handle"
local logical_id = require "laconic.logical_id"
local method = require "laconic.rest_api.method"
local resource = require "laconic.resource"
local schema = require "laconic.rest_api.schema"
local stage = require "laconic.rest_api.stage"
local words = require "laconic.service"

---@class laconic.RestApiOptions
---@field name string               its own is "<stack>_<name>"
---@field stage? string|false|laconic.RestStage  where it is published; default "prod". false:
---  nowhere
---@field description? string
---@field endpoint? "regional"|"edge"|"private"|{ type: string, vpc_endpoints?: any[] }  default
---  "regional"
---@field proxy? boolean            of methods that say nothing: requests and answers are not mapped
---@field authorizer? "iam"         of methods that say nothing; see api:authorizer for others
---@field api_key? boolean          of methods that say nothing
---@field api_key_source? "header"|"authorizer"
---@field cors? boolean|laconic.CorsOptions
---@field content_types? string[]   of mapped requests, of methods that say nothing; default JSON,
---  text, forms and multipart forms
---@field binary_media_types? string[]
---@field minimum_compression? integer  bytes from which on answers are compressed
---@field gateway_responses? table<string, laconic.GatewayResponse>  "UNAUTHORIZED", "DEFAULT_5XX",
---  …
---@field domain? laconic.RestDomain
---@field disable_default_endpoint? boolean  it is reached by its domain alone
---@field policy? table             who may call it, as IAM writes it
---@field tags? table<string, any>
---@field output? string|false      the name of the output that tells its URL; default "<Name>Url"

---@class laconic.GatewayResponse
---@field status? integer
---@field headers? table<string, any>  static
---@field templates? table<string, string>  by content type

local TEXT = { type = "text" }

-- What API Gateway answers by itself.
local RESPONSE_TYPES = {
  ACCESS_DENIED = true,
  API_CONFIGURATION_ERROR = true,
  AUTHORIZER_CONFIGURATION_ERROR = true,
  AUTHORIZER_FAILURE = true,
  BAD_REQUEST_BODY = true,
  BAD_REQUEST_PARAMETERS = true,
  DEFAULT_4XX = true,
  DEFAULT_5XX = true,
  EXPIRED_TOKEN = true,
  INTEGRATION_FAILURE = true,
  INTEGRATION_TIMEOUT = true,
  INVALID_API_KEY = true,
  INVALID_SIGNATURE = true,
  MISSING_AUTHENTICATION_TOKEN = true,
  QUOTA_EXCEEDED = true,
  REQUEST_TOO_LARGE = true,
  RESOURCE_NOT_FOUND = true,
  THROTTLED = true,
  UNAUTHORIZED = true,
  UNSUPPORTED_MEDIA_TYPE = true,
  WAF_FILTERED = true,
}

local function test_types(types)
  for name in pairs(types) do
    if not RESPONSE_TYPES[name] then
      return check.unknown("type", name, RESPONSE_TYPES)
    end
  end
end

local OPTIONS = {
  name = {
    type = "string",
    required = true,
    least = 1,
    most = 100,
    test = function(name)
      if not name:match "^%a[%w_-]*$" then
        return ("'%s' cannot name an API: a letter, then letters, digits, '-' and '_'"):format(name)
      end
    end,
  },
  stage = { type = { "string", "boolean", "table" } },
  description = { type = "string", most = 1024 },
  endpoint = { type = { "string", "table" } },
  proxy = { type = "boolean" },
  authorizer = { one_of = { "iam" } },
  api_key = { type = "boolean" },
  api_key_source = { one_of = { "header", "authorizer" } },
  cors = { type = { "boolean", "table" } },
  content_types = method.CONTENT_TYPES,
  binary_media_types = method.CONTENT_TYPES,
  minimum_compression = { type = "integer", least = 0, most = 10485760, unit = "bytes" },
  gateway_responses = { type = "table", test = test_types },
  domain = { fields = stage.DOMAIN },
  disable_default_endpoint = { type = "boolean" },
  policy = { type = "table" },
  tags = { type = "table" },
  output = resource.OUTPUT,
}

local function test_headers(headers)
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not name:match "^[%w_-]+$" then
      return ("'%s' cannot be a header's name"):format(tostring(name))
    end
    check.type("rest_api.gateway_responses: " .. name, value, "text")
  end
end

local GATEWAY_RESPONSE = {
  status = { type = "integer", least = 100, most = 599 },
  headers = { type = "table", test = test_headers },
  templates = { type = "table" },
}

local ENDPOINT = {
  type = { required = true, one_of = { "regional", "edge", "private" } },
  vpc_endpoints = { each = TEXT, least = 1 },
}

local function read_endpoint(endpoint)
  endpoint = type(endpoint) == "table" and endpoint or { type = endpoint or "regional" }
  check.fields("rest_api.endpoint", endpoint, ENDPOINT)
  if endpoint.vpc_endpoints and endpoint.type ~= "private" then
    check.fail("E104", "rest_api.endpoint.vpc_endpoints: of a private endpoint alone")
  end
  return endpoint
end

local function check_parts(options)
  for name, response in pairs(options.gateway_responses or {}) do
    check.fields("rest_api.gateway_responses." .. name, response, GATEWAY_RESPONSE)
  end
  for _, field in ipairs { "gateway_responses", "policy" } do
    resource.check_value("rest_api." .. field, options[field])
  end
  if options.tags then
    require("laconic.tags").check("rest_api.tags", options.tags)
  end
  if options.stage == true then
    check.fail("E103", "rest_api.stage: a name, a table or false expected, got true")
  elseif options.stage == false and (options.domain or options.output) then
    local field = options.domain and "domain" or "output"
    check.fail("E104", ("rest_api.%s: an API without a stage has no address"):format(field))
  end
end

-- Adds to one of the API's lists, once for each name.
local function add(said, list, word, entry)
  for _, other in ipairs(said[list]) do
    if other.name == entry.name then
      check.fail("E106", ("%s: the name '%s' is taken: %s"):format(word, entry.name, other.where))
    end
    if other.stem and other.stem == entry.stem then
      local text = "%s: '%s' and '%s' would have one id in the template: %s"
      check.fail("E106", text:format(word, other.name, entry.name, other.where),
        "rename one of them")
    end
  end
  table.insert(said[list], entry)
end

local function stage_of(facts)
  local published = facts.said.stage
  if not published then
    check.fail("E107", ("rest_api '%s': it has no stage, and so no address"):format(facts.name))
  end
  return published.name
end

local function url_of(facts)
  return api_address.url(facts.said, "https", stage_of(facts))
end

local ARN = {
  verb = { type = "string", least = 1 },
  path = { type = "string", least = 1 },
  stage = { type = "string", least = 1 },
}

local methods = {} -- api:…

--- Adds a method.
---@param options laconic.MethodOptions
function methods.method(said, options)
  table.insert(said.methods, method.read(said, options))
end

--- Adds a model of bodies, and returns its handle: for the `model` of methods.
---@param options laconic.RestModel
---@return laconic.Handle
function methods.model(said, options)
  check.fields("model", options, schema.MODEL)
  schema.check("model.schema", options.schema)
  local entry = {
    name = options.name,
    id = said.stem .. "Api" .. options.name .. "Model",
    schema = options.schema,
    content_type = options.content_type or "application/json",
    description = options.description,
    where = check.where() or "?",
  }
  add(said, "models", "model", entry)
  return handle.new("rest_api_model", options.name, entry.id)
end

--- Adds an authorizer, and returns its handle: for the `authorizer` of methods.
---@param options laconic.RestAuthorizer
---@return laconic.Handle
function methods.authorizer(said, options)
  local entry = access.authorizer(options)
  entry.stem = logical_id.stem(entry.name)
  entry.id = said.stem .. "Api" .. entry.stem .. "Authorizer"
  for _, other in ipairs(entry.default and said.authorizers or {}) do
    if other.default then
      local text = "authorizer.default: '%s' is it already: %s"
      check.fail("E106", text:format(other.name, other.where))
    end
  end
  add(said, "authorizers", "authorizer", entry)
  return handle.new("rest_api_authorizer", entry.name, entry.id)
end

--- Adds a usage plan, with the keys that it makes.
---@param options laconic.UsagePlan
function methods.usage_plan(said, options)
  if not said.stage then
    check.fail("E104", "usage_plan: an API without a stage cannot be in a plan")
  end
  local entry = access.usage_plan(options)
  entry.stem = logical_id.stem(entry.name)
  add(said, "usage_plans", "usage_plan", entry)
end

--- What a privilege for execute-api:Invoke names; without fields, all of the API.
---     privileges = { { actions = "execute-api:Invoke", resource = api:arn { verb = "GET" } } }
---@param options? { verb?: string, path?: string, stage?: string }  "*" in them stands for anything
---@return laconic.Intrinsic
function methods.arn(said, options)
  options = options or {}
  check.fields("arn", options, ARN)
  if options.path and options.path:sub(1, 1) ~= "/" then
    check.fail("E105", ("arn.path: '%s' does not begin with '/'"):format(options.path))
  end
  local stage_name = options.stage or said.stage and said.stage.name or "*"
  return api_address.execute_arn(said.stem)
    .. ("/%s/%s%s"):format(stage_name, options.verb or "*", options.path or "/*")
end

handle.define("rest_api", {
  execute_arn = function(facts)
    return api_address.execute_arn(facts.id)
  end,
  id = function(facts)
    return api_address.id(facts.id)
  end,
  root_resource_id = function(facts)
    return cfn.att(facts.id .. "Api", "RootResourceId")
  end,
  stage = stage_of,
  url = url_of,
}, methods)

local REFERRED = {
  id = function(facts)
    return facts.id
  end,
  ref = function(facts)
    return cfn.ref(facts.id)
  end,
}

handle.define("rest_api_model", REFERRED)
handle.define("rest_api_authorizer", REFERRED)

-- In a function behind a proxy integration, whose answers name the origins themselves.
local function answer_cross_origin(service, said)
  local proxied_cors = require "laconic.rest_api.proxied_cors"
  said.cors_variable = proxied_cors.variable(said)
  local origins = os.getenv(said.cors_variable)
  if origins then
    service:interceptor(proxied_cors.interceptor(said.cors, origins))
  end
end

--- Adds the API to the service, and returns its handle.
---@param service laconic.Service
---@param options laconic.RestApiOptions
---@return laconic.Handle
return function(service, options)
  check.fields("rest_api", options, OPTIONS)
  check_parts(options)
  local said = {
    name = options.name,
    options = options,
    cors = cors.read("rest_api.cors", options.cors),
    domain = options.domain,
    endpoint = read_endpoint(options.endpoint),
    output = options.output,
    proxy = options.proxy,
    stage = stage.read(options.stage),
    authorizers = {},
    methods = {},
    models = {},
    usage_plans = {},
  }
  if said.domain and said.endpoint.type == "private" then
    check.fail("E104", "rest_api.domain: a private API has none")
  elseif said.endpoint.type == "private" and said.stage and not options.policy then
    check.fail("E102", "rest_api.policy: a private API is not published without one",
      "say who may call it: { Version = \"2012-10-17\", Statement = { … } }, as IAM writes it")
  end
  local made = words.add_construct(service, "rest_api", said)
  said.url = said.stage and made.url or nil
  if said.cors then
    answer_cross_origin(service, said)
  end
  return made
end
