local deployed = dofile "tests/lua/local/deployed.lua"
local uri = require "host.uri"

local function sub(text)
  return { ["Fn::Sub"] = text }
end

local REST <const>, HTTP <const> = { Ref = "Rest" }, { Ref = "Http" }

local function rest(kind, properties, depends)
  properties.RestApiId = REST
  return { Type = "AWS::ApiGateway::" .. kind, Properties = properties, DependsOn = depends }
end

local function http(kind, properties, depends)
  properties.ApiId = properties.ApiId or HTTP
  return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties, DependsOn = depends }
end

local RESOURCES <const> = {
  Rest = { Type = "AWS::ApiGateway::RestApi", Properties = { Name = "rest", Description = "d" } },
  Pets = rest("Resource",
    { PathPart = "pets", ParentId = { ["Fn::GetAtt"] = { "Rest", "RootResourceId" } } }),
  Method = rest("Method", {
    ResourceId = { Ref = "Pets" }, HttpMethod = "GET", AuthorizationType = "NONE",
    ApiKeyRequired = true, Integration = { Type = "MOCK" },
  }),
  PetModel = rest("Model", {
    Name = "Pet", ContentType = "application/json", Schema = { type = "object" },
  }),
  Validator = rest("RequestValidator", { Name = "bodies", ValidateRequestBody = true }),
  Pool = rest("Authorizer", {
    Name = "pool", Type = "COGNITO_USER_POOLS", IdentitySource = "method.request.header.Token",
    ProviderARNs = { "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc" },
  }),
  Tea = rest("GatewayResponse", { ResponseType = "ACCESS_DENIED", StatusCode = "418" }),
  Deployment = rest("Deployment", { Description = "first" }, "Method"),
  Stage = rest("Stage", { DeploymentId = { Ref = "Deployment" }, StageName = "dev" }),
  Key = { Type = "AWS::ApiGateway::ApiKey", Properties = {
    Name = "partner", Value = "a-secret-of-twenty-chars", Enabled = true,
  } },
  Plan = { Type = "AWS::ApiGateway::UsagePlan", DependsOn = "Stage", Properties = {
    UsagePlanName = "few", Quota = { Limit = 10, Period = "DAY" },
    ApiStages = { { ApiId = REST, Stage = "dev" } },
  } },
  Http = { Type = "AWS::ApiGatewayV2::Api", Properties = {
    Name = "http", ProtocolType = "HTTP",
  } },
  Far = http("Integration", {
    IntegrationType = "HTTP_PROXY", IntegrationMethod = "GET", PayloadFormatVersion = "1.0",
    IntegrationUri = "http://127.0.0.1:9/far",
  }),
  Tokens = http("Authorizer", {
    Name = "tokens", AuthorizerType = "JWT", IdentitySource = { "$request.header.Authorization" },
    JwtConfiguration = { Issuer = "https://issuer.example", Audience = { "us" } },
  }),
  Route = http("Route", { RouteKey = "GET /far", Target = sub "integrations/${Far}" }),
  HttpDeployment = http("Deployment", { Description = "second" }, "Route"),
  Socket = { Type = "AWS::ApiGatewayV2::Api", Properties = {
    Name = "socket", ProtocolType = "WEBSOCKET",
    RouteSelectionExpression = "$request.body.action",
  } },
  Word = http("Model", {
    ApiId = { Ref = "Socket" }, Name = "Word", ContentType = "application/json",
    Schema = { type = "string" },
  }),
}

local OUTPUTS <const> = {
  Rest = REST, Pets = { Ref = "Pets" }, Deployment = { Ref = "Deployment" }, Key = { Ref = "Key" },
  Plan = { Ref = "Plan" }, Http = HTTP, Far = { Ref = "Far" }, Tokens = { Ref = "Tokens" },
  Route = { Ref = "Route" }, HttpDeployment = { Ref = "HttpDeployment" },
  Socket = { Ref = "Socket" }, Word = { Ref = "Word" },
}

local stack = deployed.start("return require 'laconic'.service { name = 's' }", RESOURCES, OUTPUTS)
local ids = stack.outputs

local function ask(path, query, region)
  return stack.cloud:send_json("apigateway", { path = path, query = query, region = region })
end

local function told(...)
  local answer = ask(...)
  assert.equal(200, answer.status, answer.body)
  return answer.json
end

local function refused(words, ...)
  local answer = ask(...)
  assert.equal(404, answer.status, answer.body)
  assert.equal("NotFoundException", answer.headers["x-amzn-errortype"])
  assert.matches(words, answer.json.message or answer.json.Message)
end

local function each_of(list, name)
  local values = {}
  for i, item in ipairs(list) do
    values[i] = item[name]
  end
  table.sort(values)
  return values
end

describe("what is told of a REST API", function()
  local api = "/restapis/" .. ids.Rest

  it("is its parts, each as in its list", function()
    assert.equal("d", told(api).description)
    local list = told(api .. "/resources").item
    assert.same({ "/", "/pets" }, each_of(list, "path"))
    local pets = told(api .. "/resources/" .. ids.Pets)
    assert.equal("pets", pets.pathPart)
    assert.same({ GET = {} }, pets.resourceMethods)
    local whole = told(api .. "/resources/" .. ids.Pets, "embed=methods")
    assert.is_true(whole.resourceMethods.GET.apiKeyRequired)
    assert.same(whole.resourceMethods.GET, told(api .. "/resources/" .. ids.Pets .. "/methods/GET"))
    local deployment = told(api .. "/deployments/" .. ids.Deployment)
    assert.equal("first", deployment.description)
    assert.same({ deployment }, told(api .. "/deployments").item)
    assert.equal(ids.Deployment, told(api .. "/stages/dev").deploymentId)
  end)

  it("is what its methods refer to", function()
    assert.same({ "Pet" }, each_of(told(api .. "/models").item, "name"))
    assert.equal("application/json", told(api .. "/models").item[1].contentType)
    local validator = told(api .. "/requestvalidators").item[1]
    assert.equal("bodies", validator.name)
    assert.is_true(validator.validateRequestBody)
    local authorizer = told(api .. "/authorizers").item[1]
    assert.equal("pool", authorizer.name)
    assert.equal("COGNITO_USER_POOLS", authorizer.type)
    assert.equal("method.request.header.Token", authorizer.identitySource)
  end)

  it("is every gateway response, the author's own in the place of AWS's", function()
    local by_type, defaults = {}, 0
    for _, response in ipairs(told(api .. "/gatewayresponses", "limit=1").item) do
      by_type[response.responseType] = response
      defaults = response.defaultResponse and defaults + 1 or defaults
    end
    assert.same({
      responseType = "ACCESS_DENIED", statusCode = "418", responseParameters = {},
      responseTemplates = {}, defaultResponse = false,
    }, by_type.ACCESS_DENIED)
    assert.same({
      responseType = "THROTTLED", statusCode = "429", responseParameters = {},
      responseTemplates = { ["application/json"] = '{"message":$context.error.messageString}' },
      defaultResponse = true,
    }, by_type.THROTTLED)
    assert.is_nil(by_type.DEFAULT_4XX.statusCode)
    assert.equal(20, defaults)
  end)

  it("is its keys and plans, the keys' values on demand alone", function()
    local key = told("/apikeys/" .. ids.Key)
    assert.equal("partner", key.name)
    assert.is_nil(key.value)
    assert.equal("a-secret-of-twenty-chars",
      told("/apikeys/" .. ids.Key, "includeValue=true").value)
    local plan = told("/usageplans/" .. ids.Plan)
    assert.equal("few", plan.name)
    assert.equal(10, plan.quota.limit)
    assert.same({ { apiId = ids.Rest, stage = "dev" } }, plan.apiStages)
    assert.same({ plan }, told("/usageplans").item)
    assert.same({}, told("/usageplans/" .. ids.Plan .. "/keys").item)
  end)

  it("is refused when it is not there, or in another region", function()
    refused("API identifier", "/restapis/none")
    refused("API identifier", api, nil, "eu-west-1")
    refused("Resource", api .. "/resources/none")
    refused("Method", api .. "/resources/" .. ids.Pets .. "/methods/PUT")
    refused("Deployment", api .. "/deployments/none")
    refused("stage", api .. "/stages/none")
    refused("Invalid API Key identifier specified", "/apikeys/none")
    refused("Invalid API Key identifier specified", "/apikeys/" .. ids.Key, nil, "eu-west-1")
    refused("Invalid Usage Plan ID specified", "/usageplans/none")
  end)

  it("comes in pages", function()
    local first = told(api .. "/resources", "limit=1")
    local rest_of = told(api .. "/resources", "limit=1&position=" .. uri.encode(first.position))
    assert.equal(1, #first.item)
    assert.not_equal(first.item[1].id, rest_of.item[1].id)
    assert.is_nil(rest_of.position)
    assert.equal(400, ask(api .. "/resources", "position=none").status)
  end)
end)

describe("what is told of an API of version 2", function()
  local api, socket = "/v2/apis/" .. ids.Http, "/v2/apis/" .. ids.Socket

  it("is the API, by itself and in its list", function()
    assert.same({ "http", "socket" }, each_of(told("/v2/apis").items, "name"))
    assert.same({}, told("/v2/apis", nil, "eu-west-1").items)
    local one = told(api)
    assert.equal(ids.Http, one.apiId)
    assert.equal("HTTP", one.protocolType)
    assert.is_false(one.disableExecuteApiEndpoint)
    assert.matches("^http://127.0.0.1:%d+/_apis/" .. ids.Http, one.apiEndpoint)
    assert.matches("^ws://127.0.0.1:%d+/_apis/" .. ids.Socket, told(socket).apiEndpoint)
    assert.equal("$request.body.action", told(socket).routeSelectionExpression)
  end)

  it("is its parts, each as in its list", function()
    for _, case in ipairs {
      { api .. "/routes", ids.Route, "routeId", "routeKey", "GET /far" },
      { api .. "/integrations", ids.Far, "integrationId", "integrationUri",
        "http://127.0.0.1:9/far" },
      { api .. "/authorizers", ids.Tokens, "authorizerId", "name", "tokens" },
      { api .. "/deployments", ids.HttpDeployment, "deploymentId", "description", "second" },
      { socket .. "/models", ids.Word, "modelId", "name", "Word" },
    } do
      local path, id, id_name, name, value = table.unpack(case)
      local one = told(path .. "/" .. id)
      assert.equal(id, one[id_name])
      assert.equal(value, one[name])
      assert.same({ one }, told(path).items)
    end
    assert.same({ "us" },
      told(api .. "/authorizers/" .. ids.Tokens).jwtConfiguration.audience)
  end)

  it("is refused when it is not there, or in another region", function()
    refused("Unable to find API by ID none", "/v2/apis/none")
    refused("Unable to find API by ID", api, nil, "eu-west-1")
    for _, kind in ipairs { "routes", "integrations", "authorizers", "deployments", "models",
      "stages" } do
      refused("none", api .. "/" .. kind .. "/none")
    end
  end)
end)

describe("ListExports", function()
  local function exports(region)
    return stack.cloud:query("cloudformation", "Action=ListExports&Version=2010-05-15",
      { region = region }).body
  end

  it("tells of what stacks give away, until they take it back", function()
    assert.not_matches("<Name>", exports())
    stack.template.Outputs.Far.Export = { Name = "far-id" }
    stack:apply "UpdateStack"
    local told_of = exports()
    assert.equal("far-id", told_of:match "<Name>(.-)</Name>")
    assert.equal(ids.Far, told_of:match "<Value>(.-)</Value>")
    assert.matches(":stack/s/", told_of:match "<ExportingStackId>(.-)</ExportingStackId>")
    assert.not_matches("<Name>", exports "eu-west-1")
    stack.template.Outputs.Far.Export = nil
    stack:apply "UpdateStack"
    assert.not_matches("<Name>", exports())
  end)
end)

describe("the cloud behind the APIs", function()
  it("ends as it is told to", function()
    assert.equal(0, stack:close())
  end)
end)
