local deployed = dofile "tests/lua/local/deployed.lua"
local json = require "host.json"

local SERVICE <const> = [[
local json = require "host.json"
local laconic = require "laconic"
local service = laconic.service { name = "s" }

service:lambda { name = "echo", handler = function(event)
  local query = event.queryStringParameters or event.multiValueQueryStringParameters
  local say = query.say
  if type(say) == "table" then
    return { statusCode = 200, multiValueHeaders = { ["Set-Cookie"] = { "a=1", "b=2" },
      ["Content-Type"] = { "text/x-tea" } }, headers = { left = "out" }, body = "" }
  elseif say == "fail" then
    error("no tea", 0)
  elseif say == "none" then
    return { body = "tea" }
  elseif say == "bytes" then
    return { statusCode = 200, isBase64Encoded = true, body = "/w==" }
  elseif say == "large" then
    return { statusCode = 200, body = ("x"):rep(1024 * 1024) }
  end
  return { statusCode = 200, statusDescription = "200 OK",
    headers = { ["Content-Type"] = "application/json" }, body = json.encode(event) }
end }

service:lambda { name = "many", handler = function(event)
  local query = event.multiValueQueryStringParameters
  return { statusCode = 200, body = json.encode(event), headers = { left = "out" },
    multiValueHeaders = { ["Set-Cookie"] = { "a=1", "b=2" } } }
end }

return service
]]

local function of(kind, properties)
  return { Type = "AWS::ElasticLoadBalancingV2::" .. kind, Properties = properties }
end

local function group(id, more)
  local properties = {
    TargetType = "lambda",
    Targets = id and { { Id = { ["Fn::GetAtt"] = { id, "Arn" } } } } or nil,
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return of("TargetGroup", properties)
end

local function forward(id)
  return { { Type = "forward", TargetGroupArn = { Ref = id } } }
end

local function fixed(text)
  return { {
    Type = "fixed-response",
    FixedResponseConfig = { StatusCode = "404", ContentType = "text/plain", MessageBody = text },
  } }
end

local function rule(priority, conditions, actions)
  return of("ListenerRule", {
    ListenerArn = { Ref = "Listener" }, Priority = priority, Conditions = conditions,
    Actions = actions,
  })
end

local function paths(...)
  return { Field = "path-pattern", PathPatternConfig = { Values = { ... } } }
end

local function let_balancer(id)
  return deployed.permission(id, { Principal = "elasticloadbalancing.amazonaws.com" })
end

local FOREIGN <const> = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
local FOREIGN_LISTENER <const> = FOREIGN .. "listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"

describe("a load balancer", function()
  local stack = deployed.start(SERVICE, {
    Echo = deployed.lambda "echo", EchoPermission = let_balancer "Echo",
    Many = deployed.lambda "many", ManyPermission = let_balancer "Many",
    Closed = deployed.lambda "echo",
    Balancer = of("LoadBalancer", { Name = "tea", Subnets = { "subnet-1", "subnet-2" } }),
    EchoGroup = group "Echo",
    ManyGroup = group("Many", {
      TargetGroupAttributes = { { Key = "lambda.multi_value_headers.enabled", Value = "true" } },
    }),
    ClosedGroup = group "Closed",
    EmptyGroup = group(nil),
    Listener = of("Listener", {
      LoadBalancerArn = { Ref = "Balancer" }, Port = 80, Protocol = "HTTP",
      DefaultActions = fixed "nothing here",
    }),
    Other = of("Listener", {
      LoadBalancerArn = { Ref = "Balancer" }, Port = 8080, Protocol = "HTTP",
      DefaultActions = fixed "another door",
    }),
    EchoRule = rule(10, { paths "/echo*" }, forward "EchoGroup"),
    Narrow = rule(5, {
      paths "/echo/narrow", { Field = "http-request-method",
        HttpRequestMethodConfig = { Values = { "PUT", "DELETE" } } },
    }, fixed "narrow"),
    ManyRule = rule(20, { paths "/many" }, forward "ManyGroup"),
    ClosedRule = rule(30, { paths "/closed" }, forward "ClosedGroup"),
    EmptyRule = rule(40, { paths "/empty" }, forward "EmptyGroup"),
    HostRule = rule(50, { { Field = "host-header",
      HostHeaderConfig = { Values = { "*.tea.example" } } } }, fixed "by host"),
    HeaderRule = rule(60, { { Field = "http-header", HttpHeaderConfig = {
      HttpHeaderName = "X-Tea", Values = { "gr?en" } } } }, fixed "by header"),
    QueryRule = rule(70, { { Field = "query-string", QueryStringConfig = {
      Values = { { Key = "kind", Value = "b*" } } } } }, fixed "by query"),
    SourceRule = rule(80, { paths "/source", { Field = "source-ip",
      SourceIpConfig = { Values = { "10.0.0.0/8", "127.0.0.0/8" } } } }, fixed "by source"),
    ForeignRule = of("ListenerRule", {
      ListenerArn = FOREIGN_LISTENER, Priority = 1, Conditions = { paths "/orders" },
      Actions = forward "EchoGroup",
    }),
    RedirectRule = rule(90, { paths "/old" }, { {
      Type = "redirect", RedirectConfig = { StatusCode = "HTTP_301", Path = "/new/#{path}",
        Protocol = "HTTPS", Port = "443" },
    } }),
  }, {
    Url = { ["Fn::Join"] = { "", { "http://", { ["Fn::GetAtt"] = { "Balancer", "DNSName" } } } } },
    GroupArn = { Ref = "EchoGroup" },
    Arn = { Ref = "Balancer" },
    Listener = { Ref = "Listener" },
  })

  local function get(path, more)
    local options = more or {}
    options.url = stack.outputs.Url .. path
    return deployed.send(options)
  end

  it("is one of this cloud's addresses", function()
    assert.matches("/_balancers/tea%-%d+$", stack.outputs.Url)
    assert.matches("^arn:aws:elasticloadbalancing:us%-east%-1:123456789012:"
      .. "loadbalancer/app/tea/%x+$", stack.outputs.Arn)
    assert.matches(":targetgroup/s%-EchoGroup%-[^/]+/%x+$", stack.outputs.GroupArn)
  end)

  it("hands the request over as it came", function()
    local answer = get("/echo/a%20b?q=caf%C3%A9+x&tag=1&tag=2", {
      method = "POST", body = "tea",
      headers = {
        { "Content-Type", "text/plain" }, { "X-One", "1" }, { "x-one", "2" },
        { "X-Forwarded-For", "10.9.8.7" },
      },
    })
    assert.equal(200, answer.status)
    local event = assert(json.decode(answer.body))
    assert.same({ elb = { targetGroupArn = stack.outputs.GroupArn } }, event.requestContext)
    assert.equal("POST", event.httpMethod)
    assert.equal("/echo/a%20b", event.path)
    assert.same({ q = "caf%C3%A9+x", tag = "2" }, event.queryStringParameters)
    assert.equal("2", event.headers["x-one"])
    assert.equal("10.9.8.7, 127.0.0.1", event.headers["x-forwarded-for"])
    assert.equal("http", event.headers["x-forwarded-proto"])
    local bytes = get("/echo", { headers = { { "X-Forwarded-For", "\xe9" } } })
    assert.equal("\u{E9}, 127.0.0.1",
      assert(json.decode(bytes.body)).headers["x-forwarded-for"])
    assert.is_nil(event.multiValueHeaders)
    assert.equal("tea", event.body)
    assert.is_false(event.isBase64Encoded)
    local empty = assert(json.decode(get("/echo").body))
    assert.equal("", empty.body)
    assert.same({}, empty.queryStringParameters)
  end)

  it("has all values where the target group says so", function()
    local answer = get("/many?tag=1&tag=2", { headers = { { "X-One", "1" }, { "x-one", "2" } } })
    local event = assert(json.decode(answer.body))
    assert.same({ tag = { "1", "2" } }, event.multiValueQueryStringParameters)
    assert.same({ "1", "2" }, event.multiValueHeaders["x-one"])
    assert.is_nil(event.headers)
    assert.equal("a=1, b=2", answer.headers["set-cookie"])
    assert.is_nil(answer.headers.left)
  end)

  it("goes by its rules' conditions, in the order of their priorities", function()
    assert.equal("nothing here", get("/").body)
    assert.equal(404, get("/").status)
    assert.equal("narrow", get("/echo/narrow", { method = "PUT", body = "" }).body)
    assert.matches("httpMethod", get("/echo/narrow").body)
    assert.equal("nothing here", get("/ECHO").body)
    assert.equal("by host", get("/", { headers = { { "Host", "green.Tea.example:80" } } }).body)
    assert.equal("by header", get("/", { headers = { { "x-tea", "Green" } } }).body)
    assert.equal("by query", get("/?kind=black").body)
    assert.equal("by source", get("/source").body)
    local moved = get "/old?a=1"
    assert.equal(301, moved.status)
    assert.equal("https://127.0.0.1:443/new/old?a=1", moved.headers.location)
  end)

  it("has a listener for each port", function()
    assert.equal("another door", get(":8080/").body)
    assert.equal(503, get(":9999/").status)
  end)

  it("answers failures as AWS does", function()
    for _, say in ipairs { "fail", "none", "large" } do
      assert.equal(502, get("/echo?say=" .. say).status)
    end
    assert.matches("502 Bad Gateway", get("/echo?say=fail").body)
    assert.equal("\255", get("/echo?say=bytes").body)
    assert.equal(502, get("/closed").status)
    assert.equal(503, get("/empty").status)
    assert.equal(413, get("/echo", { method = "POST", body = ("x"):rep(1024 * 1024 + 1) }).status)
    assert.equal(404, deployed.send({ url = stack.cloud.url .. "/_balancers/none/" }).status)
  end)

  it("is imagined when it is the account's own, by the name in its listener's ARN", function()
    local url = stack.cloud.url .. "/_balancers/shop"

    assert.equal("/orders", json.decode(deployed.send({ url = url .. "/orders" }).body).path)
    assert.equal(404, deployed.send({ url = url .. "/elsewhere" }).status)
    assert.equal(503, deployed.send({ url = url .. ":8080/orders" }).status)
  end)

  it("is told by its actions", function()
    local function ask(form)
      local answer = stack.cloud:query("elasticloadbalancing", form .. "&Version=2015-12-01")
      assert.equal(200, answer.status)
      return answer.body
    end
    assert.matches("<DNSName>tea%-%d+%.us%-east%-1%.elb%.amazonaws%.com</DNSName>",
      ask "Action=DescribeLoadBalancers&Names.member.1=tea")
    assert.matches("<TargetType>lambda</TargetType>", ask "Action=DescribeTargetGroups")
    assert.matches("<Port>8080</Port>",
      ask("Action=DescribeListeners&LoadBalancerArn=" .. stack.outputs.Arn))
    assert.matches("<Field>query%-string</Field>",
      ask("Action=DescribeRules&ListenerArn=" .. stack.outputs.Listener))
    local absent = stack.cloud:query("elasticloadbalancing",
      "Action=DescribeLoadBalancers&Version=2015-12-01&LoadBalancerArns.member.1=arn:none")
    assert.equal(400, absent.status)
    assert.matches("LoadBalancerNotFound", absent.body)
  end)

  it("is told with the rule that every listener ends with", function()
    local function ask(form, more)
      return stack.cloud:query("elasticloadbalancing", form .. "&Version=2015-12-01", more)
    end
    local function refused(code, form)
      local answer = ask(form)
      assert.equal(400, answer.status, answer.body)
      assert.equal(code, answer.body:match "<Code>(.-)</Code>")
    end
    local listener = stack.outputs.Listener
    local rules = ask("Action=DescribeRules&ListenerArn=" .. listener).body
    local last = rules:match ".*<Priority>(.-)</Priority>"
    assert.equal("default", last)
    local _, defaults = rules:gsub("<IsDefault>true</IsDefault>", "")
    assert.equal(1, defaults)
    local before = 0
    for priority in rules:gmatch "<Priority>(%d+)</Priority>" do
      assert.truthy(tonumber(priority) > before, "rules are told in their order")
      before = tonumber(priority)
    end
    for arn in rules:gmatch "<RuleArn>(.-)</RuleArn>" do
      assert.matches(":listener%-rule/app/", arn)
      local one = ask("Action=DescribeRules&RuleArns.member.1=" .. arn).body
      assert.equal(arn, one:match "<RuleArn>(.-)</RuleArn>")
    end
    assert.equal(listener, ask("Action=DescribeListeners&ListenerArns.member.1=" .. listener).body
      :match "<ListenerArn>(.-)</ListenerArn>")
    assert.matches("<TargetGroupArn>",
      ask("Action=DescribeTargetGroups&LoadBalancerArn=" .. stack.outputs.Arn).body)
    assert.not_matches("<LoadBalancerName>tea<",
      ask("Action=DescribeLoadBalancers", { region = "eu-west-1" }).body)

    refused("ValidationError", "Action=DescribeRules")
    refused("ValidationError", "Action=DescribeListeners")
    refused("ListenerNotFound", "Action=DescribeRules&ListenerArn=arn:none")
    refused("RuleNotFound", "Action=DescribeRules&RuleArns.member.1=arn:none")
    refused("ListenerNotFound", "Action=DescribeListeners&ListenerArns.member.1=arn:none")
    refused("LoadBalancerNotFound", "Action=DescribeListeners&LoadBalancerArn=arn:none")
    refused("LoadBalancerNotFound", "Action=DescribeLoadBalancers&Names.member.1=none")
    refused("LoadBalancerNotFound", "Action=DescribeTargetGroups&LoadBalancerArn=arn:none")
    refused("TargetGroupNotFound", "Action=DescribeTargetGroups&Names.member.1=none")
  end)

  it("ends with its cloud", function()
    assert.equal(0, stack:close())
  end)
end)

describe("an imagined load balancer", function()
  local imagined = require "engine.local.services.elasticloadbalancing.imagined"
  local store = require "engine.local.services.elasticloadbalancing.store"

  local function new_cloud()
    local memory = {}
    local function nothing() end
    return {
      url = "http://127.0.0.1:1",
      memory = function()
        return memory
      end,
      state = {
        list = function()
          return {}
        end,
        get = nothing, put = nothing, remove = nothing,
      },
    }
  end

  it("has a port for each listener, and goes with the last rule", function()
    local cloud, second = new_cloud(), FOREIGN_LISTENER:gsub("%x+$", "0123456789abcdef")
    imagined.add(cloud, FOREIGN_LISTENER)
    imagined.add(cloud, FOREIGN_LISTENER)
    imagined.add(cloud, second)

    assert.matches("http://127.0.0.1:1/_balancers/shop$", imagined.note(cloud, FOREIGN_LISTENER))
    assert.matches("/_balancers/shop:443$", imagined.note(cloud, second))

    store.keep(cloud, "rules", { key = "r", arn = "a/r", properties = { ListenerArn = second } })
    imagined.forget(cloud, FOREIGN_LISTENER)
    imagined.forget(cloud, second)
    assert.equal(1, #store.all(cloud, "listeners"))
    assert.equal("shop", store.balancer(cloud, "shop").name)

    store.remove(cloud, "rules", "a/r")
    imagined.forget(cloud, second)
    assert.equal(0, #store.all(cloud, "listeners"))
    assert.is_nil(store.balancer(cloud, "shop"))
  end)

  it("is made of an application load balancer's ARN alone", function()
    local cloud = new_cloud()
    for _, arn in ipairs {
      FOREIGN .. "listener/net/shop/50dc6c495c0c9188/f2f7dc8efc522ab2",
      FOREIGN .. "loadbalancer/app/shop/50dc6c495c0c9188", "arn:x", false,
    } do
      imagined.add(cloud, arn)
    end

    assert.equal(0, #store.all(cloud, "listeners"))
    assert.equal(0, #store.all(cloud, "balancers"))
  end)
end)
