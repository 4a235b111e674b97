-- REST APIs whose Body is Swagger 2.0 or OpenAPI 3, and the actions that tell of APIs.
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"

local create_function, send = rest.create_function, rest.send

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

local function template_of(body, resources, more)
  local template = rest.template_of({}, {
    api = { Body = body, Name = json.null }, resources = resources,
  })
  template.Resources.Api.Properties.Name = nil
  for name, value in pairs(more or {}) do
    template.Resources.Api.Properties[name] = value
  end
  return template
end

local function mock_integration(status, more)
  local integration = {
    type = "mock", passthroughBehavior = "when_no_match",
    requestTemplates = { ["application/json"] = ('{"statusCode": %d}'):format(status) },
    responses = { default = { statusCode = tostring(status) } },
  }
  for name, value in pairs(more or {}) do
    integration[name] = value
  end
  return integration
end

local SWAGGER <const> = {
  swagger = "2.0",
  info = { title = "pets", version = "1.2", description = "all the pets" },
  basePath = "/ignored",
  consumes = { "application/json" },
  ["x-amazon-apigateway-request-validators"] = {
    all = { validateRequestBody = true, validateRequestParameters = true },
  },
  ["x-amazon-apigateway-request-validator"] = "all",
  ["x-amazon-apigateway-binary-media-types"] = { "image/png" },
  ["x-amazon-apigateway-gateway-responses"] = {
    DEFAULT_4XX = { responseParameters = { ["gatewayresponse.header.X-Refused"] = "'yes'" } },
  },
  securityDefinitions = {
    sigv4 = { type = "apiKey", name = "Authorization", ["in"] = "header",
      ["x-amazon-apigateway-authtype"] = "awsSigv4" },
    key = { type = "apiKey", name = "x-api-key", ["in"] = "header" },
  },
  parameters = { limit = { name = "limit", ["in"] = "query", type = "integer", required = true } },
  definitions = {
    Pet = {
      type = "object", required = { "name" },
      properties = { name = { type = "string" }, tag = { ["$ref"] = "#/definitions/Tag" } },
    },
    Tag = { type = "string", maxLength = 3 },
  },
  paths = {
    ["/pets"] = {
      get = {
        parameters = { { ["$ref"] = "#/parameters/limit" } },
        responses = { ["200"] = { description = "ok" } },
        ["x-amazon-apigateway-integration"] = mock_integration(200),
      },
      post = {
        parameters = { { name = "pet", ["in"] = "body",
          schema = { ["$ref"] = "#/definitions/Pet" } } },
        responses = { ["201"] = {
          description = "made", headers = { ["X-Made"] = { type = "string" } },
        } },
        ["x-amazon-apigateway-integration"] = mock_integration(201, {
          responses = { default = {
            statusCode = "201", responseParameters = { ["method.response.header.X-Made"] = "'1'" },
          } },
        }),
      },
      put = {
        parameters = { { name = "pets", ["in"] = "body",
          schema = { type = "array", items = { ["$ref"] = "#/definitions/Pet" } } } },
        responses = { ["200"] = { description = "ok" } },
        ["x-amazon-apigateway-integration"] = mock_integration(200),
      },
    },
    ["/secret"] = {
      get = {
        security = { { sigv4 = json.array {} } },
        responses = { ["200"] = { description = "ok" } },
        ["x-amazon-apigateway-integration"] = mock_integration(200),
      },
    },
    ["/key"] = {
      get = {
        security = { { key = json.array {} } },
        responses = { ["200"] = { description = "ok" } },
        ["x-amazon-apigateway-integration"] = mock_integration(200),
      },
    },
  },
}

describe("a REST API that is said by Swagger", function()
  cloudy("heeds what properties say beside a Body, and what it says where they do not", function()
    local body = {
      swagger = "2.0", info = { title = "beside" },
      ["x-amazon-apigateway-minimum-compression-size"] = 100,
      ["x-amazon-apigateway-binary-media-types"] = { "image/png" },
      paths = { ["/a"] = { get = {
        ["x-amazon-apigateway-integration"] = mock_integration(200),
      } } },
    }
    local template = template_of(body, {})
    local _, id = rest.deploy(template)
    local function told()
      return rest.cloud:call("apigateway", "GetRestApi", { restApiId = id })
    end
    assert.equal(100, told().minimumCompressionSize)
    assert.same({ "image/png" }, told().binaryMediaTypes)
    for name, value in pairs {
      BinaryMediaTypes = { "text/x-tea" }, MinimumCompressionSize = 7,
      ApiKeySourceType = "AUTHORIZER",
    } do
      template.Resources.Api.Properties[name] = value
    end
    rest.deploy(template, "UpdateStack")
    assert.equal(7, told().minimumCompressionSize)
    assert.same({ "text/x-tea" }, told().binaryMediaTypes)
    assert.equal("AUTHORIZER", told().apiKeySource)
  end)

  cloudy("obeys a policy that stands beside a Body", function()
    local template = template_of({
      swagger = "2.0", info = { title = "beside" },
      paths = { ["/a"] = { get = {
        ["x-amazon-apigateway-integration"] = mock_integration(200),
        responses = { ["200"] = { description = "fine" } },
      } } },
    }, {})
    local url = rest.deploy(template)
    assert.equal(200, send(url .. "/a").status)
    template.Resources.Api.Properties.Policy = {
      Version = "2012-10-17",
      Statement = { {
        Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "*",
      } },
    }
    template.Resources.Next, template.Resources.Deployment = template.Resources.Deployment, nil
    template.Resources.Stage.Properties.DeploymentId = { Ref = "Next" }
    rest.deploy(template, "UpdateStack")
    assert.equal(403, send(url .. "/a").status)
  end)

  cloudy("routes, validates and refuses as the document says", function()
    local url, id = rest.deploy(template_of(SWAGGER))
    local function ask(method, path, body)
      return send(url .. path, { method = method, body = body,
        headers = body and { { "Content-Type", "application/json" } } })
    end
    assert.equal(200, ask("GET", "/pets?limit=1").status)
    local answer = ask("GET", "/pets")
    assert.equal(400, answer.status)
    assert.equal("yes", answer.headers["x-refused"])
    assert.same({ message = "Missing required request parameters: [limit]" }, answer.json)
    answer = ask("POST", "/pets", '{"name":"Tom","tag":"cat"}')
    assert.equal(201, answer.status)
    assert.equal("1", answer.headers["x-made"])
    for _, body in ipairs { "{}", '{"name":"Tom","tag":"long"}' } do
      assert.equal(400, ask("POST", "/pets", body).status, body)
    end
    assert.equal(200, ask("PUT", "/pets", '[{"name":"a"}]').status)
    assert.equal(400, ask("PUT", "/pets", '[{"name":1}]').status)
    assert.same({ message = "Missing Authentication Token" }, ask("GET", "/secret").json)
    assert.same({ message = "Forbidden" }, ask("GET", "/key").json)
    assert.equal(403, ask("GET", "/ignored/pets").status)

    local api = rest.cloud:call("apigateway", "GetRestApi", { restApiId = id })
    assert.equal("pets", api.name)
    assert.equal("1.2", api.version)
    assert.equal("all the pets", api.description)
    assert.same({ "image/png" }, api.binaryMediaTypes)
  end)

  cloudy("follows the document when it changes", function()
    local body = { swagger = "2.0", info = { title = "a", version = "1" }, paths = {
      ["/a"] = { get = {
        responses = { ["200"] = { description = "" } },
        ["x-amazon-apigateway-integration"] = mock_integration(200),
      } },
    } }
    local template = template_of(body, nil, { Name = "named" })
    local url, id = rest.deploy(template)
    assert.equal(200, send(url .. "/a").status)
    body.paths["/b"], body.paths["/a"] = body.paths["/a"], nil
    template.Resources.Two = template.Resources.Deployment
    template.Resources.Deployment = nil
    template.Resources.Stage.Properties.DeploymentId = { Ref = "Two" }
    template.Resources.Two.DependsOn = json.array { "Api" }
    assert.equal(id, select(2, rest.deploy(template, "UpdateStack")))
    assert.equal(200, send(url .. "/b").status)
    assert.equal(403, send(url .. "/a").status)
    assert.equal("named", rest.cloud:call("apigateway", "GetRestApis", {}).item[1].name)
  end)

  cloudy("gives way to properties that say the same", function()
    local _, id = rest.deploy(template_of(SWAGGER, nil, {
      BinaryMediaTypes = { "audio/*" }, ApiKeySourceType = "AUTHORIZER",
    }))

    local api = rest.cloud:call("apigateway", "GetRestApi", { restApiId = id })

    assert.same({ "audio/*" }, api.binaryMediaTypes)
    assert.equal("AUTHORIZER", api.apiKeySource)
    assert.equal("pets", api.name)
  end)

  cloudy("asks the function and the authorizer that it names", function(folder)
    create_function(folder, "f", "return { statusCode = 200, body = event.requestContext.authorizer"
      .. ".principalId }")
    create_function(folder, "a", [[
      return { principalId = event.authorizationToken, policyDocument = { Statement = {
        { Effect = "Allow", Action = "*", Resource = "*" } } } }
    ]])
    local url = rest.deploy(template_of({
      openapi = "3.0.1", info = { title = "o", version = "1" },
      components = {
        securitySchemes = { token = {
          type = "apiKey", name = "X-Token", ["in"] = "header",
          ["x-amazon-apigateway-authtype"] = "custom",
          ["x-amazon-apigateway-authorizer"] = {
            type = "token", authorizerUri = rest.uri "a", authorizerResultTtlInSeconds = 0,
          },
        } },
        schemas = { Pet = { type = "object", required = { "name" } } },
      },
      security = { { token = json.array {} } },
      ["x-amazon-apigateway-request-validators"] = { body = { validateRequestBody = true } },
      paths = {
        ["/f/{proxy+}"] = {
          parameters = { { name = "proxy", ["in"] = "path", required = true,
            schema = { type = "string" } } },
          ["x-amazon-apigateway-any-method"] = {
            ["x-amazon-apigateway-integration"] = {
              type = "aws_proxy", httpMethod = "POST",
              uri = { ["Fn::Sub"] = (rest.uri("f"):gsub("us%-east%-1", "${AWS::Region}")) },
            },
          },
        },
        ["/pets"] = { post = {
          security = json.array {},
          ["x-amazon-apigateway-request-validator"] = "body",
          requestBody = { content = { ["application/json"] = {
            schema = { ["$ref"] = "#/components/schemas/Pet" } } } },
          responses = { ["200"] = { description = "ok", content = { ["application/json"] = {
            schema = { type = "object" } } } } },
          ["x-amazon-apigateway-integration"] = mock_integration(200),
        } },
      },
    }, { F = rest.permission "f", A = rest.permission("a", { ["Fn::Sub"] =
      "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/*" }) }))
    assert.equal(401, send(url .. "/f/x").status)
    local answer = send(url .. "/f/x/y", { method = "PUT", headers = { { "x-token", "ada" } } })
    assert.equal("ada", answer.body)
    assert.equal(400, send(url .. "/pets", { method = "POST", body = "{}",
      headers = { { "Content-Type", "application/json" } } }).status)
    assert.equal(200, send(url .. "/pets", { method = "POST", body = '{"name":1}',
      headers = { { "Content-Type", "application/json" } } }).status)
  end)

  cloudy("fails the stack in API Gateway's words when it cannot be read", function()
    local cases = {
      { { info = {} }, "neither Swagger 2.0 nor OpenAPI 3" },
      { { swagger = "2.0" }, "it has no paths" },
      { { swagger = "2.0", paths = { a = {} } }, "'a' does not begin with /" },
      { { swagger = "2.0", paths = { ["/a b"] = {} } }, "Unable to create resource" },
      { { swagger = "2.0", paths = json.object {} }, "name is missing" },
      { { swagger = "2.0", paths = { ["/a"] = 7 } }, "paths./a must be an object" },
      { { swagger = "2.0", paths = { ["/a"] = { get = { responses = "x" } } } },
        "paths./a.get.responses must be an object" },
      { { swagger = "2.0", paths = { ["/a"] = { get = {
        ["x-amazon-apigateway-integration"] = { type = 7 } } } } },
        "paths./a.get.x-amazon-apigateway-integration.type must be a text" },
      { { swagger = "2.0", info = "x", paths = json.object {} }, "info must be an object" },
      { { swagger = "2.0", info = { title = "x" }, paths = json.object {} },
        "doesn't contain any methods" },
    }
    for i, case in ipairs(cases) do
      local made = rest.cloud:call("cloudformation", "CreateStack", {
        StackName = "s" .. i, TemplateBody = assert(json.encode(template_of(case[1]))),
      })
      local stack = rest.settled(made.StackId)
      assert.equal("ROLLBACK_COMPLETE", stack.status, case[2])
      local said = {}
      for _, event in ipairs(stack.events) do
        table.insert(said, event.status == "CREATE_FAILED" and event.reason or nil)
      end
      assert.truthy(table.concat(said, "\n"):find(case[2], 1, true), table.concat(said, "\n"))
    end
  end)
end)

describe("API Gateway's actions", function()
  cloudy("tell of an API what its author said", function()
    local template = rest.template_of({ rest.reply("/pets/{id}", "GET", "one") }, {
      stage = { Variables = { colour = "red" }, MethodSettings = { {
        ResourcePath = "/*", HttpMethod = "*", ThrottlingRateLimit = "0.01",
        ThrottlingBurstLimit = 2,
      } } },
      resources = {
        Key = { Type = "AWS::ApiGateway::ApiKey", Properties = { Name = "k" } },
        Plan = {
          Type = "AWS::ApiGateway::UsagePlan", DependsOn = "Stage",
          Properties = { UsagePlanName = "p", ApiStages = { { ApiId = { Ref = "Api" },
            Stage = "dev" } } },
        },
        PlanKey = {
          Type = "AWS::ApiGateway::UsagePlanKey",
          Properties = { KeyId = { Ref = "Key" }, KeyType = "API_KEY",
            UsagePlanId = { Ref = "Plan" } },
        },
      },
    })
    local url, id = rest.deploy(template)
    local function call(action, params)
      params = params or {}
      params.restApiId = id
      return rest.cloud:call("apigateway", action, params)
    end
    assert.equal(id, call("GetRestApis").item[1].id)
    local paths = {}
    for _, resource in ipairs(call("GetResources", { embed = "methods" }).item) do
      paths[resource.path] = resource
    end
    assert.equal(paths["/"].id, paths["/pets"].parentId)
    assert.equal("{id}", paths["/pets/{id}"].pathPart)
    assert.equal("MOCK", paths["/pets/{id}"].resourceMethods.GET.methodIntegration.type)
    local method = call("GetMethod", { resourceId = paths["/pets/{id}"].id, httpMethod = "GET" })
    assert.equal("NONE", method.authorizationType)
    assert.equal("200", method.methodIntegration.integrationResponses["200"].statusCode)
    local stage = call("GetStages").item[1]
    assert.equal("dev", stage.stageName)
    assert.same({ colour = "red" }, stage.variables)
    assert.equal(0.01, stage.methodSettings["*/*"].throttlingRateLimit)
    assert.equal(stage.deploymentId, call("GetDeployments").item[1].id)
    local key = call("GetApiKeys", { includeValues = "true" }).item[1]
    assert.equal("k", key.name)
    assert.is_false(key.enabled)
    assert.equal(40, #key.value)
    assert.is_nil(call("GetApiKeys").item[1].value)
    local plan = call("GetUsagePlans").item[1]
    assert.equal("dev", plan.apiStages[1].stage)
    assert.equal(key.id, call("GetUsagePlanKeys", { usagePlanId = plan.id }).item[1].id)
    local raised = assert.error_matches("Invalid API identifier specified", function()
      rest.cloud:call("apigateway", "GetRestApi", { restApiId = "none" })
    end)
    assert.equal("NotFoundException", raised.code)

    assert.equal(200, send(url .. "/pets/1").status)
    assert.equal(200, send(url .. "/pets/1").status)
    local refused = send(url .. "/pets/1")
    assert.equal(429, refused.status)
    assert.equal("TooManyRequestsException", refused.headers["x-amzn-errortype"])
  end)
end)
