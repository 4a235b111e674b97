--- What can be said of HTTP APIs and WebSocket APIs alike: domains, authorizers, whose function it is.
--- See laconic.constructs.http_api and laconic.constructs.websocket_api.
---@module "laconic.gateway_v2"
local api_domain = require "laconic.api_domain"
local cfn = require "laconic.cfn"
local check = require "engine.check"
local handle = require "laconic.handle"

local gateway_v2 = {}

---@class laconic.ApiDomain
---@field name any            "api.example.com"
---@field certificate? any    the ARN of its certificate; without it the domain is there already
---@field path? string        the API stands below it: "v1", "shop/orders"
---@field hosted_zone? any    the id of Route 53's zone, in which the stack makes the record
---@field security_policy? string  default "TLS_1_2"
---@field ownership_certificate? any  with mutual TLS and a private or imported certificate
---@field ip_address_type? "ipv4"|"dualstack"
---@field tags? table<string, any>

---@class laconic.MutualTls
---@field truststore any      "s3://bucket/truststore.pem"
---@field version? any        of that object

-- ---- rules ----------------------------------------------------------------------------------------

local function test_name(name)
  if not name:match "^%a[%w_-]*$" then
    return ("'%s' is not a name: letters, digits, '-' and '_' expected, a letter first")
      :format(name)
  end
end

gateway_v2.NAME = { type = "string", required = true, least = 1, most = 64, test = test_name }

gateway_v2.TAGS = { type = "table" }

local function check_tags(name, tags)
  if tags then
    require("laconic.tags").check(name, tags)
  end
end

gateway_v2.check_tags = check_tags

local DOMAIN = {
  name = api_domain.NAME,
  certificate = { type = "text" },
  path = api_domain.PATH,
  hosted_zone = { type = "text" },
  security_policy = { type = "string", least = 1 },
  ownership_certificate = { type = "text" },
  ip_address_type = { one_of = { "ipv4", "dualstack" } },
  tags = gateway_v2.TAGS,
}

local OF_NEW_DOMAINS = {
  "hosted_zone", "ip_address_type", "ownership_certificate", "security_policy", "tags",
}

local function check_domain(name, domain)
  check.fields(name, domain, DOMAIN)
  for _, field in ipairs(OF_NEW_DOMAINS) do
    if domain[field] ~= nil and not domain.certificate then
      check.fail("E102", ("%s.%s: without 'certificate' the domain is there already"):format(name,
        field))
    end
  end
  check_tags(name .. ".tags", domain.tags)
end

--- Checks what was said of an API's domain, and that something leads to the API.
---@param word string  "http_api"
---@param options { domain?: laconic.ApiDomain, disable_default_endpoint?: boolean }
function gateway_v2.check_domain(word, options)
  if options.domain then
    check_domain(word .. ".domain", options.domain)
  elseif options.disable_default_endpoint then
    check.fail("E102",
      word .. ".disable_default_endpoint: without 'domain' nothing would lead to the API")
  end
end

-- ---- functions and authorizers --------------------------------------------------------------------

--- Checks that a field names a function by its handle.
---@param name string   "http_api.route.lambda"
---@param value any
function gateway_v2.check_lambda(name, value)
  if handle.kind(value) ~= "lambda" then
    check.fail("E103", name .. ": the handle of a function expected",
      "say what service:lambda { … } returns, or service:lambda \"name\"")
  end
end

local owners = setmetatable({}, { __mode = "k" }) -- handle of an authorizer → { api, entry }

handle.define("authorizer", {
  id = function(facts)
    return cfn.ref(facts.said.logical_id)
  end,
})

-- What routes get that name no authorizer is said once.
local function check_default(word, api)
  if api.authorizer then
    check.fail("E106", ("%s.authorizer.default: %s is the API's already"):format(word,
      type(api.authorizer) == "table" and ("'%s'"):format(api.authorizer.name)
        or ("\"%s\""):format(api.authorizer)))
  end
end

--- Adds an authorizer to an API, and returns its handle.
---@param word string       "http_api"
---@param api table         what was said of the API
---@param entry table       name, and what else its kind says
---@return laconic.Handle
function gateway_v2.add_authorizer(word, api, entry)
  for _, other in ipairs(api.authorizers) do
    if other.name == entry.name then
      check.fail("E106", ("%s.authorizer: the name '%s' is taken: %s"):format(word, entry.name,
        other.where))
    end
  end
  if entry.default then
    check_default(word, api)
    api.authorizer = entry
  end
  entry.where = check.where() or "?"
  entry.logical_id = api.stem .. "Api"
    .. require("laconic.logical_id").stem(entry.name) .. "Authorizer"
  table.insert(api.authorizers, entry)
  local made = handle.new("authorizer", entry.name, entry.logical_id, entry)
  owners[made] = { api = api, entry = entry }
  return made
end

--- What a route, or an API for all of them, says of who may call: "iam", "none" or an authorizer of the
--- same API.
---@param name string
---@param api table
---@param value any
---@return "iam"|"none"|table? entry  of the authorizer
function gateway_v2.authorizer(name, api, value)
  if value == nil or value == "iam" or value == "none" then
    return value
  elseif handle.kind(value) ~= "authorizer" then
    check.fail("E103", name .. ": \"iam\", \"none\" or the handle of an authorizer expected",
      "say what api:authorizer { … } returns")
  elseif owners[value].api ~= api then
    check.fail("E104", ("%s: '%s' belongs to another API"):format(name, value.name))
  end
  return owners[value].entry
end

return gateway_v2
