-- HTTP APIs whose Body is OpenAPI 3 with API Gateway's extensions.
local deployed = dofile "tests/lua/local/deployed.lua"
local json = require "host.json"
local uri = require "host.uri"

local SERVICE <const> = [[
local laconic = require "laconic"
local json = require "host.json"
local service = laconic.service { name = "s" }

service:lambda { name = "echo", handler = function(event)
  return { statusCode = 200, headers = { ["content-type"] = "application/json" },
    body = json.encode(event) }
end }

service:lambda { name = "door", handler = function(event)
  return { isAuthorized = event.headers["x-token"] == "tea" }
end }

return service
]]

local function arn_of(id)
  return { ["Fn::GetAtt"] = { id, "Arn" } }
end

local function let_api(id)
  return deployed.permission(id, {
    Principal = "apigateway.amazonaws.com", SourceAccount = "123456789012",
  })
end

local INTEGRATION <const> = "x-amazon-apigateway-integration"
local ANY <const> = "x-amazon-apigateway-any-method"

local function to_echo(more)
  local integration = {
    type = "aws_proxy", uri = arn_of "Echo", payloadFormatVersion = "2.0", httpMethod = "POST",
  }
  for name, value in pairs(more or {}) do
    integration[name] = value
  end
  return integration
end

local function by_name(name)
  return { { [name] = json.array {} } }
end

local BODY <const> = {
  openapi = "3.0.1",
  info = { title = "tea", version = "1.2", description = "all the tea" },
  ["x-amazon-apigateway-cors"] = {
    allowOrigins = { "https://a.example" }, allowMethods = { "GET" }, maxAge = 60,
  },
  paths = {
    ["/tea/{cup}"] = {
      get = { operationId = "getCup", [INTEGRATION] = to_echo {
        requestParameters = { ["append:header.x-stage"] = "$context.stage" },
        responseParameters = { ["200"] = { ["overwrite:statuscode"] = "299" } },
      } },
      parameters = json.array {},
    },
    ["/any/{proxy+}"] = { [ANY] = {
      [INTEGRATION] = { ["$ref"] = "#/components/x-amazon-apigateway-integrations/echo" },
    } },
    ["/guarded"] = { get = { security = by_name "door", [INTEGRATION] = to_echo() } },
    ["/signed"] = { get = { security = by_name "signed", [INTEGRATION] = to_echo() } },
    ["/tokens"] = { get = { security = by_name "tokens", [INTEGRATION] = to_echo() } },
    ["/open"] = { get = { security = json.array {}, [INTEGRATION] = to_echo() } },
    ["/nothing"] = { get = { operationId = "nothing" } },
    ["$default"] = { [ANY] = { isDefaultRoute = true, [INTEGRATION] = to_echo() } },
    ["x-more"] = "no path",
  },
  components = {
    ["x-amazon-apigateway-integrations"] = { echo = to_echo { payloadFormatVersion = "1.0" } },
    securitySchemes = {
      door = { type = "apiKey", name = "x-token", ["in"] = "header",
        ["x-amazon-apigateway-authorizer"] = {
          type = "request", identitySource = "$request.header.x-token",
          authorizerUri = { ["Fn::Sub"] = "arn:aws:apigateway:${AWS::Region}:lambda:path/"
            .. "2015-03-31/functions/${Door.Arn}/invocations" },
          authorizerPayloadFormatVersion = "2.0", enableSimpleResponses = true,
        } },
      signed = { type = "apiKey", name = "Authorization", ["in"] = "header",
        ["x-amazon-apigateway-authtype"] = "awsSigv4" },
      tokens = { type = "oauth2", flows = json.object {}, ["x-amazon-apigateway-authorizer"] = {
        type = "jwt", identitySource = "$request.header.Authorization",
        jwtConfiguration = { issuer = "http://127.0.0.1:1/nobody", audience = { "app" } },
      } },
    },
  },
}

local function copy(value)
  return assert(json.decode(assert(json.encode(value))))
end

describe("an HTTP API that a definition makes", function()
  local stack = deployed.start(SERVICE, {
    Echo = deployed.lambda "echo",
    EchoPermission = let_api "Echo",
    Door = deployed.lambda "door",
    DoorPermission = let_api "Door",
    Api = { Type = "AWS::ApiGatewayV2::Api", Properties = { Body = BODY } },
    Stage = { Type = "AWS::ApiGatewayV2::Stage", Properties = {
      ApiId = { Ref = "Api" }, StageName = "$default", AutoDeploy = true,
    } },
  }, { Url = { ["Fn::GetAtt"] = { "Api", "ApiEndpoint" } }, Id = { Ref = "Api" } })

  local function ask(path, headers, method)
    return deployed.send {
      url = stack.outputs.Url .. path, headers = headers, method = method,
    }
  end

  local function event_of(path)
    local answer = ask(path)
    assert.equal(200, answer.status)
    return assert(json.decode(answer.body))
  end

  -- Why CloudFormation gave up on an API of those properties.
  local function refusal(properties)
    local template = { Resources = {
      Bad = { Type = "AWS::ApiGatewayV2::Api", Properties = properties },
    } }
    local name = "bad" .. tostring(os.clock()):gsub("%.", "")
    assert(stack.cloud:query("cloudformation", uri.build_query {
      Action = "CreateStack", Version = "2010-05-15", StackName = name, OnFailure = "DO_NOTHING",
      TemplateBody = assert(json.encode(template)),
    }).status == 200)
    local deadline = os.time() + 30
    local reason
    repeat
      local events = stack.cloud:query("cloudformation", uri.build_query {
        Action = "DescribeStackEvents", Version = "2010-05-15", StackName = name,
      }).body
      reason = events:match "<ResourceStatusReason>(Unable.-)</ResourceStatusReason>"
        or events:match "<ResourceStatusReason>(Body.-)</ResourceStatusReason>"
    until reason or os.time() > deadline
    return reason
  end

  it("has the routes of its paths, and what each asks", function()
    local answer = ask "/tea/7"
    assert.equal(299, answer.status)
    local event = assert(json.decode(answer.body))
    assert.equal("GET /tea/{cup}", event.routeKey)
    assert.same({ cup = "7" }, event.pathParameters)
    assert.equal("$default", event.headers["x-stage"])
    assert.equal("1.0", event_of("/any/of/it").version)
    assert.equal("/any/{proxy+}", event_of("/any/of/it").resource)
    assert.equal("$default", event_of("/elsewhere").routeKey)
    assert.equal("GET /open", event_of("/open").routeKey)
    assert.equal(501, ask("/nothing").status)
  end)

  it("asks who it is where the definition says so", function()
    assert.equal(401, ask("/guarded").status)
    assert.equal(403, ask("/guarded", { { "x-token", "milk" } }).status)
    assert.equal(200, ask("/guarded", { { "x-token", "tea" } }).status)
    assert.equal(403, ask("/signed").status)
    assert.equal(401, ask("/tokens").status)
  end)

  it("has the definition's CORS rules and name", function()
    local answer = ask("/open", {
      { "Origin", "https://a.example" }, { "Access-Control-Request-Method", "GET" },
    }, "OPTIONS")
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.equal("60", answer.headers["access-control-max-age"])
    local shown = assert(json.decode(stack.cloud:send {
      service = "apigateway", path = "/v2/apis/" .. stack.outputs.Id,
    }.body))
    assert.equal("tea", shown.name)
    assert.equal("all the tea", shown.description)
    assert.equal("1.2", shown.version)
    assert.equal("HTTP", shown.protocolType)
  end)

  it("is no more than what the next definition says, which may be an object in S3", function()
    local body = copy(BODY)
    body.paths = { ["/new"] = { get = { [INTEGRATION] = to_echo() } } }
    body.paths["/new"].get[INTEGRATION].uri =
      ("arn:aws:lambda:us-east-1:123456789012:function:%s"):format("s-none")
    body.components, body["x-amazon-apigateway-cors"] = nil, nil
    assert.equal(200, stack.cloud:send {
      method = "PUT", path = "/code/api.json", body = assert(json.encode(body)),
    }.status)
    stack.template.Resources.Api.Properties = {
      BodyS3Location = { Bucket = "code", Key = "api.json" }, Name = "other",
    }
    stack:apply "UpdateStack"

    assert.equal(404, ask("/tea/7").status)
    assert.equal(500, ask("/new").status) -- there is no such function
    stack.template.Resources.Api.Properties = { Body = BODY }
    stack:apply "UpdateStack"
    assert.equal(299, ask("/tea/7").status)
  end)

  it("is refused for what no definition can say", function()
    local paths = { ["/a"] = { get = {} } }
    assert.matches("defined by OpenAPI 3", refusal { Body = { swagger = "2.0", paths = paths } })
    assert.matches("has no paths", refusal { Body = { openapi = "3.0.1" } })
    assert.matches("must be an object", refusal { Body = { openapi = "3.0.1", paths = {
      ["/a"] = { get = "no" },
    } } })
    assert.matches("paths%./a%.get%.operationId must be a text",
      refusal { Body = { openapi = "3.0.1", paths = { ["/a"] = { get = { operationId = {} } } } } })
    assert.matches("does not begin with /",
      refusal { Body = { openapi = "3.0.1", paths = { a = { get = json.object {} } } } })
    assert.matches("its type is jwt or request", refusal { Body = {
      openapi = "3.0.1", paths = json.object {}, components = { securitySchemes = { a = {
        ["x-amazon-apigateway-authorizer"] = { type = "token" },
      } } },
    } })
    assert.matches("define HTTP APIs", refusal {
      Body = { openapi = "3.0.1", paths = json.object {} }, ProtocolType = "WEBSOCKET",
    })
  end)

  it("ends with its cloud", function()
    assert.equal(0, stack:close())
  end)
end)
