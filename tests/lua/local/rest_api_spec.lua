-- REST APIs, made by stacks and asked over HTTP.
local file = require "host.file"
local json = require "host.json"
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

describe("a REST API with a proxy integration", function()
  cloudy("hands the whole request over, in format 1.0", function(folder)
    create_function(folder, "echo", ECHO)
    local url, id = deploy(template_of({ proxy("/pets/{id}/{rest+}", "ANY", "echo") }, {
      resources = { Permission = permission "echo" },
      stage = { Variables = { colour = "red" } },
    }))
    assert.matches("^http://127%.0%.0%.1:%d+/_apis/" .. id .. "/dev$", url)

    local answer = send(url .. "/pets/a%20b/c/d%2Fe?q=1&q=%C3%A9&w=a+b&empty=", {
      method = "POST",
      headers = { { "X-Two", "one" }, { "x-two", "two" }, { "Content-Type", "text/plain" } },
      body = "hello",
    })

    assert.equal(200, answer.status, answer.body)
    local event = answer.json
    assert.equal("/pets/{id}/{rest+}", event.resource)
    assert.equal("/pets/a%20b/c/d%2Fe", event.path)
    assert.equal("POST", event.httpMethod)
    assert.same({ id = "a%20b", rest = "c/d%2Fe" }, event.pathParameters)
    assert.same({ q = "é", w = "a b", empty = "" }, event.queryStringParameters)
    assert.same({ "1", "é" }, event.multiValueQueryStringParameters.q)
    assert.equal("two", event.headers["X-Two"])
    assert.same({ "one", "two" }, event.multiValueHeaders["X-Two"])
    assert.is_nil(event.headers["Content-Length"])
    assert.matches("^Root=1%-%x+%-%x+$", event.headers["X-Amzn-Trace-Id"])
    assert.same({ colour = "red" }, event.stageVariables)
    assert.equal("hello", event.body)
    assert.is_false(event.isBase64Encoded)
    local context = event.requestContext
    assert.equal(id, context.apiId)
    assert.equal("dev", context.stage)
    assert.equal("/dev/pets/a%20b/c/d%2Fe", context.path)
    assert.equal("/pets/{id}/{rest+}", context.resourcePath)
    assert.equal("POST", context.httpMethod)
    assert.equal(rest.cloud.account, context.accountId)
    assert.equal(id .. ".execute-api.us-east-1.amazonaws.com", context.domainName)
    assert.equal("127.0.0.1", context.identity.sourceIp)
    assert.matches("^curl/", context.identity.userAgent)
    assert.equal(json.null, context.identity.userArn)
    assert.equal("integer", math.type(context.requestTimeEpoch))
    assert.equal(answer.headers["x-amzn-requestid"], context.requestId)
    assert.equal(answer.headers["x-amz-apigw-id"], context.extendedRequestId)
  end)

  cloudy("says null where there is nothing", function(folder)
    create_function(folder, "echo", ECHO)
    local url = deploy(template_of({ proxy("/", "GET", "echo") }, {
      resources = { Permission = permission "echo" },
    }))
    for _, path in ipairs { "", "/" } do
      local event = send(url .. path).json
      assert.equal("/", event.path)
      for _, name in ipairs { "body", "pathParameters", "queryStringParameters",
        "multiValueQueryStringParameters", "stageVariables" } do
        assert.equal(json.null, event[name], name)
      end
    end
  end)

  cloudy("passes the function's status, headers and body on", function(folder)
    create_function(folder, "f", [[
      return {
        statusCode = "201", body = "made",
        headers = { ["X-One"] = "1", ["X-Number"] = 7, ["X-True"] = true, Date = "never",
          ["X-Lines"] = "a\r\nSet-Cookie: b=c" },
        multiValueHeaders = { ["Set-Cookie"] = { "a=1", "b=2" }, ["x-one"] = { "many" } },
      }
    ]])
    local url = deploy(template_of({ proxy("/f", "GET", "f") }, {
      resources = { Permission = permission "f" },
    }))
    local answer = send(url .. "/f")
    assert.equal(201, answer.status)
    assert.equal("made", answer.body)
    assert.equal("many", answer.headers["x-one"])
    assert.equal("7", answer.headers["x-number"])
    assert.equal("true", answer.headers["x-true"])
    assert.equal("a=1, b=2", answer.headers["set-cookie"])
    assert.equal("never", answer.headers["x-amzn-remapped-date"])
    assert.equal("a Set-Cookie: b=c", answer.headers["x-lines"])
    assert.equal("application/json", answer.headers["content-type"])
  end)

  cloudy("answers 502 for what is no proxy's answer, and for a function that fails",
    function(folder)
      create_function(folder, "f", [[
        local which = event.queryStringParameters.answer
        if which == "error" then error "no" end
        return ({
          list = { "a" }, text = "text", unknown = { statusCode = 200, extra = 1 },
          status = { statusCode = "many" }, body = { body = { a = 1 } },
          headers = { headers = "x" }, none = false,
          name = { headers = { ["a\r\nb"] = "c" } }, empty = { headers = { [""] = "c" } },
          many = { multiValueHeaders = { a = many } },
        })[which] or nil
      ]], "local many = {} for i = 1, 200 do many[i] = 'x' end")
      local url = deploy(template_of({ proxy("/f", "GET", "f") }, {
        resources = { Permission = permission "f" },
      }))
      for _, which in ipairs {
        "list", "text", "unknown", "status", "body", "headers", "none", "error", "name", "empty",
        "many",
      } do
        local answer = send(url .. "/f?answer=" .. which)
        assert.equal(502, answer.status, which .. answer.body)
        assert.same({ message = "Internal server error" }, answer.json)
        assert.equal("InternalServerErrorException", answer.headers["x-amzn-errortype"])
      end
    end)

  cloudy("answers 500 without the function's permission, and 200 with it", function(folder)
    create_function(folder, "f", "return { statusCode = 200 }")
    local methods = { proxy("/f", "GET", "f"), proxy("/g", "GET", "f") }
    local url = deploy(template_of(methods))
    local answer = send(url .. "/f")
    assert.equal(500, answer.status)
    assert.same({ message = "Internal server error" }, answer.json)

    deploy(template_of(methods, {
      resources = {
        Permission = permission("f", { ["Fn::Sub"] =
          "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/dev/GET/f" }),
      },
    }), "UpdateStack")
    assert.equal(200, send(url .. "/f").status)
    assert.equal(500, send(url .. "/g").status)
  end)

  cloudy("takes bytes in and gives them out where the media type is binary", function(folder)
    create_function(folder, "f", [[
      return { statusCode = 200, isBase64Encoded = true, body = event.body,
        headers = { ["Content-Type"] = "image/png",
          ["X-Encoded"] = tostring(event.isBase64Encoded) } }
    ]])
    local url = deploy(template_of({ proxy("/f", "POST", "f") }, {
      api = { BinaryMediaTypes = { "image/*" } }, resources = { Permission = permission "f" },
    }))
    local bytes = "\0\1\255\254 bytes"
    local answer = send(url .. "/f", {
      method = "POST", body = bytes,
      headers = { { "Content-Type", "image/png" }, { "Accept", "image/png,*/*" } },
    })
    assert.equal("true", answer.headers["x-encoded"])
    assert.equal(bytes, answer.body)
    answer = send(url .. "/f", {
      method = "POST", body = bytes,
      headers = { { "Content-Type", "image/png" }, { "Accept", "text/html" } },
    })
    assert.equal("AAH//iBieXRlcw==", answer.body)
    answer = send(url .. "/f", {
      method = "POST", body = "caf\xe9",
      headers = { { "Content-Type", "text/plain" }, { "Accept", "text/html" } },
    })
    assert.equal("false", answer.headers["x-encoded"])
    assert.equal("caf\u{FFFD}", answer.body)
  end)

  cloudy("waits no longer than the integration says", function(folder)
    create_function(folder, "f", "os.execute 'sleep 2' return { statusCode = 200 }")
    local slow = proxy("/f", "GET", "f")
    slow.Integration.TimeoutInMillis = 300
    local url = deploy(template_of({ slow }, { resources = { Permission = permission "f" } }))
    local answer = send(url .. "/f")
    assert.equal(504, answer.status)
    assert.same({ message = "Endpoint request timed out" }, answer.json)
  end)

  cloudy("finds its function by a stage variable", function(folder)
    create_function(folder, "one", "return { statusCode = 200, body = 'one' }")
    local method = proxy("/f", "GET", "${stageVariables.which}")
    local url = deploy(template_of({ method }, {
      resources = { Permission = permission "one" }, stage = { Variables = { which = "one" } },
    }))
    assert.equal("one", send(url .. "/f").body)
  end)

  cloudy("refuses bodies that are too long", function(folder)
    create_function(folder, "f", "return { statusCode = 200, body = tostring(#event.body) }")
    local url = deploy(template_of({ proxy("/f", "POST", "f") }, {
      resources = { Permission = permission "f" },
    }))
    local function size(bytes)
      return send(url .. "/f", { method = "POST", body = ("x"):rep(bytes) })
    end
    assert.equal("5000000", size(5000000).body)
    assert.equal(413, size(6300000).status)
    local answer = size(10485761)
    assert.equal(413, answer.status)
    assert.same({ message = "HTTP content length exceeded 10485760 bytes." }, answer.json)
    assert.equal("RequestEntityTooLargeException", answer.headers["x-amzn-errortype"])
  end)
end)

describe("a request that is not as it should be", function()
  cloudy("reaches the function as text all the same", function(folder)
    create_function(folder, "echo", ECHO)
    local url = deploy(template_of({ proxy("/{any+}", "ANY", "echo") }, {
      resources = { Permission = permission "echo" },
    }))
    local event = send(url .. "/%zz/%ff?a=%zz&b=%ff&=&c&%c3%28=1&&a=\xfe", {
      headers = {
        { "X-Bytes", "\xff\xfe" }, { "X-Forwarded-For", "10.0.0.1" }, { "X-Forwarded-Port", "1" },
        { "X-Forwarded-Proto", "gopher" },
      },
    }).json
    assert.equal("/%zz/%ff", event.path)
    assert.equal("%zz/%ff", event.pathParameters.any)
    assert.same({ "%zz", "\u{FE}" }, event.multiValueQueryStringParameters.a)
    assert.equal("\u{FF}", event.queryStringParameters.b)
    assert.equal("", event.queryStringParameters.c)
    assert.equal("\u{FFFD}\u{FFFD}", event.headers["X-Bytes"])
    assert.equal("10.0.0.1, 127.0.0.1", event.headers["X-Forwarded-For"])
    assert.equal("http", event.headers["X-Forwarded-Proto"])
    assert.equal(rest.cloud.url:match "%d+$", event.headers["X-Forwarded-Port"])

    local long = ("a"):rep(4000)
    assert.equal(long, send(url .. "/" .. long).json.pathParameters.any)
    local deep = ("/a"):rep(1000)
    assert.equal(deep, send(url .. deep).json.path)
    assert.equal("MANY", send(url .. "/a", { method = "MANY" }).json.httpMethod)
  end)
end)

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
    local template = template_of({ proxy("/e", "GET", "echo"), reply("/a", "GET", "a") }, {
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
