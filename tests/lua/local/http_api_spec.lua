local deployed = dofile "tests/lua/local/deployed.lua"
local json = require "host.json"

local SERVICE <const> = [[
local laconic = require "laconic"
local json = require "host.json"
local service = laconic.service { name = "s" }
local asked = 0

service:lambda { name = "echo", handler = function(event)
  local query = event.queryStringParameters
  local say = type(query) == "table" and query.say
  if say == "fail" then
    error("no tea", 0)
  elseif say == "text" then
    return { statusCode = 200, body = "tea" }
  elseif say == "none" then
    return { body = "tea" }
  elseif say == "many" then
    return { statusCode = 200, headers = { x = "1", ["x-one"] = "1" },
      multiValueHeaders = { X = { "2", "3" }, ["Content-Type"] = { "text/x-tea" } }, body = "" }
  end
  return { statusCode = 200, headers = { ["content-type"] = "application/json" },
    body = json.encode(event) }
end }

service:lambda { name = "slow", handler = function()
  os.execute "sleep 5"
  return "late"
end }

service:lambda { name = "simple", handler = function(event)
  asked = asked + 1
  local token = event.identitySource[1]
  if token == "fail" then
    error("no tea", 0)
  end
  return { isAuthorized = token == "tea", context = { asked = asked, arn = event.routeArn,
    kind = event.type, path = event.rawPath } }
end }

service:lambda { name = "policy", handler = function(event)
  local open = event.identitySource:find "tea" and "Allow" or "Deny"
  return { principalId = "ada", context = { cups = "2" }, policyDocument = {
    Version = "2012-10-17", Statement = { {
      Effect = open, Action = "execute-api:Invoke",
      Resource = event.methodArn:gsub("/GET/.*$", "/GET/policy/*") } } } }
end }

return service
]]

local API <const> = { Ref = "Api" }

local function join(...)
  return { ["Fn::Join"] = { "", { ... } } }
end

local function arn_of(id)
  return { ["Fn::GetAtt"] = { id, "Arn" } }
end

local function part(kind, properties)
  properties.ApiId = properties.ApiId or API
  return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties }
end

local function integration(id, more)
  local properties = {
    IntegrationType = "AWS_PROXY", IntegrationUri = arn_of(id), PayloadFormatVersion = "2.0",
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return part("Integration", properties)
end

local function route(key, to, more)
  local properties = { RouteKey = key, Target = join("integrations/", { Ref = to }) }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return part("Route", properties)
end

local function let_api(id)
  return deployed.permission(id, {
    Principal = "apigateway.amazonaws.com",
    SourceAccount = "123456789012",
    SourceArn = join("arn:aws:execute-api:us-east-1:123456789012:", API, "/*"),
  })
end

local function authorizer(id, more)
  local properties = {
    Name = id, AuthorizerType = "REQUEST", IdentitySource = { "$request.header.X-Token" },
    AuthorizerUri = join("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
      arn_of(id), "/invocations"),
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return part("Authorizer", properties)
end

local CORS <const> = {
  AllowOrigins = { "https://a.example" }, AllowMethods = { "*" }, AllowHeaders = { "x-tea" },
}

describe("an HTTP API", function()
  local stack = deployed.start(SERVICE, {
    Api = {
      Type = "AWS::ApiGatewayV2::Api", Properties = { Name = "tea", ProtocolType = "HTTP" },
    },
    Echo = deployed.lambda "echo",
    EchoPermission = let_api "Echo",
    Closed = deployed.lambda "echo",
    Slow = deployed.lambda "slow",
    SlowPermission = let_api "Slow",
    Simple = deployed.lambda "simple",
    SimplePermission = let_api "Simple",
    Policy = deployed.lambda "policy",
    PolicyPermission = let_api "Policy",
    ToEcho = integration "Echo",
    ToEchoOne = integration("Echo", { PayloadFormatVersion = "1.0" }),
    ToClosed = integration "Closed",
    ToSlow = integration("Slow", { TimeoutInMillis = 200 }),
    ToHttp = part("Integration", { IntegrationType = "HTTP_PROXY",
      IntegrationUri = "https://tea.example", ConnectionType = "VPC_LINK" }),
    GetDog = route("GET /pets/dog/1", "ToEcho"),
    GetDogById = route("GET /pets/dog/{id}", "ToEcho"),
    GetPets = route("GET /pets/{proxy+}", "ToEcho"),
    Any = route("ANY /{proxy+}", "ToEcho"),
    Default = route("$default", "ToEcho"),
    One = route("ANY /one/{name}", "ToEchoOne"),
    ClosedRoute = route("GET /closed", "ToClosed"),
    SlowRoute = route("GET /slow", "ToSlow"),
    HttpRoute = route("GET /http", "ToHttp"),
    Few = route("GET /few", "ToEcho"),
    Signed = route("ANY /signed", "ToEcho", { AuthorizationType = "AWS_IAM" }),
    SimpleAuthorizer = authorizer("Simple", {
      AuthorizerPayloadFormatVersion = "2.0", EnableSimpleResponses = true,
      AuthorizerResultTtlInSeconds = 300,
    }),
    PolicyAuthorizer = authorizer("Policy", { AuthorizerPayloadFormatVersion = "1.0" }),
    SimpleRoute = route("GET /simple/{name}", "ToEcho", {
      AuthorizationType = "CUSTOM", AuthorizerId = { Ref = "SimpleAuthorizer" },
    }),
    PolicyRoute = route("GET /policy/{name}", "ToEcho", {
      AuthorizationType = "CUSTOM", AuthorizerId = { Ref = "PolicyAuthorizer" },
    }),
    PolicyRouteOne = route("GET /other/{name}", "ToEchoOne", {
      AuthorizationType = "CUSTOM", AuthorizerId = { Ref = "PolicyAuthorizer" },
    }),
    DefaultStage = part("Stage", {
      StageName = "$default", AutoDeploy = true, StageVariables = { colour = "blue" },
      RouteSettings = {
        ["GET /few"] = { ThrottlingBurstLimit = 2, ThrottlingRateLimit = 0.001 },
      },
    }),
    Deployment = {
      Type = "AWS::ApiGatewayV2::Deployment", Properties = { ApiId = API },
      DependsOn = { "GetDog", "One" },
    },
    Stage = part("Stage", { StageName = "prod", DeploymentId = { Ref = "Deployment" } }),

    Quick = {
      Type = "AWS::ApiGatewayV2::Api",
      Properties = {
        Name = "quick", ProtocolType = "HTTP", Target = arn_of "Echo", CorsConfiguration = CORS,
      },
    },
    QuickPermission = deployed.permission("Echo", {
      Principal = "apigateway.amazonaws.com",
      SourceArn = join("arn:aws:execute-api:us-east-1:123456789012:", { Ref = "Quick" }, "/*"),
    }),
    Empty = { Type = "AWS::ApiGatewayV2::Api", Properties = { Name = "e", ProtocolType = "HTTP" } },
  }, {
    Url = { ["Fn::GetAtt"] = { "Api", "ApiEndpoint" } },
    Quick = { ["Fn::GetAtt"] = { "Quick", "ApiEndpoint" } },
    Empty = { ["Fn::GetAtt"] = { "Empty", "ApiEndpoint" } },
    Api = API,
  })

  local function get(path, more)
    local options = more or {}
    options.url = (options.of and stack.outputs[options.of] or stack.outputs.Url) .. path
    return deployed.send(options)
  end

  local function event_of(path, more)
    local answer = get(path, more)
    assert.equal(200, answer.status)
    return assert(json.decode(answer.body)), answer
  end

  it("is one of this cloud's addresses", function()
    assert.equal(("%s/_apis/%s"):format(stack.cloud.url, stack.outputs.Api), stack.outputs.Url)
  end)

  it("takes the most specific route", function()
    local function key_of(method, path)
      return event_of(path, { method = method }).routeKey
    end
    assert.equal("GET /pets/dog/1", key_of("GET", "/pets/dog/1"))
    assert.equal("GET /pets/dog/{id}", key_of("GET", "/pets/dog/2"))
    assert.equal("GET /pets/{proxy+}", key_of("GET", "/pets/cat/1"))
    assert.equal("ANY /{proxy+}", key_of("POST", "/pets/dog/1"))
    assert.equal("ANY /{proxy+}", key_of("GET", "/other"))
    assert.equal("$default", key_of("GET", ""))
    assert.equal("$default", key_of("GET", "/"))
  end)

  it("hands the request over in payload format 2.0", function()
    local event, answer = event_of("/pets/dog/a%20b?x=1&x=2", {
      headers = { { "Cookie", "a=1; b=2" }, { "X-One", "1" }, { "User-Agent", "kettle" } },
    })
    assert.equal("2.0", event.version)
    assert.equal("/pets/dog/a b", event.rawPath)
    assert.equal("x=1&x=2", event.rawQueryString)
    assert.same({ x = "1,2" }, event.queryStringParameters)
    assert.same({ id = "a b" }, event.pathParameters)
    assert.same({ colour = "blue" }, event.stageVariables)
    assert.same({ "a=1", "b=2" }, event.cookies)
    assert.equal("1", event.headers["x-one"])
    local context = event.requestContext
    assert.equal("123456789012", context.accountId)
    assert.equal(stack.outputs.Api, context.apiId)
    assert.equal(stack.outputs.Api .. ".execute-api.us-east-1.amazonaws.com", context.domainName)
    assert.equal("$default", context.stage)
    assert.equal("GET /pets/dog/{id}", context.routeKey)
    assert.equal("GET", context.http.method)
    assert.equal(context.requestId, answer.headers["apigw-requestid"])
    local greedy = event_of "/pets/a/b%2Fc"
    assert.same({ proxy = "a/b/c" }, greedy.pathParameters)
  end)

  it("hands the request over in payload format 1.0", function()
    local event = event_of("/one/ada?x=1&x=2", {
      method = "POST", body = "tea",
      headers = {
        { "X-One", "1" }, { "X-One", "2" }, { "Content-Type", "application/octet-stream" },
      },
    })
    assert.equal("1.0", event.version)
    assert.equal("/one/{name}", event.resource)
    assert.equal("/one/ada", event.path)
    assert.equal("POST", event.httpMethod)
    assert.same({ name = "ada" }, event.pathParameters)
    assert.same({ x = "2" }, event.queryStringParameters)
    assert.same({ x = { "1", "2" } }, event.multiValueQueryStringParameters)
    assert.equal("2", event.headers["X-One"])
    assert.same({ "1", "2" }, event.multiValueHeaders["X-One"])
    assert.equal("dGVh", event.body)
    assert.is_true(event.isBase64Encoded)
    assert.equal("127.0.0.1", event.requestContext.identity.sourceIp)
    assert.equal("ANY /one/{name}", event.requestContext.resourceId)
    local bytes = event_of("/one/ada", {
      method = "POST", body = "caf\xe9",
      headers = {
        { "User-Agent", "caf\xe9" }, { "X-Forwarded-For", "\xe9" },
        { "Content-Type", "text/plain" },
      },
    })
    assert.equal("caf\u{E9}", bytes.requestContext.identity.userAgent)
    assert.equal("caf\u{E9}", bytes.headers["User-Agent"])
    assert.equal("\u{E9}, 127.0.0.1", bytes.headers["X-Forwarded-For"])
    assert.equal("Y2Fm6Q==", bytes.body)
    local answer = get "/one/ada?say=many"
    assert.equal("2, 3", answer.headers.x)
    assert.equal("1", answer.headers["x-one"])
    assert.equal("text/x-tea", answer.headers["content-type"])
    assert.equal(500, get("/one/ada?say=none").status)
  end)

  it("says what types are, and infers answers", function()
    assert.equal("text/plain; charset=utf-8", get("/x?say=text").headers["content-type"])
    local inferred = get "/x?say=none"
    assert.equal('{"body":"tea"}', inferred.body)
    assert.equal("application/json", inferred.headers["content-type"])
  end)

  it("answers failures as API Gateway does", function()
    local function said(path, more)
      local answer = get(path, more)
      return { answer.status, assert(json.decode(answer.body)).message }
    end
    assert.same({ 500, "Internal Server Error" }, said "/x?say=fail")
    assert.same({ 500, "Internal Server Error" }, said "/closed") -- no permission
    assert.same({ 503, "Service Unavailable" }, said "/slow")
    assert.same({ 404, "Not Found" }, said("/x", { of = "Empty" }))
    assert.same({ 413, "Request Entity Too Large" },
      said("/x", { method = "POST", body = ("x"):rep(10 * 1024 * 1024 + 1) }))
    assert.same({ 431, "Request Header Fields Too Large" },
      said("/x", { headers = { { "X-Long", ("x"):rep(10240) } } }))
    assert.same({ 501, "laconic local does not answer private integrations (VPC_LINK) yet" },
      said "/http")
    assert.equal(403, deployed.send({ url = stack.cloud.url .. "/_apis/none/x" }).status)
  end)

  it("throttles", function()
    assert.equal(200, get("/few").status)
    assert.equal(200, get("/few").status)
    local third = get "/few"
    assert.equal(429, third.status)
    assert.equal('{"message":"Too Many Requests"}', third.body)
  end)

  it("has named stages, whose names are part of the path, as they were deployed", function()
    local event = event_of "/prod/one/ada"
    assert.equal("/prod/one/ada", event.path)
    assert.equal("prod", event.requestContext.stage)
    assert.equal(json.null, event.stageVariables)
  end)

  it("wants signatures where AWS_IAM says so", function()
    assert.equal(403, get("/signed").status)
    local path = ("/_apis/%s/signed"):format(stack.outputs.Api)
    local answer = stack.cloud:send {
      method = "POST", path = path, service = "execute-api", body = "x",
    }
    assert.equal(200, answer.status)
    local event = assert(json.decode(answer.body))
    assert.equal("local", event.requestContext.authorizer.iam.accessKey)
    assert.equal(403, stack.cloud:send({
      path = path, service = "execute-api", secret = "wrong",
    }).status)
  end)

  it("asks an authorizer with simple responses, and remembers", function()
    local function as(token)
      return { headers = { { "x-token", token } } }
    end
    local missing = get "/simple/ada"
    assert.equal(401, missing.status)
    assert.equal('{"message":"Unauthorized"}', missing.body)
    assert.equal(403, get("/simple/ada", as "coffee").status)
    assert.equal(500, get("/simple/ada", as "fail").status)
    local first = event_of("/simple/ada", as "tea").requestContext.authorizer.lambda
    assert.equal("REQUEST", first.kind)
    assert.equal("/simple/ada", first.path)
    assert.equal(("arn:aws:execute-api:us-east-1:123456789012:%s/$default/GET/simple/ada"):format(
      stack.outputs.Api), first.arn)
    local second = event_of("/simple/ben", as "tea").requestContext.authorizer.lambda
    assert.equal(first.asked, second.asked)
  end)

  it("asks an authorizer that answers with a policy", function()
    local function as(token)
      return { headers = { { "x-token", token } } }
    end
    assert.equal(403, get("/policy/ada", as "coffee").status)
    local context = event_of("/policy/ada", as "tea").requestContext.authorizer
    assert.same({ lambda = { cups = "2" } }, context)
    assert.equal(403, get("/other/ada", as "tea").status) -- the policy lets in elsewhere
  end)

  it("answers for its CORS rules by itself", function()
    local answer = get("/x", {
      of = "Quick", method = "OPTIONS",
      headers = { { "Origin", "https://a.example" }, { "Access-Control-Request-Method", "PUT" } },
    })
    assert.equal(204, answer.status)
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.equal("*", answer.headers["access-control-allow-methods"])
    answer = get("/x", {
      of = "Quick", method = "OPTIONS",
      headers = { { "Origin", "https://evil.test" }, { "Access-Control-Request-Method", "PUT" } },
    })
    assert.equal(204, answer.status)
    assert.is_nil(answer.headers["access-control-allow-origin"])
    local event, plain = event_of("/x", {
      of = "Quick", headers = { { "Origin", "https://a.example" } },
    })
    assert.equal("$default", event.routeKey)
    assert.equal("https://a.example", plain.headers["access-control-allow-origin"])
  end)

  it("is told by API Gateway's actions", function()
    local function ask(path)
      local answer = stack.cloud:send { path = "/v2/apis" .. path, service = "apigateway" }
      return assert(json.decode(answer.body)), answer
    end
    assert.equal(3, #ask("").items)
    local api = ask("/" .. stack.outputs.Api)
    assert.equal("tea", api.name)
    assert.equal(stack.outputs.Url, api.apiEndpoint)
    assert.equal("HTTP", api.protocolType)
    local keys = {}
    for _, item in ipairs(ask("/" .. stack.outputs.Api .. "/routes").items) do
      keys[item.routeKey] = item.target
    end
    assert.matches("^integrations/%w+$", keys["GET /pets/dog/1"])
    local stage = ask("/" .. stack.outputs.Api .. "/stages/$default")
    assert.is_true(stage.autoDeploy)
    assert.same({ colour = "blue" }, stage.stageVariables)
    assert.equal(2, #ask("/" .. stack.outputs.Api .. "/authorizers").items)
    assert.equal(1, #ask("/" .. stack.outputs.Api .. "/deployments").items)
    local _, absent = ask "/none"
    assert.equal(404, absent.status)
  end)

  it("follows an update, but for what was deployed before", function()
    stack.template.Resources.Any = nil
    stack.template.Resources.Default = nil
    stack.template.Resources.One.Properties.RouteKey = "ANY /two/{name}"
    stack:apply "UpdateStack"
    assert.equal(404, get("/one/ada").status)
    assert.equal(200, get("/two/ada").status)
    assert.equal(200, get("/prod/one/ada").status)
  end)

  it("ends with its cloud", function()
    assert.equal(0, stack:close())
  end)
end)
