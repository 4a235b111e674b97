-- What HTTP APIs, WebSocket APIs, function URLs and targets of load balancers become. The whole of it
-- is tests/flow/gateways; here is what must hold.
local generate = require "engine.generate"
local laconic = require "laconic"
local model = require "engine.model"

local service, hello, other

local function begin()
  service = laconic.service { name = "doors" }
  hello = service:lambda { name = "hello", handler = print }
  other = service:lambda { name = "other", handler = print }
end

local function template_of()
  local meant, build = model.build(service, {}), { code = { key = "k" }, role_arns = {} }
  local template = generate.build(meant, build)
  generate.settle(meant, build)
  return template
end

local function ids_of(template, kind)
  local list = {}
  for id, resource in pairs(template.Resources) do
    if resource.Type == kind then
      table.insert(list, id)
    end
  end
  table.sort(list)
  return list
end

local function properties(template, id)
  return assert(template.Resources[id], id).Properties
end

local function refused(pattern)
  local ok, raised = pcall(template_of)
  assert.is_false(ok)
  assert.matches(pattern, tostring(raised))
  assert.matches("constructs_gateways_spec%.lua:%d+$", raised.where)
end

describe("a function's URL", function()
  it("comes with both permissions that AWS asks for", function()
    service = laconic.service { name = "doors" }
    service:lambda { name = "open", handler = print, url = true }
    local template = template_of()

    assert.same({
      Action = "lambda:InvokeFunctionUrl",
      FunctionName = { Ref = "OpenFunction" },
      FunctionUrlAuthType = "NONE",
      Principal = "*",
    }, properties(template, "OpenUrlPermission"))
    assert.same({
      Action = "lambda:InvokeFunction",
      FunctionName = { Ref = "OpenFunction" },
      InvokedViaFunctionUrl = true,
      Principal = "*",
    }, properties(template, "OpenUrlInvokePermission"))
    assert.same({ ["Fn::GetAtt"] = { "OpenUrl", "FunctionUrl" } }, template.Outputs.OpenUrl.Value)
  end)

  it("lets nobody in by itself when callers have to sign", function()
    service = laconic.service { name = "doors" }
    service:lambda { name = "open", handler = print, url = { auth = "iam", output = false } }
    local template = template_of()

    assert.equal("AWS_IAM", properties(template, "OpenUrl").AuthType)
    assert.same({}, ids_of(template, "AWS::Lambda::Permission"))
    assert.same({}, template.Outputs)
  end)
end)

describe("an HTTP API", function()
  before_each(begin)

  it("shares the integration and the permission of a function among its routes", function()
    local api = service:http_api { name = "shop" }
    api:route { key = "GET /a", lambda = hello }
    api:route { key = "GET /b", lambda = hello }
    api:route { key = "GET /c", lambda = hello, timeout = 2.5 }
    api:route { key = "$default", lambda = other }
    local template = template_of()

    local integrations = ids_of(template, "AWS::ApiGatewayV2::Integration")
    assert.equal(3, #integrations)
    assert.equal("ShopApiHelloIntegration", integrations[1])
    assert.matches("^ShopApiHelloIntegration%x%x%x%x%x%x%x%x$", integrations[2])
    assert.equal(2500, properties(template, integrations[2]).TimeoutInMillis)
    assert.same({ "ShopApiHelloPermission", "ShopApiOtherPermission" },
      ids_of(template, "AWS::Lambda::Permission"))
    assert.matches(":%${ShopApi}/%*$",
      properties(template, "ShopApiHelloPermission").SourceArn["Fn::Sub"])
  end)

  it("leads to servers without a permission, by an integration for each route", function()
    local api = service:http_api { name = "shop", payload_format = "1.0", timeout = 7 }
    api:route { key = "GET /hello", url = "https://a.example/x" }
    api:route { key = "$default", url = { ["Fn::Sub"] = "https://${Host}" }, timeout = 2 }
    local template = template_of()

    assert.same({}, ids_of(template, "AWS::Lambda::Permission"))
    assert.same({ "ShopApiDefaultServer", "ShopApiGetHelloServer" },
      ids_of(template, "AWS::ApiGatewayV2::Integration"))
    assert.same({
      ApiId = { Ref = "ShopApi" },
      IntegrationMethod = "ANY",
      IntegrationType = "HTTP_PROXY",
      IntegrationUri = { ["Fn::Sub"] = "https://${Host}" },
      PayloadFormatVersion = "1.0",
      TimeoutInMillis = 2000,
    }, properties(template, "ShopApiDefaultServer"))
    assert.same({ ["Fn::Sub"] = "integrations/${ShopApiGetHelloServer}" },
      properties(template, "ShopApiGetHelloRoute").Target)
  end)

  it("has ids that no other route can take", function()
    local api = service:http_api { name = "shop" }
    for _, key in ipairs {
      "GET /", "GET /a/b", "GET /ab", "GET /a-b", "GET /{a}/b", "GET /A/b", "GET /aB", "GET /a.b",
      "POST /a/b", "$default", "ANY /a/b",
    } do
      api:route { key = key, lambda = hello }
    end
    local routes = ids_of(template_of(), "AWS::ApiGatewayV2::Route")

    assert.equal(11, #routes)
    assert.equal("ShopApiAnyABRoute", routes[1])
    assert.equal("ShopApiDefaultRoute", routes[2])
  end)

  it("lets a stage speak of routes that are there already", function()
    local api = service:http_api { name = "shop" }
    api:route { key = "GET /b", lambda = hello, throttling = { rate = 2.5, burst = 1 } }
    api:route { key = "GET /a", lambda = hello, detailed_metrics = true }
    api:route { key = "GET /c", lambda = hello }
    local stage = template_of().Resources.ShopApiStage

    assert.same({ "ShopApiGetARoute", "ShopApiGetBRoute" }, stage.DependsOn)
    assert.same({
      ["GET /a"] = { DetailedMetricsEnabled = true },
      ["GET /b"] = { ThrottlingRateLimit = 2.5, ThrottlingBurstLimit = 1 },
    }, stage.Properties.RouteSettings)
    assert.is_true(stage.Properties.AutoDeploy)
  end)

  it("asks the default authorizer where a route says nothing", function()
    local api = service:http_api { name = "shop" }
    api:route { key = "GET /a", lambda = hello }
    api:route { key = "GET /b", lambda = hello, authorizer = "none" }
    api:authorizer {
      name = "tokens",
      jwt = { issuer = "https://issuer.example.com", audience = { "shop" } },
      default = true,
    }
    local template = template_of()

    local route = properties(template, "ShopApiGetARoute")
    assert.equal("JWT", route.AuthorizationType)
    assert.same({ Ref = "ShopApiTokensAuthorizer" }, route.AuthorizerId)
    assert.equal("NONE", properties(template, "ShopApiGetBRoute").AuthorizationType)
  end)

  it("lets an authorizer's function be called for that authorizer alone", function()
    local api = service:http_api { name = "shop" }
    local guard = api:authorizer { name = "guard", lambda = other }
    api:route { key = "GET /a", lambda = hello, authorizer = guard }
    local template = template_of()

    local permission = properties(template, "ShopApiGuardAuthorizerPermission")
    assert.matches("/authorizers/%${ShopApiGuardAuthorizer}$", permission.SourceArn["Fn::Sub"])
    assert.same({ "ShopApiGuardAuthorizerPermission", "ShopApiHelloPermission" },
      ids_of(template, "AWS::Lambda::Permission"))
  end)

  it("makes a deployment of a stage that does not deploy by itself, by what the API is", function()
    local function deployments(key)
      begin()
      local api = service:http_api { name = "shop", stage = { auto_deploy = false } }
      api:route { key = key, lambda = hello }
      local template = template_of()
      return ids_of(template, "AWS::ApiGatewayV2::Deployment")[1], template
    end
    local first, template = deployments "GET /a"

    assert.equal(first, (deployments "GET /a"))
    assert.not_equal(first, (deployments "GET /b"))
    assert.same({ "ShopApiGetARoute" }, template.Resources[first].DependsOn)
    assert.same({ Ref = first }, properties(template, "ShopApiStage").DeploymentId)
  end)

  it("is refused without a route, and where scopes mean nothing", function()
    service:http_api { name = "shop" }
    refused "http_api 'shop': it has no route"
    begin()
    local api = service:http_api { name = "shop", authorizer = "iam" }
    api:route { key = "GET /", lambda = hello, scopes = { "a" } }
    refused "http_api.route.scopes: only an authorizer with `jwt` knows scopes"
  end)
end)

describe("a WebSocket API", function()
  before_each(begin)

  local function statements(template, id)
    return properties(template, id).Policies[1].PolicyDocument.Statement
  end

  local function variables(template, id)
    return (properties(template, id).Environment or {}).Variables
  end

  it("lets the functions behind its routes send, and whom it names", function()
    local api = service:websocket_api { name = "chat" }
    api:route { key = "$default", lambda = hello }
    local before = #statements(template_of(), "HelloRole")
    local template = template_of()

    assert.is_nil(variables(template, "OtherFunction"))
    assert.same({
      CONNECTIONS_URL = {
        ["Fn::Sub"] = "https://${ChatApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/production",
      },
    }, variables(template, "HelloFunction"))
    local last = statements(template, "HelloRole")[before]
    assert.same({ "execute-api:ManageConnections" }, last.Action)
    assert.matches(":%${ChatApi}/production/%*/@connections/%*$", last.Resource[1]["Fn::Sub"])

    api:grant_connections(other)
    assert.truthy(variables(template_of(), "OtherFunction").CONNECTIONS_URL)
  end)

  it("keeps those who are connected in an encrypted table that forgets", function()
    local api = service:websocket_api { name = "chat", connections = { ttl = 600 } }
    api:route { key = "$connect", lambda = hello }
    local template = template_of()

    local made = properties(template, "ChatConnections")
    assert.is_true(made.SSESpecification.SSEEnabled)
    assert.same({ AttributeName = "expires", Enabled = true }, made.TimeToLiveSpecification)
    assert.same({ Ref = "ChatConnections" },
      variables(template, "HelloFunction").CONNECTIONS_TABLE)
    assert.equal("600", variables(template, "HelloFunction").CONNECTIONS_TTL)
    local list = statements(template, "HelloRole")
    assert.same({
      { ["Fn::GetAtt"] = { "ChatConnections", "Arn" } },
      { ["Fn::Sub"] = "${ChatConnections.Arn}/index/*" },
    }, list[#list].Resource)
  end)

  it("is deployed anew when it is another, and only then", function()
    local function deployment(change)
      begin()
      local api = service:websocket_api { name = "chat", description = change.description }
      api:route { key = "$connect", lambda = hello }
      api:route {
        key = "say",
        lambda = change.lambda and other or hello,
        response = change.response,
      }
      local template = template_of()
      return ids_of(template, "AWS::ApiGatewayV2::Deployment")[1], template
    end
    local first, template = deployment {}

    assert.matches("^ChatApiDeployment%x+$", first)
    assert.equal(first, (deployment {}))
    assert.not_equal(first, (deployment { lambda = true }))
    assert.not_equal(first, (deployment { response = true }))
    assert.not_equal(first, (deployment { description = "x" }))
    assert.same({ "ChatApiConnectRoute", "ChatApiSayRoute" }, template.Resources[first].DependsOn)
    assert.is_nil(template.Resources[first].DeletionPolicy)
    assert.same({ Ref = first }, properties(template, "ChatApiStage").DeploymentId)
  end)

  it("is deployed anew when a decorator has changed it", function()
    local function deployment(change)
      begin()
      local api = service:websocket_api { name = "chat" }
      api:route { key = "say", lambda = hello }
      service:decorate(function(_, build)
        change(build.template.Resources)
      end)
      local template = template_of()
      return ids_of(template, "AWS::ApiGatewayV2::Deployment")[1]
    end
    local first = deployment(function() end)

    assert.equal(first, deployment(function(resources)
      resources.HelloFunction.Properties.MemorySize = 256
    end))
    assert.not_equal(first, deployment(function(resources)
      resources.ChatApiSayRoute.Properties.OperationName = "Say"
    end))
  end)

  it("asks its default authorizer when somebody connects, and not later", function()
    local api = service:websocket_api { name = "chat" }
    api:authorizer { name = "guard", lambda = other, default = true }
    api:route { key = "$connect", lambda = hello }
    api:route { key = "say", lambda = hello }
    local template = template_of()

    assert.equal("CUSTOM", properties(template, "ChatApiConnectRoute").AuthorizationType)
    assert.equal("NONE", properties(template, "ChatApiSayRoute").AuthorizationType)
  end)

  it("makes a route wait for the models that it names", function()
    local api = service:websocket_api { name = "chat" }
    api:model { name = "Move", schema = { type = "object" } }
    api:route { key = "say", lambda = hello, models = "Move" }
    local route = template_of().Resources.ChatApiSayRoute
    assert.same({ "ChatApiMoveModel" }, route.DependsOn)
    assert.same({ ["$default"] = "Move" }, route.Properties.RequestModels)
    assert.equal("$request.body.action", route.Properties.ModelSelectionExpression)

    api:route { key = "other", lambda = hello, models = "Mvoe" }
    refused "websocket_api.route.models: unknown model 'Mvoe' %(did you mean 'Move'%?%)"

    begin()
    api = service:websocket_api { name = "chat" }
    api:route { key = "say", lambda = hello }
    api:model { name = "Move", schema = { properties = { to = { pattern = "[a" } } } }
    refused "websocket_api.model.schema.properties.to.pattern: regular expression, byte 3"
  end)

  it("tells its own routes from those that only look so", function()
    local api = service:websocket_api { name = "chat" }
    for _, key in ipairs {
      "$connect", "connect", "$default", "default", "sendMessage", "send-message",
    } do
      api:route { key = key, lambda = hello }
    end
    assert.equal(6, #ids_of(template_of(), "AWS::ApiGatewayV2::Route"))
  end)

  it("is refused without a route, and where a function would serve two", function()
    service:websocket_api { name = "chat" }
    refused "websocket_api 'chat': it has no route"
    begin()
    for _, name in ipairs { "chat", "game" } do
      service:websocket_api({ name = name }):route { key = "$default", lambda = hello }
    end
    refused "function 'hello': the environment variable 'CONNECTIONS_URL' is set by .*:%d+"
  end)
end)

local LISTENER <const> = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c"

describe("a load balancer's target", function()
  before_each(begin)

  it("has a priority that no other one of its listener has", function()
    local function target(name, listener, priority)
      service:alb_target {
        name = name, listener = listener, paths = { "/" .. name }, priority = priority,
        lambda = hello,
      }
    end
    local front = service:alb_target {
      name = "front", load_balancer = { subnets = { "subnet-1", "subnet-2" } }, lambda = hello,
    }
    target("a", LISTENER, 1)
    target("b", LISTENER .. "2", 1)
    target("c", front.listener, 1)
    template_of()

    target("d", front.listener, 1)
    refused "alb_target.priority: 1 is taken: .*constructs_gateways_spec%.lua:%d+"
  end)

  it("has its permission before the balancer looks for it, for its group alone", function()
    service:alb_target { name = "front", listener = LISTENER, paths = { "/" }, priority = 1,
      lambda = hello }
    local template = template_of()

    local group = template.Resources.FrontTargetGroup
    assert.same({ "FrontTargetPermission" }, group.DependsOn)
    assert.matches("^doors%-front%-%x%x%x%x%x%x%x%x$", group.Properties.Name)
    assert.matches(":targetgroup/" .. group.Properties.Name:gsub("%-", "%%-") .. "/%*$",
      properties(template, "FrontTargetPermission").SourceArn["Fn::Sub"])
  end)

  it("has a group whose name the balancer takes, however long its own are", function()
    service = laconic.service { name = ("long-name-"):rep(5) .. "x" }
    service:alb_target {
      name = ("a"):rep(64),
      listener = LISTENER,
      paths = { "/" },
      priority = 1,
      lambda = service:lambda { name = "hello", handler = print },
    }
    local template = template_of()
    local group = ids_of(template, "AWS::ElasticLoadBalancingV2::TargetGroup")[1]
    local name = properties(template, group).Name
    assert.truthy(#name <= 32, name)
    assert.matches("^%w[%w-]*%w$", name)
  end)

  it("wants every header and parameter that is named, and one text of each", function()
    service:alb_target {
      name = "front",
      listener = LISTENER,
      priority = 1,
      lambda = hello,
      headers = { b = { "1", "2" }, a = "3" },
      query = { y = "1", ["*"] = "2" },
    }
    local function header(name, ...)
      local config = { HttpHeaderName = name, Values = { ... } }
      return { Field = "http-header", HttpHeaderConfig = config }
    end
    local function query(value)
      return { Field = "query-string", QueryStringConfig = { Values = { value } } }
    end
    assert.same({
      header("a", "3"),
      header("b", "1", "2"),
      query { Value = "2" },
      query { Key = "y", Value = "1" },
    }, properties(template_of(), "FrontListenerRule").Conditions)
  end)

  it("gets all that no rule is for, when its balancer is its own", function()
    local balancer = { subnets = { "subnet-1", "subnet-2" } }
    service:alb_target { name = "front", load_balancer = balancer, lambda = hello }
    service:alb_target { name = "side", load_balancer = balancer, lambda = other, paths = { "/a" },
      priority = 3 }
    local template = template_of()

    local front = properties(template, "FrontListener").DefaultActions[1]
    assert.same({ Type = "forward", TargetGroupArn = { Ref = "FrontTargetGroup" } }, front)
    local side = properties(template, "SideListener").DefaultActions[1]
    assert.equal("404", side.FixedResponseConfig.StatusCode)
    assert.same({ "SideListenerRule" },
      ids_of(template, "AWS::ElasticLoadBalancingV2::ListenerRule"))
    assert.same({ Ref = "SideListener" }, properties(template, "SideListenerRule").ListenerArn)
  end)
end)

describe("the access log of any API", function()
  it("takes a format that only the stack knows", function()
    begin()
    local format = laconic.cfn.sub "${AWS::StackName} $context.status"
    local stage = { access_log = { format = format } }
    service:http_api({ name = "h", stage = stage }):route { key = "GET /", lambda = hello }
    service:websocket_api({ name = "w", stage = stage }):route { key = "$default", lambda = hello }
    local rest = service:rest_api { name = "r", stage = stage }
    rest:method { path = "/", verb = "GET", lambda = hello }

    local template = template_of()

    local sub = { ["Fn::Sub"] = "${AWS::StackName} $context.status" }
    assert.same(sub, properties(template, "HApiStage").AccessLogSettings.Format)
    assert.same(sub, properties(template, "WApiStage").AccessLogSettings.Format)
    assert.same(sub, properties(template, "RApiStage").AccessLogSetting.Format)
  end)
end)
