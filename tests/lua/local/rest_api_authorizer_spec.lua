-- Who may ask a REST API: Lambda authorizers, IAM. For user pools see rest_api_cognito_spec.lua.
local clock = require "host.clock"
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"
local sigv4 = require "host.sigv4"

local create_function, deploy, mock = rest.create_function, rest.deploy, rest.mock
local permission, proxy, send = rest.permission, rest.proxy, rest.send
local template_of = rest.template_of

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

-- A token authorizer: "allow", "deny", "nothing", "fail <message>", "bad".
local AUTHORIZER <const> = [[
  count = count + 1
  local token = event.authorizationToken or event.headers["X-Token"]
  local message = token:match "^fail (.*)$"
  if message then
    error(setmetatable({}, { __tostring = function() return message end }))
  elseif token == "bad" then
    return { policyDocument = {} }
  end
  local statements = { ["allow"] = { Effect = "Allow" }, ["deny"] = { Effect = "Deny" } }
  local statement = statements[token]
  if statement then
    statement.Action, statement.Resource = "execute-api:Invoke", event.methodArn
  end
  return {
    principalId = "ada",
    policyDocument = { Version = "2012-10-17", Statement = { statement } },
    context = { count = count, arn = event.methodArn, yes = true, kind = event.type },
  }
]]

local function authorizer(kind, more)
  local properties = {
    RestApiId = { Ref = "Api" }, Name = "a", Type = kind, AuthorizerUri = rest.uri "authorizer",
    IdentitySource = "method.request.header.X-Token",
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return { Type = "AWS::ApiGateway::Authorizer", Properties = properties }
end

local function guarded(path, verb, name)
  local method = proxy(path, verb, name)
  method.AuthorizationType, method.AuthorizerId = "CUSTOM", { Ref = "Authorizer" }
  return method
end

local ECHO <const> = "return { statusCode = 200, body = require('host.json').encode("
  .. "event.requestContext.authorizer) }"

local function deploy_guarded(folder, kind, more)
  create_function(folder, "echo", ECHO)
  create_function(folder, "authorizer", AUTHORIZER, "local count = 0")
  return deploy(template_of({ guarded("/a", "GET", "echo"), guarded("/b", "GET", "echo") }, {
    resources = {
      Authorizer = authorizer(kind, more),
      OfEcho = permission "echo",
      OfAuthorizer = permission("authorizer", { ["Fn::Sub"] =
        "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/*" }),
    },
  }))
end

local function ask(url, token)
  return send(url, { headers = token and { { "x-token", token } } })
end

local function refused(status, body, kind, answer)
  assert.equal(status, answer.status, answer.body)
  assert.same(body, answer.json)
  assert.equal(kind, answer.headers["x-amzn-errortype"])
end

describe("a mapping template", function()
  cloudy("finds texts alone in what an authorizer said", function(folder)
    create_function(folder, "authorizer", AUTHORIZER, "local count = 0")
    local method = rest.reply("/a", "GET",
      "$util.escapeJavaScript($context.authorizer.integrationLatency) $context.authorizer.count")
    method.AuthorizationType, method.AuthorizerId = "CUSTOM", { Ref = "Authorizer" }
    local url = deploy(template_of({ method }, {
      resources = {
        Authorizer = authorizer "TOKEN",
        OfAuthorizer = permission("authorizer", { ["Fn::Sub"] =
          "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/*" }),
      },
    }))

    assert.matches("^%d+ 1$", ask(url .. "/a", "allow").body)
  end)
end)

describe("a Lambda authorizer", function()
  cloudy("lets in by its policy, tells the function what it said, and is asked once",
    function(folder)
      local url, id = deploy_guarded(folder, "TOKEN")
      local answer = ask(url .. "/a", "allow")
      assert.equal(200, answer.status, answer.body)
      assert.equal("ada", answer.json.principalId)
      assert.equal("1", answer.json.count)
      assert.equal("true", answer.json.yes)
      assert.equal("TOKEN", answer.json.kind)
      assert.equal(("arn:aws:execute-api:us-east-1:%s:%s/dev/GET/a"):format(rest.cloud.account, id),
        answer.json.arn)
      assert.equal("1", ask(url .. "/a", "allow").json.count)
      -- the kept policy speaks of /a alone
      refused(403, { message = "User is not authorized to access this resource" },
        "AccessDeniedException", ask(url .. "/b", "allow"))
    end)

  cloudy("refuses in AWS's words", function(folder)
    local url = deploy_guarded(folder, "TOKEN",
      { AuthorizerResultTtlInSeconds = 0, IdentityValidationExpression = "[a-z ]+[A-Za-z]*" })
    refused(401, { message = "Unauthorized" }, "UnauthorizedException", ask(url .. "/a"))
    refused(401, { message = "Unauthorized" }, "UnauthorizedException", ask(url .. "/a", "ALLOW"))
    refused(401, { message = "Unauthorized" }, "UnauthorizedException",
      ask(url .. "/a", "fail Unauthorized"))
    refused(403, {
      message = "User is not authorized to access this resource with an explicit deny",
    }, "AccessDeniedException", ask(url .. "/a", "deny"))
    refused(403, { message = "User is not authorized to access this resource" },
      "AccessDeniedException", ask(url .. "/a", "nothing"))
    refused(500, { message = json.null }, "AuthorizerConfigurationException",
      ask(url .. "/a", "bad"))
    refused(500, { message = json.null }, "AuthorizerConfigurationException",
      ask(url .. "/a", "fail here"))
    local count = tonumber(ask(url .. "/a", "allow").json.count)
    assert.equal(count + 1, tonumber(ask(url .. "/a", "allow").json.count))
  end)

  cloudy("of the whole request sees all of it, and what identifies the caller is asked for",
    function(folder)
      local url = deploy_guarded(folder, "REQUEST", {
        IdentitySource = "method.request.header.X-Token, method.request.querystring.q",
      })
      refused(401, { message = "Unauthorized" }, "UnauthorizedException",
        ask(url .. "/a", "allow"))
      local answer = send(url .. "/a?q=1", { headers = { { "X-Token", "allow" } } })
      assert.equal(200, answer.status, answer.body)
      assert.equal("REQUEST", answer.json.kind)
      assert.equal("1", answer.json.count)
      answer = send(url .. "/a?q=2", { headers = { { "X-Token", "allow" } } })
      assert.equal("2", answer.json.count)
    end)

  cloudy("that the API may not call fails the request", function(folder)
    create_function(folder, "authorizer", AUTHORIZER, "local count = 0")
    local method = mock("/a", "GET")
    method.AuthorizationType, method.AuthorizerId = "CUSTOM", { Ref = "Authorizer" }
    local url = deploy(template_of({ method }, { resources = { Authorizer = authorizer "TOKEN" } }))
    refused(500, { message = json.null }, "AuthorizerConfigurationException",
      ask(url .. "/a", "allow"))
  end)
end)

describe("a method that asks IAM", function()
  local function signed(url, options)
    local host, path = url:match "^http://([^/]+)(/.*)$"
    local request = {
      method = options.method or "GET", path = path, query = "",
      headers = { { "Host", host } }, body = options.body or "",
    }
    local result = assert(sigv4.sign({
      access_key_id = options.key or "local",
      secret_access_key = options.secret or "local-secret",
      region = options.region or "us-east-1",
      service = options.service or "execute-api",
      amz_date = clock.amz_date(clock.now()),
    }, request))
    return send(url, { method = request.method, headers = result.headers, body = options.body })
  end

  cloudy("answers who is known, and says why it does not answer others", function(folder)
    create_function(folder, "who", [[
      return { statusCode = 200, body = require('host.json').encode(event.requestContext.identity) }
    ]])
    local method = proxy("/a", "ANY", "who")
    method.AuthorizationType = "AWS_IAM"
    local url = deploy(template_of({ method }, { resources = { P = permission "who" } })) .. "/a"

    local answer = signed(url, {})
    assert.equal(200, answer.status, answer.body)
    assert.equal("local", answer.json.accessKey)
    assert.equal(rest.cloud.account, answer.json.accountId)
    assert.matches("^arn:aws:iam::", answer.json.userArn)
    assert.equal(200, signed(url, { method = "POST", body = "a=1" }).status)

    refused(403, { message = "Missing Authentication Token" },
      "MissingAuthenticationTokenException", send(url))
    answer = signed(url, { secret = "wrong" })
    assert.equal(403, answer.status)
    assert.equal("InvalidSignatureException", answer.headers["x-amzn-errortype"])
    assert.matches("^The request signature we calculated does not match", answer.json.message)
    assert.equal("UnrecognizedClientException",
      signed(url, { key = "nobody" }).headers["x-amzn-errortype"])
    assert.matches("correct service: 'execute%-api'",
      signed(url, { service = "s3" }).json.message)
    refused(403, { message = "Credential should be scoped to a valid region, not 'eu-west-1'." },
      "InvalidSignatureException", signed(url, { region = "eu-west-1" }))
    answer = send(url, { headers = { { "Authorization", "Bearer x" } } })
    assert.equal(403, answer.status)
    assert.equal("IncompleteSignatureException", answer.headers["x-amzn-errortype"])
  end)
end)
