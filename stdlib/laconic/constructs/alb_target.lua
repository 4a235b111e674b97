--- A function as the target of an Application Load Balancer: of a listener that is there already, or of
--- one that the stack makes.
---
---     service:alb_target {
---       name = "orders",
---       listener = "arn:aws:elasticloadbalancing:…:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2",
---       paths = { "/orders", "/orders/*" },
---       priority = 20,
---       lambda = orders,
---     }
---     local front = service:alb_target {
---       name = "front",
---       load_balancer = { subnets = { "subnet-1", "subnet-2" }, security_groups = { "sg-1" } },
---       lambda = front_page,                       -- gets all that no other target gets
---     }
---     service:alb_target { name = "api", listener = front.listener, paths = { "/api/*" }, … }
---
--- With a load balancer of its own the stack has an output with its URL, "FrontUrl", and the handle has
--- `.url` and `.dns_name`. Every handle has `.listener` and `.target_group`, their ARNs.
---@module "laconic.constructs.alb_target"
local cfn = require "laconic.cfn"
local check = require "engine.check"
local handle = require "laconic.handle"
local resource = require "laconic.resource"
local service_words = require "laconic.service"

---@class laconic.AlbTargetOptions
---@field name string
---@field lambda laconic.Handle
---@field listener? any             the ARN of a listener, or
---@field load_balancer? laconic.LoadBalancer  one that the stack makes; without conditions the function
---  gets all that nobody else gets
---@field paths? string[]           "/orders/*"; `*` is any text, `?` one character. Of several, one has to
---  fit; what is said of paths, hosts and so on has to hold together. 3 of each at most, 5 in all
---@field hosts? string[]           "*.example.com"
---@field methods? string[]         "GET"
---@field headers? table<string, string|string[]>  { ["x-version"] = "2*" }
---@field query? table<string, string|string[]>    { debug = "1" }; the key "*" stands for any
---@field source_ips? string[]      "192.0.2.0/24"
---@field priority? integer         1 to 50,000, and its listener's own: the lowest is asked first
---@field multi_value_headers? boolean  headers and queries come as lists, and are answered so
---@field health_check? boolean|laconic.AlbHealthCheck  default: none, for each one runs the function
---@field tags? table<string, any>
---@field output? string|false

---@class laconic.LoadBalancer
---@field subnets any[]             two at least, in different zones
---@field security_groups? any[]
---@field scheme? "internet-facing"|"internal"  default "internet-facing"
---@field ip_address_type? "ipv4"|"dualstack"|"dualstack-without-public-ipv4"
---@field certificate? any          the ARN of a certificate: then it speaks HTTPS
---@field ssl_policy? string
---@field port? integer             default 80; 443 with a certificate
---@field attributes? table<string, string>  { ["idle_timeout.timeout_seconds"] = "30" }
---@field tags? table<string, any>

---@class laconic.AlbHealthCheck
---@field path? string              default "/"
---@field interval? integer         seconds, 5 to 300; default 35
---@field timeout? integer          seconds, 2 to 120; default 30
---@field healthy_threshold? integer    2 to 10
---@field unhealthy_threshold? integer  2 to 10
---@field matcher? string           statuses that are well: "200-299"

local TEXTS = { each = { type = "text" }, least = 1 }

local MOST_VALUES = 5 -- of one rule's conditions together
local MOST_OF_ONE = 3 -- of one of them

local function patterns(most, test)
  local each = { type = "string", least = 1, most = most, test = test }
  return { each = each, least = 1, most = MOST_OF_ONE }
end

local function test_host(host)
  if not host:match "^[%w.*?-]+$" then
    return ("'%s' is not a host such as 'shop.example.com' or '*.example.com'"):format(host)
  end
end

local function test_range(range)
  if not range:match "^[%x.:]+/%d+$" then
    return ("'%s' is not a range of addresses such as '10.0.0.0/8' or '192.0.2.1/32'"):format(range)
  end
end

local function test_listener(arn)
  if type(arn) == "string" and not arn:match "^arn:[%w-]+:elasticloadbalancing:.+:listener/." then
    return ("'%s' is not the ARN of a listener"):format(arn)
  end
end

local function test_path(path)
  if not path:match "^[/*]" then
    return ("'%s' is not a path: it begins with '/' or '*'"):format(path)
  end
end

local function test_method(method)
  if not method:match "^[%u_-]+$" or #method > 40 then
    return ("'%s' is not a method such as 'GET'"):format(method)
  end
end

local function test_pairs(map)
  for key, value in pairs(map) do
    local list = type(value) == "table" and value or { value }
    if type(key) ~= "string" or #list == 0 then
      return "a text, or a list of texts, by name expected"
    elseif #list > MOST_OF_ONE then
      return ("%s: at most %d texts expected"):format(key, MOST_OF_ONE)
    end
    for _, item in ipairs(list) do
      if type(item) ~= "string" or item == "" or #item > 128 then
        return ("%s: texts of 1 to 128 characters expected"):format(key)
      end
    end
  end
end

local HEALTH_CHECK = {
  path = { type = "string", least = 1, most = 1024, test = test_path },
  interval = { type = "integer", least = 5, most = 300, unit = "seconds" },
  timeout = { type = "integer", least = 2, most = 120, unit = "seconds" },
  healthy_threshold = { type = "integer", least = 2, most = 10 },
  unhealthy_threshold = { type = "integer", least = 2, most = 10 },
  matcher = { type = "string", least = 3 },
}

local LOAD_BALANCER = {
  subnets = { each = TEXTS.each, least = 2, required = true },
  security_groups = TEXTS,
  scheme = { one_of = { "internet-facing", "internal" } },
  ip_address_type = { one_of = { "ipv4", "dualstack", "dualstack-without-public-ipv4" } },
  certificate = { type = "text" },
  ssl_policy = { type = "string", least = 1 },
  port = { type = "integer", least = 1, most = 65535 },
  attributes = { type = "table" },
  tags = { type = "table" },
}

local OPTIONS = {
  name = {
    type = "string",
    required = true,
    least = 1,
    most = 64,
    test = function(name)
      return not name:match "^%a[%w_-]*$"
        and "letters, digits, '-' and '_' expected, a letter first" or nil
    end,
  },
  lambda = { required = true },
  listener = { type = "text", test = test_listener },
  load_balancer = { type = "table" },
  paths = {
    each = { type = "string", least = 1, most = 128, test = test_path },
    least = 1,
    most = MOST_OF_ONE,
  },
  hosts = patterns(128, test_host),
  methods = { each = { type = "string", test = test_method }, least = 1, most = MOST_OF_ONE },
  headers = { type = "table", test = test_pairs },
  query = { type = "table", test = test_pairs },
  source_ips = patterns(64, test_range),
  priority = { type = "integer", least = 1, most = 50000 },
  multi_value_headers = { type = "boolean" },
  health_check = { type = { "boolean", "table" } },
  tags = { type = "table" },
  output = resource.OUTPUT,
}

local CONDITIONS = { "headers", "hosts", "methods", "paths", "query", "source_ips" }

local function count_conditions(options)
  local count = 0
  for _, field in ipairs(CONDITIONS) do
    for _, value in pairs(options[field] or {}) do
      count = count + (type(value) == "table" and #value or 1)
    end
  end
  return count
end

local function check_rule(options)
  local count = count_conditions(options)
  if count > MOST_VALUES then
    local problem = "alb_target: %d values in its conditions, and a rule takes %d"
    check.fail("E104", problem:format(count, MOST_VALUES),
      "say several targets of the same function")
  elseif count == 0 and not options.load_balancer then
    check.fail("E102", "alb_target: which requests it gets is not said",
      "say paths, hosts, methods, headers, query or source_ips")
  elseif count > 0 and not options.priority then
    check.fail("E102", "alb_target: field 'priority' is missing")
  elseif count == 0 and options.priority then
    check.fail("E104", "alb_target.priority: it gets what no rule is for, and so has none")
  end
end

local function check_load_balancer(options)
  if (options.listener == nil) == (options.load_balancer == nil) then
    check.fail("E102", "alb_target: one of 'listener' and 'load_balancer' is needed")
  end
  local balancer = options.load_balancer
  if not balancer then
    return
  end
  check.fields("alb_target.load_balancer", balancer, LOAD_BALANCER)
  if balancer.ssl_policy and not balancer.certificate then
    check.fail("E102",
      "alb_target.load_balancer.ssl_policy: without 'certificate' it speaks no TLS")
  end
  for name, value in pairs(balancer.attributes or {}) do
    check.type(("alb_target.load_balancer.attributes.%s"):format(tostring(name)), value, "text")
  end
  if balancer.tags then
    require("laconic.tags").check("alb_target.load_balancer.tags", balancer.tags)
  end
end

local function check_health(health)
  if type(health) == "table" then
    check.fields("alb_target.health_check", health, HEALTH_CHECK)
    if (health.timeout or 30) >= (health.interval or 35) then
      check.fail("E104", "alb_target.health_check.timeout: must be less than the interval")
    end
  end
end

local function balancer_of(facts, field)
  if not facts.said.load_balancer then
    local problem = "alb_target '%s': only AWS knows the %s of a listener that is there already"
    check.fail("E107", problem:format(facts.name, field))
  end
  return cfn.att(facts.id .. "LoadBalancer", "DNSName")
end

handle.define("alb_target", {
  dns_name = function(facts)
    return balancer_of(facts, "dns_name")
  end,
  listener = function(facts)
    return facts.said.listener or cfn.ref(facts.id .. "Listener")
  end,
  target_group = function(facts)
    return cfn.ref(facts.id .. "TargetGroup")
  end,
  url = function(facts)
    local name, balancer = balancer_of(facts, "url"), facts.said.load_balancer
    local usual = balancer.certificate and 443 or 80
    local port = balancer.port or usual
    local url = (balancer.certificate and "https://" or "http://") .. name
    return port == usual and url or url .. ":" .. port
  end,
})

---@param service laconic.Service
---@param options laconic.AlbTargetOptions
---@return laconic.Handle
return function(service, options)
  check.fields("alb_target", options, OPTIONS)
  if handle.kind(options.lambda) ~= "lambda" then
    check.fail("E103", "alb_target.lambda: the handle of a function expected",
      "say what service:lambda { … } returns, or service:lambda \"name\"")
  end
  check_load_balancer(options)
  check_rule(options)
  check_health(options.health_check)
  if options.tags then
    require("laconic.tags").check("alb_target.tags", options.tags)
  end
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  local made = service_words.add_construct(service, "alb_target", entry)
  entry.url = options.load_balancer and made.url
  return made
end
