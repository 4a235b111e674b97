--- HTTP APIs whose routes want JSON web tokens of an issuer that is a function of this very cloud.
local deployed = dofile "tests/lua/local/deployed.lua"
local digest = require "host.digest"
local json = require "host.json"
local token_issuer = dofile "tests/lua/local/token_issuer.lua"

local SERVICE <const> = [[
local laconic = require "laconic"
local json = require "host.json"
local service = laconic.service { name = "s" }

service:lambda { name = "echo", handler = function(event)
  return { statusCode = 200, body = json.encode {
    context = event.requestContext, headers = event.headers,
  } }
end }

service:lambda { name = "issuer", handler = function(event)
  local url = "https://" .. event.requestContext.domainName
  if event.rawPath == "/.well-known/openid-configuration" then
    return { issuer = url, jwks_uri = url .. "/keys" }
  end
  return { keys = { { kty = "RSA", kid = "key-1", e = "AQAB", n = "%s" } } }
end }

return service
]]

local API <const> = { Ref = "Api" }

local function join(...)
  return { ["Fn::Join"] = { "", { ... } } }
end

local function part(kind, properties)
  properties.ApiId = properties.ApiId or API
  return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties }
end

local function lambda_arn(id)
  return { ["Fn::GetAtt"] = { id, "Arn" } }
end

local function integration(more)
  return part("Integration", token_issuer.with({
    IntegrationType = "AWS_PROXY", IntegrationUri = lambda_arn "Echo",
    PayloadFormatVersion = "2.0",
  }, more))
end

local function route(key, to, authorizer, more)
  return part("Route", token_issuer.with({
    RouteKey = key, Target = join("integrations/", { Ref = to }),
    AuthorizationType = "JWT", AuthorizerId = { Ref = authorizer },
  }, more))
end

local function authorizer(issuer, more)
  return part("Authorizer", token_issuer.with({
    Name = "tokens", AuthorizerType = "JWT", IdentitySource = { "$request.header.Authorization" },
    JwtConfiguration = { Issuer = issuer, Audience = { "app" } },
  }, more))
end

local ISSUER_URL <const> = { ["Fn::GetAtt"] = { "Issuer", "ApiEndpoint" } }

describe("an HTTP API with an authorizer of JSON web tokens", function()
  local ours, theirs = token_issuer.new(), token_issuer.new()
  local function let(id, api)
    return deployed.permission(id, {
      Principal = "apigateway.amazonaws.com",
      SourceArn = join("arn:aws:execute-api:us-east-1:123456789012:", { Ref = api }, "/*"),
    })
  end
  local stack = deployed.start(SERVICE:format(digest.to_base64url(ours.modulus)), {
    Echo = deployed.lambda "echo",
    EchoPermission = let("Echo", "Api"),
    IssuerFunction = deployed.lambda "issuer",
    IssuerPermission = let("IssuerFunction", "Issuer"),
    Issuer = {
      Type = "AWS::ApiGatewayV2::Api", Properties = {
        Name = "issuer", ProtocolType = "HTTP", Target = lambda_arn "IssuerFunction",
      },
    },
    Sockets = {
      Type = "AWS::ApiGatewayV2::Api", Properties = {
        Name = "sockets", ProtocolType = "WEBSOCKET",
        RouteSelectionExpression = "$request.body.action",
      },
    },
    Api = {
      Type = "AWS::ApiGatewayV2::Api", Properties = {
        Name = "tea", ProtocolType = "HTTP",
        CorsConfiguration = { AllowOrigins = { "https://a.example" } },
      },
    },
    Stage = part("Stage", { StageName = "$default", AutoDeploy = true }),
    Tokens = authorizer(ISSUER_URL),
    QueryTokens = authorizer(ISSUER_URL, { IdentitySource = { "$request.querystring.token" } }),
    Nobody = authorizer "http://127.0.0.1:1/nobody",
    ToEcho = integration(),
    ToEchoOne = integration { PayloadFormatVersion = "1.0" },
    ToMapped = integration { RequestParameters = {
      ["overwrite:header.x-who"] = "$context.authorizer.claims.sub",
      ["append:header.x-all"] = "${context.authorizer.claims.sub}/${context.authorizer.claims.exp}",
      ["append:header.x-none"] = "$context.authorizer.claims.none",
      ["append:header.x-hostile"] = "$context.authorizer.claims.hostile",
    } },
    Two = route("GET /two", "ToEcho", "Tokens"),
    One = route("GET /one", "ToEchoOne", "Tokens"),
    Scoped = route("GET /scoped", "ToEcho", "Tokens", { AuthorizationScopes = { "tea", "milk" } }),
    ScopedOne = route("GET /scoped-one", "ToEchoOne", "Tokens", {
      AuthorizationScopes = { "tea" },
    }),
    Mapped = route("GET /mapped", "ToMapped", "Tokens"),
    Query = route("GET /query", "ToEcho", "QueryTokens"),
    Down = route("GET /down", "ToEcho", "Nobody"),
  }, {
    Url = { ["Fn::GetAtt"] = { "Api", "ApiEndpoint" } },
    Issuer = { Ref = "Issuer" },
  })

  local ISSUER <const> =
    ("https://%s.execute-api.us-east-1.amazonaws.com"):format(stack.outputs.Issuer)
  local CLAIMS <const> = {
    iss = ISSUER, aud = "app", sub = "ada", exp = os.time() + 600, groups = { "cooks", "guests" },
  }

  local function token(more, issuer)
    return (issuer or ours):sign({ alg = "RS256", kid = "key-1" },
      token_issuer.with(CLAIMS, more))
  end

  local function get(path, bearer, headers)
    headers = headers or {}
    table.insert(headers, bearer and { "Authorization", bearer })
    return deployed.send { url = stack.outputs.Url .. path, headers = headers }
  end

  local function event_of(path, bearer)
    local answer = get(path, bearer)
    assert.equal(200, answer.status)
    return assert(json.decode(answer.body))
  end

  local TOLD <const> = {
    iss = ISSUER, aud = "app", sub = "ada", exp = tostring(CLAIMS.exp), groups = "[cooks guests]",
  }

  it("tells functions what a token claims", function()
    assert.same({ jwt = { claims = TOLD, scopes = json.null } },
      event_of("/two", "Bearer " .. token()).context.authorizer)
    assert.same({ claims = TOLD, scopes = json.null },
      event_of("/one", token()).context.authorizer)
    assert.same({ jwt = { claims = TOLD, scopes = json.null } },
      event_of("/query?token=" .. token()).context.authorizer)
  end)

  it("tells them the scopes where the route wants some, and lets nobody else in", function()
    local scoped = token { scope = "tea milk sugar" }
    assert.same({ "tea", "milk", "sugar" },
      event_of("/scoped", scoped).context.authorizer.jwt.scopes)
    assert.same({ "tea", "milk", "sugar" },
      event_of("/scoped-one", scoped).context.authorizer.scopes)
    local answer = get("/scoped", token { scope = "sugar" })
    assert.equal(403, answer.status)
    assert.equal('{"message":"Forbidden"}', answer.body)
    assert.is_nil(answer.headers["www-authenticate"])
  end)

  it("takes the issuer by its address here, too", function()
    local here = ("%s/_apis/%s"):format(stack.cloud.url, stack.outputs.Issuer)
    assert.equal(here, event_of("/two", token { iss = here }).context.authorizer.jwt.claims.iss)
  end)

  it("refuses others with a challenge", function()
    local answer = get("/two", nil, { { "Origin", "https://a.example" } })
    assert.equal(401, answer.status)
    assert.equal('{"message":"Unauthorized"}', answer.body)
    assert.equal("Bearer", answer.headers["www-authenticate"])
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.truthy(answer.headers["apigw-requestid"])
    for problem, bearer in pairs {
      ["the token does not have a valid audience"] = token { aud = "milk" },
      ["the token has expired"] = token { exp = os.time() - 1 },
      ["the token's signature is invalid"] = token({}, theirs),
      ["token contains an invalid number of segments"] = "Basic YTpi",
    } do
      answer = get("/two", bearer)
      assert.equal(401, answer.status)
      assert.equal('{"message":"Unauthorized"}', answer.body)
      assert.equal(('Bearer scope="" error="invalid_token" error_description="%s"'):format(problem),
        answer.headers["www-authenticate"])
    end
    assert.equal(401, get("/query", token()).status) -- its place is another
    assert.equal(401, get("/two", "Bearer " .. token() .. ", Bearer " .. token()).status)
  end)

  it("has claims for parameter mappings", function()
    local headers = event_of("/mapped", token { hostile = "a\r\nx-who: eve" }).headers
    assert.equal("ada", headers["x-who"])
    assert.equal("ada/" .. CLAIMS.exp, headers["x-all"])
    assert.is_nil(headers["x-none"])
    assert.is_nil(headers["x-hostile"])
  end)

  it("answers 500 where the issuer cannot be asked", function()
    local answer = get("/down", token())
    assert.equal(500, answer.status)
    assert.equal('{"message":"Internal Server Error"}', answer.body)
  end)

  it("refuses what AWS refuses of its definition", function()
    local function refused(pattern, id, resource)
      stack.template.Resources[id] = resource
      local ok, problem = pcall(stack.apply, stack, "UpdateStack")
      stack.template.Resources[id] = nil
      assert.is_false(ok)
      assert.matches(pattern, problem)
    end
    refused("Issuer is required", "A", authorizer(nil))
    refused("Audience is required", "A", authorizer("x", {
      JwtConfiguration = { Issuer = "https://id.example" },
    }))
    refused("exactly one IdentitySource", "A", authorizer("https://id.example", {
      IdentitySource = { "$request.header.A", "$request.header.B" },
    }))
    refused("Only HTTP APIs", "A", authorizer("https://id.example", {
      ApiId = { Ref = "Sockets" },
    }))
    refused("requires a valid authorizer", "R",
      route("GET /r", "ToEcho", "Tokens", { AuthorizationType = "CUSTOM" }))
    refused("requires a valid authorizer", "R",
      route("$connect", "ToEcho", "Tokens", { ApiId = { Ref = "Sockets" } }))
    refused("a list of texts", "R",
      route("GET /r", "ToEcho", "Tokens", { AuthorizationScopes = "tea" }))
    refused("requires a valid authorizer", "R",
      route("GET /r", "ToEcho", "Tokens", { AuthorizerId = false }))
    refused("Scopes are only valid", "R", route("GET /r", "ToEcho", "Tokens", {
      AuthorizationType = false, AuthorizerId = false, AuthorizationScopes = { "tea" },
    }))
  end)

  it("ends with its cloud", function()
    ours:close()
    theirs:close()
    assert.equal(0, stack:close())
  end)
end)
