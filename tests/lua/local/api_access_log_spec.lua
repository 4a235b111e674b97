-- What access logs tell of requests: to REST and HTTP APIs that stacks made.
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"

local deploy, send, template_of = rest.deploy, rest.send, rest.template_of

local GROUP = { Type = "AWS::Logs::LogGroup", Properties = { LogGroupName = "/access" } }

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

-- What the log has, each line by its names; and none of it the next time.
local function logged()
  local list = {}
  local found = rest.cloud:call("logs", "FilterLogEvents", { logGroupName = "/access" })
  for i, event in ipairs(found.events) do
    list[i] = assert(json.decode(event.message))
  end
  rest.cloud:call("logs", "DeleteLogGroup", { logGroupName = "/access" })
  rest.cloud:call("logs", "CreateLogGroup", { logGroupName = "/access" })
  return list
end

-- A format with a name for each variable.
local function format_of(...)
  local values = {}
  for _, name in ipairs { ... } do
    values[name] = "$context." .. name
  end
  return json.encode(values)
end

local function settings(...)
  return { DestinationArn = { ["Fn::GetAtt"] = { "Logs", "Arn" } }, Format = format_of(...) }
end

local AUTHORIZER = [[return {
  principalId = "ada", context = { cups = 2, quoted = 'a "b"' },
  policyDocument = { Version = "2012-10-17", Statement = { {
    Effect = event.authorizationToken == "tea" and "Allow" or "Deny",
    Action = "execute-api:Invoke", Resource = "*" } } },
}]]

describe("the access log of a REST API", function()
  cloudy("tells who asked, what refused it, and what stands behind", function(folder)
    rest.create_function(folder, "f", [[
      if event.resource == "/bad" then
        return "no answer"
      end
      return { statusCode = 201, body = "tea" } ]])
    rest.create_function(folder, "guard", AUTHORIZER)
    local guarded = rest.proxy("/guarded", "GET", "f")
    guarded.AuthorizationType, guarded.AuthorizerId = "CUSTOM", { Ref = "Guard" }
    local url, id = deploy(template_of({
      rest.proxy("/open", "ANY", "f"), rest.proxy("/bad", "GET", "f"), guarded,
      rest.reply("/mock", "GET", "x"),
    }, {
      stage = {
        AccessLogSetting = settings("requestId", "extendedRequestId", "status", "httpMethod",
          "path", "resourcePath", "apiId", "stage", "accountId", "domainPrefix", "responseLength",
          "authorizer.principalId", "authorizer.cups", "authorizer.quoted", "authorizer.latency",
          "authorizer.status", "authorizer.error", "integration.status", "integrationStatus",
          "integration.error", "error.message", "error.responseType", "identity.userAgent",
          "awsEndpointRequestId", "waf.error"),
      },
      resources = {
        Logs = GROUP, Permission = rest.permission "f", GuardPermission = rest.permission("guard", {
          ["Fn::Sub"] = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*",
        }),
        Guard = {
          Type = "AWS::ApiGateway::Authorizer",
          Properties = {
            RestApiId = { Ref = "Api" }, Name = "guard", Type = "TOKEN",
            AuthorizerUri = rest.uri "guard", IdentitySource = "method.request.header.Token",
          },
        },
      },
    }))
    local function ask(path, token)
      return send(url .. path, { headers = {
        { "User-Agent", 'a"b' }, token and { "Token", token } or nil,
      } })
    end

    local answer = ask("/open?x=1")
    ask("/guarded", "tea")
    ask("/guarded", "coffee")
    ask "/guarded"
    ask "/bad"
    ask "/mock"
    local open, allowed, denied, unknown, bad, mock = table.unpack(logged())

    assert.equal(answer.headers["x-amzn-requestid"], open.requestId)
    assert.equal(open.requestId, open.awsEndpointRequestId)
    assert.equal(answer.headers["x-amz-apigw-id"], open.extendedRequestId)
    assert.equal("201", open.status)
    assert.equal("GET", open.httpMethod)
    assert.equal("/dev/open", open.path)
    assert.equal("/open", open.resourcePath)
    assert.equal(id, open.apiId)
    assert.equal(id, open.domainPrefix)
    assert.equal("dev", open.stage)
    assert.equal(rest.cloud.account, open.accountId)
    assert.equal("3", open.responseLength)
    assert.equal("201", open["integration.status"])
    assert.equal("200", open.integrationStatus)
    assert.equal('a"b', open["identity.userAgent"])
    for _, name in ipairs {
      "authorizer.status", "error.message", "integration.error", "waf.error",
    } do
      assert.equal("-", open[name])
    end
    assert.equal("ada", allowed["authorizer.principalId"])
    assert.equal("2", allowed["authorizer.cups"])
    assert.equal('a "b"', allowed["authorizer.quoted"])
    assert.equal("200", allowed["authorizer.status"])
    assert.matches("^%d+$", allowed["authorizer.latency"])
    assert.equal("403", denied.status)
    assert.equal("403", denied["authorizer.status"])
    assert.equal("ACCESS_DENIED", denied["error.responseType"])
    assert.matches("explicit deny", denied["authorizer.error"])
    assert.equal("-", denied.integrationStatus)
    assert.equal("401", unknown["authorizer.status"])
    assert.equal("Unauthorized", unknown["error.message"])
    assert.equal("502", bad.status)
    assert.matches("^Malformed Lambda proxy response", bad["integration.error"])
    assert.equal("200", bad.integrationStatus)
    assert.equal("200", mock.status)
    assert.equal("-", mock.awsEndpointRequestId)
  end)

  cloudy("is told by GetStage, and refused where a line would say nothing", function()
    local template = template_of({ rest.reply("/a", "GET", "x") }, {
      stage = { AccessLogSetting = settings "requestId" }, resources = { Logs = GROUP },
    })
    local _, id = deploy(template)
    local stage = rest.cloud:call("apigateway", "GetStage", { restApiId = id, stageName = "dev" })
    assert.equal(format_of "requestId", stage.accessLogSettings.format)
    assert.matches("log%-group:/access", stage.accessLogSettings.destinationArn)
    assert.is_nil(stage.accessLogSetting)
    template.Resources.Stage.Properties.AccessLogSetting = settings "status"
    local ok, problem = pcall(deploy, template, "UpdateStack")
    assert.is_false(ok)
    assert.matches("must include", tostring(problem))
  end)
end)

describe("the access log of an HTTP API", function()
  cloudy("tells who asked, what refused it, and what stands behind", function(folder)
    rest.create_function(folder, "f", 'return { statusCode = 202, body = "tea" }')
    rest.create_function(folder, "guard", [[return {
      isAuthorized = event.headers.token == "tea", context = { cups = 2 } }]])
    local function part(kind, properties)
      properties.ApiId = { Ref = "Api" }
      return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties }
    end
    local target = { ["Fn::Sub"] = "integrations/${Integration}" }
    local any = { ["Fn::Sub"] =
      "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*" }
    local url, id = deploy {
      Resources = {
        Logs = GROUP,
        Api = {
          Type = "AWS::ApiGatewayV2::Api", Properties = { Name = "a", ProtocolType = "HTTP" },
        },
        Integration = part("Integration", {
          IntegrationType = "AWS_PROXY", IntegrationUri = rest.uri "f",
          PayloadFormatVersion = "2.0",
        }),
        Permission = rest.permission("f", any),
        GuardPermission = rest.permission("guard", any),
        Guard = part("Authorizer", {
          Name = "guard", AuthorizerType = "REQUEST", AuthorizerUri = rest.uri "guard",
          AuthorizerPayloadFormatVersion = "2.0", EnableSimpleResponses = true,
          IdentitySource = { "$request.header.Token" },
        }),
        Guarded = part("Route", {
          RouteKey = "GET /guarded", Target = target, AuthorizationType = "CUSTOM",
          AuthorizerId = { Ref = "Guard" },
        }),
        Open = part("Route", { RouteKey = "ANY /open/{id}", Target = target }),
        Stage = part("Stage", {
          StageName = "dev", AutoDeploy = true,
          AccessLogSettings = settings("requestId", "status", "httpMethod", "path", "routeKey",
            "apiId", "stage", "domainPrefix", "dataProcessed", "authorizer.cups",
            "authorizer.error", "integration.status", "integrationStatus", "error.message",
            "error.responseType", "responseLatency"),
        }),
      },
      Outputs = {
        Id = { Value = { Ref = "Api" } },
        Url = { Value = { ["Fn::Sub"] =
          "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev" } },
      },
    }

    local answer = send(url .. "/open/a%22", { method = "POST", body = "12345" })
    send(url .. "/guarded", { headers = { { "Token", "tea" } } })
    send(url .. "/guarded", { headers = { { "Token", "coffee" } } })
    send(url .. "/guarded")
    local open, allowed, denied, unknown = table.unpack(logged())

    assert.equal(answer.headers["apigw-requestid"], open.requestId)
    assert.equal("202", open.status)
    assert.equal("202", open["integration.status"])
    assert.equal("200", open.integrationStatus)
    assert.equal("POST", open.httpMethod)
    assert.equal('/dev/open/a"', open.path)
    assert.equal("ANY /open/{id}", open.routeKey)
    assert.equal(id, open.apiId)
    assert.equal(id, open.domainPrefix)
    assert.equal("8", open.dataProcessed)
    assert.equal("-", open["authorizer.error"])
    assert.matches("^%d+$", open.responseLatency)
    assert.equal("2", allowed["authorizer.cups"])
    assert.equal("403", denied.status)
    assert.equal("Forbidden", denied["authorizer.error"])
    assert.equal("ACCESS_DENIED", denied["error.responseType"])
    assert.equal("401", unknown.status)
    assert.equal("Unauthorized", unknown["error.message"])
  end)
end)
