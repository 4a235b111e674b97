-- REST APIs that have a resource policy: whom it lets in, alone and beside authorizers.
local clock = require "host.clock"
local json = require "host.json"
local log = require "host.log"
local rest = dofile "tests/lua/local/rest_stack.lua"
local sigv4 = require "host.sigv4"

local HERE <const> = { IpAddress = { ["aws:SourceIp"] = "127.0.0.0/8" } }
local ELSEWHERE <const> = { IpAddress = { ["aws:SourceIp"] = { "192.0.2.0/24", "::1" } } }

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

local function statement(effect, condition, resource)
  return {
    Effect = effect, Principal = "*", Action = "execute-api:Invoke",
    Resource = resource or "execute-api:/*", Condition = condition,
  }
end

local function policy(...)
  return { Version = "2012-10-17", Statement = { ... } }
end

-- What asks an API with /a and /b that has that policy; `kind` is who else /a asks.
local function deploy(said, more)
  local methods = { rest.mock("/a", "GET"), rest.mock("/b", "GET") }
  for name, value in pairs(more and more.method or {}) do
    methods[1][name] = value
  end
  local url, id = rest.deploy(rest.template_of(methods, {
    api = { Policy = said }, resources = more and more.resources,
  }), more and more.action)
  return function(path, options)
    return rest.send(url .. (path or "/a"), options)
  end, id, url
end

-- What is logged as a warning while `body` runs, as texts.
local function logged(body)
  local write, messages = log.warn, {}
  log.warn = function(message, fields)
    table.insert(messages, message .. " " .. assert(json.encode(fields)))
  end
  local ok, problem = pcall(body)
  log.warn = write
  assert(ok, problem)
  return messages
end

local function refused(answer, id, tail)
  assert.equal(403, answer.status, answer.body)
  assert.equal("AccessDeniedException", answer.headers["x-amzn-errortype"])
  assert.same({
    Message = ("User: anonymous is not authorized to perform: execute-api:Invoke on resource: "
      .. "arn:aws:execute-api:us-east-1:********9012:%s/dev/GET/a%s"):format(id, tail or ""),
  }, answer.json)
end

describe("a REST API with a resource policy", function()
  cloudy("lets in whom it allows, and tells the log of the first whom it does not", function()
    local messages = logged(function()
      assert.equal(200, deploy(policy(statement("Allow", HERE)))().status)

      local ask, id = deploy(policy(statement("Allow", ELSEWHERE)), { action = "UpdateStack" })
      assert.equal(200, ask().status) -- it is not deployed yet
      assert.matches("192%.0%.2%.0", rest.cloud:call("apigateway", "GetRestApi",
        { restApiId = id }).policy)
    end)
    assert.same({}, messages)
  end)

  cloudy("refuses whom it does not allow, and whom it denies", function()
    local messages = logged(function()
      local ask, id = deploy(policy(statement("Allow", ELSEWHERE)))
      refused(ask(), id)
      refused(ask(), id)
    end)
    assert.equal(1, #messages)
    assert.matches("no statement allows it", messages[1])
    assert.matches('"address":"127%.0%.0%.1"', messages[1])
  end)

  cloudy("denies, whatever it allows", function()
    logged(function()
      local ask, id = deploy(policy(statement "Allow", statement("Deny", {
        NotIpAddress = ELSEWHERE.IpAddress,
      })))
      refused(ask(), id, " with an explicit deny")
    end)
  end)

  cloudy("is of the paths that it names, in short or by ARN", function()
    logged(function()
      local ask, id = deploy(policy(statement("Allow", nil, {
        "execute-api:/dev/GET/b", "arn:aws:execute-api:us-east-1:123456789012:*/dev/POST/a",
      })))
      refused(ask(), id)
      assert.equal(200, ask("/b").status)
    end)
  end)

  cloudy("is about everybody, or about who has signed", function()
    logged(function()
      local named = statement "Allow"
      named.Principal = { AWS = "123456789012" }
      local ask, id = deploy(policy(named))
      refused(ask(), id)
    end)
  end)

  cloudy("that wants a VPC lets nobody in here", function()
    logged(function()
      local ask, id = deploy(policy(statement("Allow", {
        StringEquals = { ["aws:SourceVpce"] = "vpce-1" },
      })))
      refused(ask(), id)
    end)
  end)

  cloudy("may stand in the API's description, or beside one", function()
    logged(function()
      local body = {
        openapi = "3.0.1", info = { title = "api", version = "1" },
        ["x-amazon-apigateway-policy"] = policy(statement("Allow", ELSEWHERE)),
        paths = { ["/a"] = { get = {
          responses = { ["200"] = { description = "OK" } },
          ["x-amazon-apigateway-integration"] = {
            type = "mock", requestTemplates = { ["application/json"] = '{"statusCode":200}' },
            responses = { default = { statusCode = "200" } },
          },
        } } },
      }
      local template = rest.template_of({}, { api = { Body = body } })
      local url, id = rest.deploy(template)
      refused(rest.send(url .. "/a"), id)

      template.Resources.Api.Properties.Policy = policy(statement("Allow", HERE))
      template.Resources.Again = template.Resources.Deployment
      template.Resources.Deployment, template.Resources.Again.DependsOn = nil, nil
      template.Resources.Stage.Properties.DeploymentId = { Ref = "Again" }
      url = rest.deploy(template, "UpdateStack")
      assert.equal(200, rest.send(url .. "/a").status)
    end)
  end)

  cloudy("is answered in the author's words where there are some", function()
    logged(function()
      local ask = deploy(policy(statement("Allow", ELSEWHERE)), { resources = {
        Words = {
          Type = "AWS::ApiGateway::GatewayResponse",
          Properties = {
            RestApiId = { Ref = "Api" }, ResponseType = "ACCESS_DENIED", StatusCode = "404",
            ResponseTemplates = { ["application/json"] = '{"no":$context.error.messageString}' },
          },
        },
      } })
      local answer = ask()
      assert.equal(404, answer.status)
      assert.matches("^User: anonymous is not", answer.json.no)
    end)
  end)

  cloudy("is refused where it is none", function()
    for reason, said in pairs {
      ["It has no Statement"] = { Version = "2012-10-17" },
      ["Effect is Allow or Deny"] = policy { Principal = "*", Action = "*", Resource = "*" },
      ["A statement has no Principal"] = policy { Effect = "Deny", Action = "*", Resource = "*" },
      ["A statement has no Action"] = policy { Effect = "Deny", Principal = "*", Resource = "*" },
      ["A statement has no Resource"] = policy { Effect = "Deny", Principal = "*", Action = "*" },
      ["there is no operator IpAdress"] = policy(statement("Allow", { IpAdress = { a = "b" } })),
    } do
      local made = rest.cloud:call("cloudformation", "CreateStack", {
        StackName = "bad", TemplateBody = assert(json.encode(rest.template_of({}, {
          api = { Policy = said },
        }))),
      })
      local reasons = {}
      for _, event in ipairs(rest.settled(made.StackId).events) do
        table.insert(reasons, event.reason)
      end
      assert.truthy(table.concat(reasons, "\n"):find("Invalid policy document. Please check the "
        .. "policy syntax and ensure that Principals are valid. " .. reason, 1, true), reason)
      rest.cloud:call("cloudformation", "DeleteStack", { StackName = "bad" })
      rest.settled(made.StackId)
    end
  end)
end)

describe("a resource policy beside a Lambda authorizer", function()
  -- Effect → what the function says: that, or nothing.
  local AUTHORIZER <const> = [[
    local effect = event.authorizationToken
    return { principalId = "ada", policyDocument = { Version = "2012-10-17", Statement = {
      effect ~= "Silence" and
        { Effect = effect, Action = "execute-api:Invoke", Resource = event.methodArn } or nil
    } } }
  ]]

  local function ask_all(folder, said)
    rest.create_function(folder, "authorizer", AUTHORIZER)
    local ask = deploy(said, {
      method = { AuthorizationType = "CUSTOM", AuthorizerId = { Ref = "Authorizer" } },
      resources = {
        Authorizer = {
          Type = "AWS::ApiGateway::Authorizer",
          Properties = {
            RestApiId = { Ref = "Api" }, Name = "a", Type = "TOKEN",
            AuthorizerUri = rest.uri "authorizer", IdentitySource = "method.request.header.X-Token",
          },
        },
        Permission = rest.permission("authorizer", { ["Fn::Sub"] =
          "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/*" }),
      },
    })
    local outcome = {}
    for _, effect in ipairs { "Allow", "Silence", "Deny" } do
      local answer = ask("/a", { headers = { { "X-Token", effect } } })
      table.insert(outcome, answer.status)
    end
    return outcome
  end

  cloudy("that allows lets the function be silent", function(folder)
    assert.same({ 200, 200, 403 }, ask_all(folder, policy(statement "Allow")))
  end)

  cloudy("that is silent leaves it to the function", function(folder)
    assert.same({ 200, 403, 403 }, ask_all(folder, policy(statement("Allow", ELSEWHERE))))
  end)

  cloudy("that denies does so before the function is asked", function(folder)
    logged(function()
      assert.same({ 403, 403, 403 }, ask_all(folder, policy(statement "Allow", statement "Deny")))
    end)
    local groups = rest.cloud:call("logs", "DescribeLogGroups", {}).logGroups
    assert.equal(0, #groups)
  end)
end)

describe("a resource policy beside IAM", function()
  local function signed(url)
    local host, path = url:match "^http://([^/]+)(/.*)$"
    local result = assert(sigv4.sign({
      access_key_id = "local", secret_access_key = "local-secret", region = "us-east-1",
      service = "execute-api", amz_date = clock.amz_date(clock.now()),
    }, { method = "GET", path = path, query = "", headers = { { "Host", host } }, body = "" }))
    return rest.send(url, { headers = result.headers })
  end

  local IAM <const> = { method = { AuthorizationType = "AWS_IAM" } }

  cloudy("that is silent leaves it to IAM, which has to know who asks", function()
    local ask, _, url = deploy(policy(statement("Allow", ELSEWHERE)), IAM)
    assert.equal(200, signed(url .. "/a").status)
    assert.same({ message = "Missing Authentication Token" }, ask().json)
  end)

  cloudy("denies whom it names", function()
    logged(function()
      local denied = statement "Deny"
      denied.Principal = { AWS = { "arn:aws:iam::123456789012:root" } }
      local ask, id, url = deploy(policy(statement "Allow", denied), IAM)
      local answer = signed(url .. "/a")
      assert.equal(403, answer.status)
      assert.same({ Message = "User: arn:aws:iam::123456789012:root is not authorized to perform: "
        .. "execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:" .. id
        .. "/dev/GET/a with an explicit deny" }, answer.json)
      assert.equal(200, ask("/b").status)
    end)
  end)

  cloudy("denies all but whom it excepts", function()
    logged(function()
      local denied = statement "Deny"
      denied.Principal, denied.NotPrincipal = nil, { AWS = "123456789012" }
      local ask, _, url = deploy(policy(statement "Allow", denied), IAM)
      assert.equal(200, signed(url .. "/a").status)
      assert.equal(403, ask("/b").status)
    end)
  end)
end)
