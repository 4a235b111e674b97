-- REST APIs, made by stacks and asked over HTTP.
local file = require "host.file"
local rest = dofile "tests/lua/local/rest_stack.lua"

local deploy, mock, proxy = rest.deploy, rest.mock, rest.proxy
local create_function, permission, reply = rest.create_function, rest.permission, rest.reply
local send, template_of = rest.send, rest.template_of

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

local ECHO = "return { statusCode = 200, body = require('host.json').encode(event) }"

describe("a REST API", function()
  cloudy("routes to what is said before what is variable, and refuses the rest", function()
    local url = deploy(template_of {
      reply("/", "GET", "root"),
      reply("/pets", "GET", "pets"),
      reply("/pets/{id}", "GET", "one"),
      reply("/pets/mine", "GET", "mine"),
      reply("/pets/mine", "ANY", "any"),
      reply("/pets/{id}/toys/{toy}", "GET", "toy"),
      reply("/files/{path+}", "GET", "file"),
      reply("/deep/er/still", "GET", "deep"),
    })
    local cases = {
      { "", "root" }, { "/", "root" }, { "/pets", "pets" }, { "/pets/", "pets" },
      { "/pets/7", "one" }, { "/pets/%2F", "one" }, { "/pets/mine", "mine" },
      { "/pets/mine/toys/x", "toy" }, { "/files/a", "file" }, { "/files/a/b/c", "file" },
      { "/deep/er/still", "deep" },
    }
    for _, case in ipairs(cases) do
      local answer = send(url .. case[1])
      assert.equal(case[2], answer.body, case[1])
      assert.equal("text/plain", answer.headers["content-type"])
    end
    assert.equal("any", send(url .. "/pets/mine", { method = "PATCH" }).body)
    for _, path in ipairs { "/nothing", "/files", "/deep", "/pets/7/toys", "/PETS" } do
      local answer = send(url .. path)
      assert.equal(403, answer.status, path)
      assert.same({ message = "Missing Authentication Token" }, answer.json)
      assert.equal("MissingAuthenticationTokenException", answer.headers["x-amzn-errortype"])
    end
    assert.equal(403, send(url .. "/pets", { method = "DELETE" }).status)
    assert.same({ message = "Forbidden" }, send((url:gsub("/dev$", "/prod/pets"))).json)
    local host = url:match "_apis/(%w+)/" .. ".execute-api.us-east-1.amazonaws.com"
    local answer = send(rest.cloud.url .. "/dev/pets", { headers = { { "Host", host } } })
    assert.equal("pets", answer.body)
  end)

  cloudy("serves what was deployed, not what was changed since", function()
    local template = template_of { reply("/a", "GET", "first") }
    local url, id = deploy(template)
    template.Resources.Method1 = template_of({ reply("/a", "GET", "second") }).Resources.Method1
    deploy(template, "UpdateStack")
    assert.equal("first", send(url .. "/a").body)

    template.Resources.DeploymentTwo = template.Resources.Deployment
    template.Resources.Deployment = nil
    template.Resources.Stage.Properties.DeploymentId = { Ref = "DeploymentTwo" }
    assert.equal(id, select(2, deploy(template, "UpdateStack")))
    assert.equal("second", send(url .. "/a").body)
    local found = rest.cloud:call("apigateway", "GetDeployments", { restApiId = id })
    assert.equal(1, #found.item)

    rest.cloud:call("cloudformation", "DeleteStack", { StackName = "s" })
    rest.settled "s"
    assert.equal(403, send(url .. "/a").status)
  end)

  it("is still there when another cloud takes the folder up", function()
    local folder = assert(file.temporary_folder())
    local path
    rest.within(function()
      path = deploy(template_of { reply("/a", "GET", "kept") }):match "^http://[^/]+(/.*)$"
    end, folder)
    rest.within(function()
      assert.equal("kept", send(rest.cloud.url .. path .. "/a").body)
    end, folder)
    file.remove_tree(folder)
  end)

  cloudy("answers at its author's own domains, and nowhere else when that is said", function(folder)
    create_function(folder, "echo", ECHO)
    local function mapping(base, stage)
      return {
        Type = "AWS::ApiGateway::BasePathMapping", DependsOn = "Stage",
        Properties = {
          DomainName = { Ref = "Domain" }, BasePath = base, RestApiId = { Ref = "Api" },
          Stage = stage,
        },
      }
    end
    local template = template_of({
      proxy("/e", "GET", "echo"), proxy("/", "GET", "echo"), reply("/a", "GET", "a"),
    }, {
      api = { DisableExecuteApiEndpoint = true },
      resources = {
        P = permission "echo",
        Domain = {
          Type = "AWS::ApiGateway::DomainName",
          Properties = { DomainName = "api.example.org", CertificateArn = "arn:aws:acm:c" },
        },
        Based = mapping("v1", "dev"),
        Unstaged = mapping "all",
      },
    })
    template.Outputs.Url.Value = { ["Fn::Sub"] = "https://${Domain}/v1" }
    template.Outputs.Edge = { Value = { ["Fn::GetAtt"] = { "Domain", "DistributionDomainName" } } }
    local url, id = deploy(template)
    assert.equal(rest.cloud.url .. "/_domains/api.example.org/v1", url)
    assert.equal("a", send(url .. "/a").body)
    local event = send(url .. "/e").json
    assert.equal("/v1/e", event.path)
    assert.equal("/e", event.resource)
    assert.equal("/v1/e", event.requestContext.path)
    assert.equal("api.example.org", event.requestContext.domainName)
    assert.equal("api", event.requestContext.domainPrefix)
    assert.equal("/v1", send(url).json.path)
    assert.equal("/v1/", send(url .. "/").json.path)

    local function by_host(path)
      return send(rest.cloud.url .. path, { headers = { { "Host", "API.example.org" } } })
    end
    assert.equal("a", by_host("/v1/a").body)
    assert.equal("a", by_host("/all/dev/a").body)
    for _, path in ipairs { "/a", "/", "/all", "/all/prod/a", "/v2/a" } do
      assert.same({ message = "Forbidden" }, by_host(path).json, path)
    end
    assert.same({ message = "Forbidden" },
      send(("%s/_apis/%s/dev/a"):format(rest.cloud.url, id)).json)
  end)

  cloudy("asks for the parameters and bodies that a validator wants", function()
    local function guarded(path, verb, validator, more)
      more.RequestValidatorId = { Ref = validator }
      return mock(path, verb, 200, more)
    end
    local url = deploy(template_of({
      guarded("/p", "GET", "Parameters", {
        RequestParameters = {
          ["method.request.querystring.q"] = true, ["method.request.header.X-H"] = true,
          ["method.request.querystring.free"] = false,
        },
      }),
      guarded("/b", "POST", "Body", { RequestModels = { ["application/json"] = { Ref = "Pet" } } }),
    }, {
      resources = {
        Parameters = {
          Type = "AWS::ApiGateway::RequestValidator",
          Properties = { RestApiId = { Ref = "Api" }, ValidateRequestParameters = true },
        },
        Body = {
          Type = "AWS::ApiGateway::RequestValidator",
          Properties = { RestApiId = { Ref = "Api" }, ValidateRequestBody = "true" },
        },
        Pet = {
          Type = "AWS::ApiGateway::Model",
          Properties = {
            RestApiId = { Ref = "Api" }, Name = "Pet", ContentType = "application/json",
            Schema = {
              type = "object", required = { "name" },
              properties = { name = { type = "string" }, age = { type = "integer", minimum = 0 } },
            },
          },
        },
      },
    }))
    local answer = send(url .. "/p?free=1")
    assert.equal(400, answer.status)
    assert.same({ message = "Missing required request parameters: [X-H, q]" }, answer.json)
    assert.equal("BadRequestException", answer.headers["x-amzn-errortype"])
    assert.equal(200, send(url .. "/p?q=1", { headers = { { "x-h", "1" } } }).status)

    local function post(body, kind)
      return send(url .. "/b", {
        method = "POST", body = body, headers = { { "Content-Type", kind or "application/json" } },
      })
    end
    for _, body in ipairs { "", "{", "[]", "7", '{"name":1}', '{"name":"a","age":-1}' } do
      local refused = post(body)
      assert.equal(400, refused.status, body)
      assert.same({ message = "Invalid request body" }, refused.json)
    end
    assert.equal(200, post('{"name":"Tom","age":3}').status)
    assert.equal(200, post('{"name":"Tom"}', "application/json; charset=utf-8").status)
  end)

  cloudy("answers to API keys of its usage plans, as often as they allow", function()
    local template = template_of({ mock("/k", "GET", 200, { ApiKeyRequired = true }) }, {
      resources = {
        Key = {
          Type = "AWS::ApiGateway::ApiKey",
          Properties = { Enabled = true, Value = "0123456789012345678901", Name = "mine" },
        },
        Other = {
          Type = "AWS::ApiGateway::ApiKey",
          Properties = { Enabled = true, Value = "abcdefghijabcdefghijab", Name = "other" },
        },
        Plan = {
          Type = "AWS::ApiGateway::UsagePlan", DependsOn = "Stage",
          Properties = {
            ApiStages = { { ApiId = { Ref = "Api" }, Stage = "dev" } },
            Quota = { Limit = 3, Period = "MONTH" },
          },
        },
        PlanKey = {
          Type = "AWS::ApiGateway::UsagePlanKey",
          Properties = { KeyId = { Ref = "Key" }, KeyType = "API_KEY",
            UsagePlanId = { Ref = "Plan" } },
        },
      },
    })
    local url = deploy(template)
    local function ask(key)
      return send(url .. "/k", { headers = key and { { "X-Api-Key", key } } })
    end
    for _, key in ipairs { "", "wrong", "abcdefghijabcdefghijab" } do
      local answer = ask(key ~= "" and key)
      assert.equal(403, answer.status, key)
      assert.same({ message = "Forbidden" }, answer.json)
      assert.equal("ForbiddenException", answer.headers["x-amzn-errortype"])
    end
    for _ = 1, 3 do
      assert.equal(200, ask("0123456789012345678901").status)
    end
    local answer = ask "0123456789012345678901"
    assert.equal(429, answer.status)
    assert.same({ message = "Limit Exceeded" }, answer.json)

    template.Resources.Plan.Properties.Quota = nil
    template.Resources.Plan.Properties.Throttle = { RateLimit = 0.001, BurstLimit = 1 }
    deploy(template, "UpdateStack")
    assert.equal(200, ask("0123456789012345678901").status)
    answer = ask "0123456789012345678901"
    assert.equal(429, answer.status)
    assert.same({ message = "Too Many Requests" }, answer.json)
  end)

  cloudy("says what its author has it say when it refuses", function()
    local url = deploy(template_of({ mock("/a", "GET") }, {
      stage = { Variables = { colour = "red" } },
      resources = {
        Missing = {
          Type = "AWS::ApiGateway::GatewayResponse",
          Properties = {
            RestApiId = { Ref = "Api" }, ResponseType = "MISSING_AUTHENTICATION_TOKEN",
            StatusCode = "404",
            ResponseParameters = {
              ["gatewayresponse.header.Access-Control-Allow-Origin"] = "'*'",
              ["gatewayresponse.header.X-Path"] = "context.path",
              ["gatewayresponse.header.X-Was"] = "method.request.header.X-Is",
            },
            ResponseTemplates = {
              ["application/json"] = '{"text":$context.error.messageString,'
                .. '"type":"$context.error.responseType","colour":"$stageVariables.colour"}',
            },
          },
        },
      },
    }))
    local answer = send(url .. "/none", { headers = { { "x-is", "here" } } })
    assert.equal(404, answer.status)
    assert.same({
      text = "Missing Authentication Token", type = "MISSING_AUTHENTICATION_TOKEN", colour = "red",
    }, answer.json)
    assert.equal("*", answer.headers["access-control-allow-origin"])
    assert.equal("/dev/none", answer.headers["x-path"])
    assert.equal("here", answer.headers["x-was"])
  end)

  cloudy("answers CORS by a mock", function()
    local cors = mock("/a", "OPTIONS", 204)
    cors.Integration.IntegrationResponses[1].ResponseParameters = {
      ["method.response.header.Access-Control-Allow-Origin"] = "'*'",
      ["method.response.header.Access-Control-Allow-Methods"] = "'GET,OPTIONS'",
    }
    local url = deploy(template_of { cors })
    local answer = send(url .. "/a", { method = "OPTIONS" })
    assert.equal(204, answer.status)
    assert.equal("*", answer.headers["access-control-allow-origin"])
    assert.equal("GET,OPTIONS", answer.headers["access-control-allow-methods"])
    assert.equal("", answer.body)
  end)
end)
