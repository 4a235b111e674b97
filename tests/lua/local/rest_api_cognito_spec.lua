-- Who may ask a REST API with tokens of Cognito's user pools: those of AWS's, of an emulator's, and of
-- pools that are only recorded.
local digest = require "host.digest"
local fetch = require "engine.local.http.fetch"
local json = require "host.json"
local log = require "host.log"
local rest = dofile "tests/lua/local/rest_stack.lua"
local token_issuer = dofile "tests/lua/local/token_issuer.lua"
local user_pools = require "engine.local.services.apigateway.user_pools"

local POOL <const> = "eu-west-1_AbCd12345"
local ARN <const> = "arn:aws:cognito-idp:eu-west-1:210987654321:userpool/" .. POOL
local ISSUER <const> = "https://cognito-idp.eu-west-1.amazonaws.com/" .. POOL
local KEYS <const> = "/.well-known/jwks.json"
local LATE <const> = 4102444800 -- in the year 2100

local ours, theirs = token_issuer.new(), token_issuer.new()

-- An authorizer of those pools; `more` are changes of its properties.
local function authorizer(arns, more)
  return {
    Type = "AWS::ApiGateway::Authorizer",
    Properties = token_issuer.with({
      RestApiId = { Ref = "Api" }, Name = "pool", Type = "COGNITO_USER_POOLS",
      IdentitySource = "method.request.header.Authorization", ProviderARNs = arns,
    }, more),
  }
end

-- An API with /a for identity tokens, and /scoped for access tokens; returns what asks it. With a folder a
-- function answers, what it is told.
local function deploy(folder, arns, more, resources)
  local function guarded(path, scopes)
    local method = folder and rest.proxy(path, "GET", "echo") or rest.mock(path, "GET")
    method.AuthorizationType, method.AuthorizerId = "COGNITO_USER_POOLS", { Ref = "Authorizer" }
    method.AuthorizationScopes = scopes
    return method
  end
  if folder then
    rest.create_function(folder, "echo", "return { statusCode = 200, "
      .. "body = require('host.json').encode(event.requestContext.authorizer) }")
  end
  local url = rest.deploy(rest.template_of({
    guarded "/a", guarded("/scoped", { "tea/read", "tea/write" }),
  }, {
    resources = token_issuer.with({
      P = folder and rest.permission "echo", Authorizer = authorizer(arns, more),
    }, resources),
    stage = { Variables = { pool = POOL } },
  }))
  return function(text, path)
    return rest.send(url .. (path or "/a"), {
      headers = text and { { "Authorization", text } } or nil,
    })
  end
end

-- Puts a stub in the place of a module's function while `body` runs.
local function with(module, name, stub, body)
  local kept = module[name]
  module[name] = stub
  local ok, problem = pcall(body)
  module[name] = kept
  if not ok then
    error(problem, 0)
  end
end

-- What is logged as a warning while `body` runs, as texts.
local function logged(body)
  local messages = {}
  with(log, "warn", function(message, fields)
    table.insert(messages, message .. " " .. assert(json.encode(fields)))
  end, body)
  return messages
end

-- Has our keys at that URL alone; `asked` gets the URLs that are asked for.
local function with_keys(url, asked, body)
  with(fetch, "get", function(wanted)
    table.insert(asked, wanted)
    if wanted == url then
      return assert(json.encode { keys = { ours:key() } })
    end
    return nil, "it answers with status 404"
  end, body)
end

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

local IDENTITY <const> = { iss = ISSUER, sub = "ada", token_use = "id", exp = LATE, aud = "app" }
local ACCESS <const> = {
  iss = ISSUER, sub = "ada", token_use = "access", exp = LATE, client_id = "app",
  scope = "openid tea/read",
}

local function signed(claims, more, issuer, header)
  return (issuer or ours):sign(token_issuer.with({ alg = "RS256", kid = "key-1" }, header),
    token_issuer.with(claims, more))
end

local function refused(answer, message)
  assert.equal(401, answer.status, answer.body)
  assert.same({ message = message or "Unauthorized" }, answer.json)
  assert.equal("UnauthorizedException", answer.headers["x-amzn-errortype"])
end

describe("a method that asks a user pool of AWS's", function()
  cloudy("lets in who brings its identity token, and tells what that claims", function(folder)
    local asked = {}
    with_keys(ISSUER .. KEYS, asked, function()
      local ask = deploy(folder, { ARN })
      local answer = ask(signed(IDENTITY, {
        iat = 1469811173, auth_time = 1469814773, email_verified = true, none = json.null,
        ["cognito:groups"] = { "cooks", "guests" }, address = { city = "Paris" },
      }))
      assert.equal(200, answer.status, answer.body)
      assert.same({ claims = {
        iss = ISSUER, sub = "ada", token_use = "id", aud = "app",
        exp = "Fri Jan 01 00:00:00 UTC 2100", iat = "Fri Jul 29 16:52:53 UTC 2016",
        auth_time = "1469814773", email_verified = "true", ["cognito:groups"] = "cooks,guests",
        address = '{"city":"Paris"}',
      } }, answer.json)
      assert.equal(200, ask("Bearer " .. signed(IDENTITY)).status)
    end)
    assert.same({ ISSUER .. KEYS }, asked)
  end)

  cloudy("refuses every other one", function()
    with_keys(ISSUER .. KEYS, {}, function()
      local ask = deploy(nil, { ARN })
      refused(ask())
      refused(ask "Basic YTpi")
      refused(ask(signed(IDENTITY, {}, theirs)))
      refused(ask(signed(IDENTITY, {}, ours, { alg = "none" })))
      refused(ask(signed(IDENTITY, {}, ours, { kid = "key-2" })))
      refused(ask(signed(IDENTITY, { iss = false })))
      refused(ask(signed(IDENTITY, { iss = ISSUER .. "x" })))
      refused(ask(signed(IDENTITY, { exp = false })))
      refused(ask(signed(IDENTITY, { token_use = false })))
      refused(ask(signed(ACCESS)))
      refused(ask(signed(IDENTITY, { exp = 1 })), "The incoming token has expired")
      refused(ask(signed(IDENTITY, { exp = 1 }, theirs)))
    end)
  end)

  cloudy("wants an access token with a scope where the method has scopes", function()
    with_keys(ISSUER .. KEYS, {}, function()
      local ask = deploy(nil, { ARN })
      assert.equal(200, ask(signed(ACCESS), "/scoped").status)
      refused(ask(signed(ACCESS, { scope = "openid tea/rea" }), "/scoped"))
      refused(ask(signed(ACCESS, { scope = false }), "/scoped"))
      refused(ask(signed(IDENTITY, { scope = "tea/read" }), "/scoped"))
    end)
  end)

  cloudy("asks whom the token is for where the authorizer says whom", function()
    with_keys(ISSUER .. KEYS, {}, function()
      local ask = deploy(nil, { ARN }, { IdentityValidationExpression = "app|web" })
      assert.equal(200, ask(signed(IDENTITY)).status)
      refused(ask(signed(IDENTITY, { aud = "apple" })))
      refused(ask(signed(IDENTITY, { aud = false })))
    end)
  end)

  cloudy("lets nobody in where that cannot be read", function()
    with_keys(ISSUER .. KEYS, {}, function()
      local ask = deploy(nil, { ARN }, { IdentityValidationExpression = "app(" })
      refused(ask(signed(IDENTITY)))
    end)
  end)

  cloudy("knows several pools, and those that a stage's variables name", function()
    with_keys(ISSUER .. KEYS, {}, function()
      local ask = deploy(nil, {
        "arn:aws:cognito-idp:us-east-1:210987654321:userpool/us-east-1_other",
        "arn:aws:cognito-idp:eu-west-1:210987654321:userpool/${stageVariables.pool}",
      })
      assert.equal(200, ask(signed(IDENTITY)).status)
    end)
  end)

  cloudy("answers 500 where its keys cannot be had, and the log tells why", function()
    local token = signed(IDENTITY)
    local messages = logged(function()
      with_keys("nowhere", {}, function()
        local ask = deploy(nil, { ARN })
        local answer = ask(token)
        assert.equal(500, answer.status, answer.body)
        assert.same({ message = json.null }, answer.json)
        assert.equal("AuthorizerFailureException", answer.headers["x-amzn-errortype"])
      end)
    end)
    assert.equal(1, #messages)
    assert.truthy(messages[1]:find(ISSUER, 1, true))
    assert.matches("it answers with status 404", messages[1])
    assert.matches("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", messages[1])
    assert.is_nil(messages[1]:find(token:match "[^.]+$", 1, true))
  end)

  cloudy("lets nobody in by what is no pool's ARN", function()
    local messages = logged(function()
      local ask = deploy(nil, { "arn:aws:cognito-idp:eu-west-1:210987654321:app/x" })
      refused(ask(signed(IDENTITY)))
    end)
    assert.matches("names what is no user pool", messages[1])
  end)
end)

describe("a method that asks a user pool of an emulator", function()
  cloudy("takes the keys from there, and its name for itself", function()
    local asked = {}
    with(user_pools, "emulator", function()
      return "http://127.0.0.1:9229"
    end, function()
      local here = "http://127.0.0.1:9229/" .. POOL
      with_keys(here .. KEYS, asked, function()
        local ask = deploy(nil, { ARN })
        assert.equal(200, ask(signed(IDENTITY, { iss = here })).status)
        assert.equal(200, ask(signed(IDENTITY)).status)
        refused(ask(signed(IDENTITY, { iss = here }, theirs)))
        assert.same({ here .. KEYS }, asked)
      end)
    end)
  end)
end)

describe("a method that asks a user pool that is only recorded", function()
  local function unsigned(claims)
    local function part(value)
      return digest.to_base64url(assert(json.encode(value)))
    end
    return ("%s.%s.c2lnbmVk"):format(part { alg = "RS256" }, part(claims))
  end

  local RECORDED <const> = { Pool = { Type = "AWS::Cognito::UserPool", Properties = {} } }
  local RECORDED_ARN <const> = { ["Fn::GetAtt"] = { "Pool", "Arn" } }

  cloudy("believes a token of any signature, and says so once", function(folder)
    local messages = logged(function()
      local ask = deploy(folder, { RECORDED_ARN }, {}, RECORDED)
      local answer = ask(unsigned { sub = "ada" })
      assert.equal(200, answer.status, answer.body)
      assert.same({ claims = { sub = "ada" } }, answer.json)
      assert.equal(200, ask("Bearer " .. unsigned { sub = "ada", exp = LATE }).status)
      assert.equal(200, ask(signed(IDENTITY)).status)
      assert.equal(200, ask(unsigned { scope = "tea/write" }, "/scoped").status)
    end)
    assert.equal(1, #messages)
    assert.matches("^tokens are believed", messages[1])
  end)

  cloudy("refuses what is none, is late, or is for something else", function()
    logged(function()
      local ask = deploy(nil, { RECORDED_ARN }, {}, RECORDED)
      for _, text in ipairs { "a.b.c", "nothing", "a.b", unsigned "text" } do
        refused(ask(text))
      end
      refused(ask())
      refused(ask(unsigned { sub = "ada", exp = 1 }), "The incoming token has expired")
      refused(ask(unsigned { token_use = "access" }))
      refused(ask(unsigned { sub = "ada" }, "/scoped"))
    end)
  end)

  cloudy("still checks the tokens of another that is AWS's", function()
    with_keys(ISSUER .. KEYS, {}, function()
      logged(function()
        local ask = deploy(nil, { RECORDED_ARN, ARN }, {}, RECORDED)
        assert.equal(200, ask(signed(IDENTITY)).status)
        refused(ask(signed(IDENTITY, {}, theirs)))
        assert.equal(200, ask(unsigned { sub = "ada" }).status)
      end)
    end)
  end)

  it("is gone with the test", function()
    ours:close()
    theirs:close()
  end)
end)
