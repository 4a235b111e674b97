local cfn = require "laconic.cfn"
local laconic = require "laconic"

local mistakes = dofile "tests/stdlib/mistakes.lua"

local LISTENER <const> = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c"
local SUBNETS <const> = { "subnet-1", "subnet-2" }

local service, hello

local function begin()
  service = laconic.service { name = "targets" }
  hello = service:lambda { name = "hello", handler = print }
end

local function say(options)
  options.name = options.name or "front"
  options.lambda = options.lambda or hello
  local target = service:alb_target(options) -- no tail call: that would have no line
  return target
end

local mistake = mistakes.of(function(options)
  begin()
  local target = say(options)
  return target
end)

-- One mistake in what is right otherwise.
local function rule_mistake(pattern, options)
  options.listener, options.priority = LISTENER, options.priority or 1
  options.paths = options.paths or { "/a" }
  mistake(pattern, options)
end

describe("service:alb_target", function()
  before_each(begin)

  it("is behind a listener that is there already", function()
    local target = say { listener = LISTENER, paths = { "/a/*" }, priority = 7 }

    assert.equal("alb_target", service.constructs[1].kind)
    assert.equal(LISTENER, target.listener)
    assert.same(cfn.ref "FrontTargetGroup", target.target_group)
    assert.error_matches("alb_target 'front': only AWS knows the url of a listener", function()
      return target.url
    end)
  end)

  it("makes a load balancer, whose URL is known", function()
    local plain = say { load_balancer = { subnets = SUBNETS } }
    local secure = say {
      name = "secure",
      load_balancer = { subnets = SUBNETS, certificate = "arn:x", port = 8443 },
    }

    local function address(scheme, id, port)
      return scheme .. cfn.att(id .. "LoadBalancer", "DNSName") .. port
    end
    assert.same(address("http://", "Front", ""), plain.url)
    assert.same(address("https://", "Secure", ":8443"), secure.url)
    assert.same(cfn.ref "FrontListener", plain.listener)
  end)

  it("refuses what says too little, or too much", function()
    mistake("one of 'listener' and 'load_balancer' is needed", {})
    mistake("one of 'listener' and 'load_balancer' is needed",
      { listener = LISTENER, load_balancer = { subnets = SUBNETS } })
    mistake("alb_target: which requests it gets is not said", { listener = LISTENER })
    mistake("alb_target: field 'priority' is missing", { listener = LISTENER, paths = { "/" } })
    mistake("alb_target.priority: it gets what no rule is for",
      { load_balancer = { subnets = SUBNETS }, priority = 1 })
    mistake("6 values in its conditions, and a rule takes 5", {
      listener = LISTENER,
      priority = 1,
      paths = { "/a", "/b", "/c" },
      headers = { a = { "1", "2" }, b = "3" },
    })
    mistake("alb_target.load_balancer.subnets: must be at least 2",
      { load_balancer = { subnets = { "subnet-1" } } })
    mistake("ssl_policy: without 'certificate' it speaks no TLS",
      { load_balancer = { subnets = SUBNETS, ssl_policy = "x" } })
  end)

  it("refuses what a load balancer would refuse, at the author's line", function()
    rule_mistake("alb_target: unknown field 'path' %(did you mean 'paths'%?%)", { path = "/" })
    rule_mistake("alb_target.lambda: the handle of a function expected", { lambda = {} })
    rule_mistake("alb_target.paths%[1%]: 'a' is not a path", { paths = { "a" } })
    rule_mistake("alb_target.paths: must be from 1 to 3, got 4",
      { paths = { "/a", "/b", "/c", "/d" } })
    rule_mistake("alb_target.headers: a: at most 3 texts expected",
      { headers = { a = { "1", "2", "3", "4" } } })
    rule_mistake("alb_target.methods%[1%]: 'get' is not a method", { methods = { "get" } })
    rule_mistake("alb_target.headers: a text, or a list of texts, by name expected",
      { headers = { "x" } })
    rule_mistake("alb_target.query: a: texts of 1 to 128 characters expected",
      { query = { a = { "" } } })
    rule_mistake("alb_target.hosts%[1%]: 'a b.example' is not a host",
      { hosts = { "a b.example" } })
    rule_mistake("alb_target.source_ips%[1%]: '10.0.0.1' is not a range of addresses",
      { source_ips = { "10.0.0.1" } })
    rule_mistake("alb_target.priority: must be from 1 to 50000", { priority = 50001 })
    rule_mistake("alb_target.health_check.timeout: must be less than the interval",
      { health_check = { interval = 10, timeout = 10 } })
    rule_mistake("alb_target.health_check: unknown field 'intervall'",
      { health_check = { intervall = 10 } })
    mistake("alb_target.listener: 'x' is not the ARN of a listener",
      { listener = "x", paths = { "/a" }, priority = 1 })
  end)
end)
