local cfn = require "laconic.cfn"
local laconic = require "laconic"

local mistakes = dofile "tests/stdlib/mistakes.lua"

local service, hello

-- No tail calls in these: the line that is blamed would be lost.
local function say(options)
  options.name = options.name or "shop"
  local api = service:http_api(options)
  return api
end

local function say_route(options, api)
  options.lambda = options.lambda or hello
  local made = (api or say {}):route(options)
  return made
end

local function say_authorizer(options, api)
  options.name = options.name or "guard"
  local made = (api or say {}):authorizer(options)
  return made
end

local mistake = mistakes.of(function(options)
  service = laconic.service { name = "apis" }
  local made = say(options)
  return made
end)

local route_mistake = mistakes.of(function(options)
  service = laconic.service { name = "apis" }
  local made = say_route(options)
  return made
end)

local authorizer_mistake = mistakes.of(function(options)
  service = laconic.service { name = "apis" }
  local made = say_authorizer(options)
  return made
end)

local function begin()
  service = laconic.service { name = "apis" }
  hello = service:lambda { name = "hello", handler = print }
end

describe("service:http_api", function()
  before_each(begin)

  it("is a construct with routes, and a handle with addresses", function()
    local api = say { name = "shop-front" }
    say_route({ key = "GET /hello/{name}" }, api)
    say_route({ key = "$default" }, api)

    local said = service.constructs[1]
    assert.equal("http_api", said.kind)
    assert.equal("ShopFront", said.stem)
    assert.equal("GET /hello/{name}", said.routes[1].key)
    assert.matches("http_api_spec%.lua:%d+$", said.routes[2].where)
    assert.same({ { name = "$default", auto_deploy = true } }, said.stages)
    assert.same(cfn.ref "ShopFrontApi", api.id)
    assert.same(cfn.sub "https://${ShopFrontApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
      api.url)
    assert.matches("^arn:.*:execute%-api:.*:%${ShopFrontApi}$", api.execute_arn["Fn::Sub"])
  end)

  it("says which of its values can stand for it", function()
    local api = say {}
    local ok, raised = pcall(function()
      service:output { name = "Address", value = api }
    end)
    assert.is_false(ok)
    assert.equal("say which of its values is meant: .execute_arn, .id, .url", raised.hint)
  end)

  it("has its first stage in its URL, unless that is $default", function()
    local api = say { stages = { { name = "live" }, { name = "$default" } } }
    assert.matches("/live$", api.url["Fn::Sub"])
  end)

  it("is reached by its own domain, and with mutual TLS by nothing else", function()
    local domain = { name = "shop.example.com", certificate = "arn:aws:acm:x", path = "v1" }
    local both = say { name = "both", domain = domain }
    say { name = "tls", domain = domain, mutual_tls = { truststore = "s3://a/b" } }

    assert.equal("https://shop.example.com/v1", both.url)
    assert.is_nil(service.constructs[1].disable_default_endpoint)
    assert.is_true(service.constructs[2].disable_default_endpoint)
  end)

  it("refuses what API Gateway would refuse, at the author's line", function()
    mistake("http_api: unknown field 'crs' %(did you mean 'cors'%?%)", { crs = true })
    mistake("http_api.name: 'my shop' is not a name", { name = "my shop" })
    mistake("http_api.authorizer: .* is not one of iam", { authorizer = "jwt" })
    mistake("http_api: 'stage' is one, 'stages' are several", { stage = {}, stages = { {} } })
    mistake("http_api.stages%[2%]: the stage 'a' is there already",
      { stages = { { name = "a" }, { name = "a" } } })
    mistake("http_api.stage.name: 'a b' is not a stage's name", { stage = { name = "a b" } })
    mistake("http_api.stage: unknown field 'autodeploy' %(did you mean 'auto_deploy'%?%)",
      { stage = { autodeploy = true } })
    mistake("http_api.stage.variables.a%-b", { stage = { variables = { ["a-b"] = "1" } } })
    mistake("http_api.stage.variables.a: 'x y'", { stage = { variables = { a = "x y" } } })
    mistake("http_api.stage.throttling: unknown field 'rates' %(did you mean 'rate'%?%)",
      { stage = { throttling = { rates = 1 } } })
    mistake("http_api.stage.access_log.retention: belongs to a log group that the stack makes",
      { stage = { access_log = { group = "arn:x", retention = 1 } } })
    mistake("http_api.timeout: must be from 0.05 to 30 seconds", { timeout = 31 })
    mistake("http_api.cors.allow_methods%[1%]: string \"GTE\" is not one of .*'GET'",
      { cors = { allow_origins = { "*" }, allow_methods = { "GTE" } } })
    mistake("http_api.output: a name of letters and digits, or false", { output = true })
  end)

  it("refuses a domain that leads nowhere, and TLS that nobody has to show", function()
    mistake("http_api.disable_default_endpoint: without 'domain'",
      { disable_default_endpoint = true })
    mistake("http_api.mutual_tls: needs 'domain' with a 'certificate'",
      { domain = { name = "a.example.com" }, mutual_tls = { truststore = "s3://a/b" } })
    mistake("mutual_tls.truststore: 'store.pem' is not an object such as", {
      domain = { name = "a.example.com", certificate = "arn:x" },
      mutual_tls = { truststore = "store.pem" },
    })
    mistake("http_api.domain: field 'name' is missing", { domain = {} })
    mistake("http_api.domain.hosted_zone: without 'certificate' the domain is there already",
      { domain = { name = "a.example.com", hosted_zone = "Z1" } })
    mistake("http_api.domain.path: '/v1' is not a path below a domain",
      { domain = { name = "a.example.com", path = "/v1" } })
  end)
end)

describe("http_api:route", function()
  before_each(begin)

  it("refuses keys that are no routes", function()
    route_mistake("'/hello' is not a route such as 'GET /hello/{name}'", { key = "/hello" })
    route_mistake("'GET hello' is not a route", { key = "GET hello" })
    route_mistake("unknown method 'GETT' %(did you mean 'GET'%?%)", { key = "GETT /" })
    route_mistake("the parameter 'a' comes twice", { key = "GET /{a}/{a}" })
    route_mistake("'{a%+}' takes all that follows", { key = "GET /{a+}/b" })
    route_mistake("'a b' cannot stand in a path", { key = "GET /a b" })
    route_mistake("'{a' cannot stand in a path", { key = "GET /{a" })
    route_mistake("'//' in '/a//b' holds an empty segment", { key = "GET /a//b" })
    route_mistake("'/a/' ends in '/'", { key = "GET /a/" })
    route_mistake("'$defualt' is not a route", { key = "$defualt" })
  end)

  it("takes every kind of path", function()
    local api = say {}
    for _, key in ipairs { "GET /", "ANY /{proxy+}", "POST /a-b/{id}/c_d", "PUT /~x/{a.b}" } do
      say_route({ key = key }, api)
    end
    assert.equal(4, #service.constructs[1].routes)
  end)

  it("is said once", function()
    local api = say {}
    say_route({ key = "GET /" }, api)
    mistakes.of(say_route)("'GET /' is there already: .*http_api_spec%.lua:%d+",
      { key = "GET /" }, api)
    say_route({ key = "GET /a/{b}" }, api)
    say_route({ key = "PUT /a/{c}" }, api)
    say_route({ key = "GET /a/{b+}" }, api)
    mistakes.of(say_route)("'GET /a/{c}' is for the same requests as 'GET /a/{b}': .*:%d+",
      { key = "GET /a/{c}" }, api)
  end)

  it("leads to a server in a function's place", function()
    local api = say {}
    api:route { key = "ANY /a/{b.c}/{rest+}", url = "http://x.example/{rest}/{b.c}" }
    api:route { key = "$default", url = "https://${stageVariables.host}" }
    api:route { key = "GET /a", url = cfn.sub "https://${Host}/a" }

    assert.equal("http://x.example/{rest}/{b.c}", service.constructs[1].routes[1].url)
    assert.is_nil(service.constructs[1].routes[1].lambda)
    local refused = mistakes.of(function(options)
      local made = api:route(options)
      return made
    end)
    refused("http_api.route.url: 'x.example' is not a URL such as 'https://",
      { key = "GET /a", url = "x.example" })
    refused("http_api.route.url: string or intrinsic expected", { key = "GET /a", url = {} })
    refused("http_api.route.url: 'PUT /{a}' has no variable '{b}'",
      { key = "PUT /{a}", url = "https://x/{b}" })
    refused("has no variable '{}'", { key = "PUT /{a}", url = "https://x/{}" })
    refused("a route has a 'lambda' or a 'url', not both",
      { key = "GET /a", url = "https://x", lambda = hello })
    refused("http_api.route.payload_format: a server gets requests, not events",
      { key = "GET /a", url = "https://x", payload_format = "1.0" })
    refused("http_api.route.lambda: the handle of a function expected", { key = "GET /a" })
  end)

  it("wants a function, by its handle", function()
    route_mistake("http_api.route.lambda: the handle of a function expected",
      { key = "GET /", lambda = {} })
    route_mistake("http_api.route.lambda: the handle of a function expected",
      { key = "GET /", lambda = "hello" })
  end)

  it("refuses changes of requests and answers that API Gateway does not know", function()
    route_mistake("'header.stage' is not what can be changed",
      { key = "GET /", request_parameters = { ["header.stage"] = "$context.stage" } })
    route_mistake("'append:path' is not what can be changed",
      { key = "GET /", request_parameters = { ["append:path"] = "/a" } })
    route_mistake("API Gateway lets nobody change the header 'X%-Amzn%-Trace%-Id'",
      { key = "GET /", request_parameters = { ["remove:header.X-Amzn-Trace-Id"] = "''" } })
    route_mistake("append:header.a: '$request.headr.b' is nothing that API Gateway knows there",
      { key = "GET /", request_parameters = { ["append:header.a"] = "$request.headr.b" } })
    route_mistake("'${response.body.b}' is nothing that API Gateway knows there",
      { key = "GET /", request_parameters = { ["append:header.a"] = "b ${response.body.b}" } })
    route_mistake("%[200%]: overwrite:header.a: '$request.path' is nothing that", {
      key = "GET /",
      response_parameters = { [200] = { ["overwrite:header.a"] = "$request.path" } },
    })
    begin()
    local api = say {}
    say_route({
      key = "GET /{id}",
      request_parameters = {
        ["append:header.a"] = "$5 for ${request.path.id}, ${context.stage}",
        ["overwrite:path"] = "/v1$",
        ["overwrite:querystring.b"] = "$request.body.items[0].c",
      },
      response_parameters = { [404] = { ["overwrite:statuscode"] = "$response.header.x-code" } },
    }, api)
    assert.equal(1, #service.constructs[1].routes)
    route_mistake("append:header.a: string or intrinsic expected",
      { key = "GET /", request_parameters = { ["append:header.a"] = 1 } })
    route_mistake("'99' is not a status from 200 to 599",
      { key = "GET /", response_parameters = { [99] = {} } })
    route_mistake("%[200%]: 'overwrite:body' is not what can be changed",
      { key = "GET /", response_parameters = { [200] = { ["overwrite:body"] = "x" } } })
  end)

  it("knows who may call: iam, nobody in particular, or an authorizer of its API", function()
    local api = say {}
    local guard = api:authorizer { name = "guard", lambda = hello }
    say_route({ key = "GET /a", authorizer = guard }, api)
    say_route({ key = "GET /b", authorizer = "iam" }, api)
    assert.equal("guard", service.constructs[1].routes[1].authorizer.name)
    assert.same({ Ref = "ShopApiGuardAuthorizer" }, guard.id)

    local other = say { name = "other" }
    local refused = mistakes.of(say_route)
    refused("http_api.route.authorizer: 'guard' belongs to another API",
      { key = "GET /c", authorizer = guard }, other)
    refused("\"iam\", \"none\" or the handle of an authorizer expected",
      { key = "GET /c", authorizer = "jwt" }, other)
  end)
end)

describe("http_api:authorizer", function()
  before_each(begin)

  it("is for tokens or asks a function", function()
    authorizer_mistake("one of 'jwt' and 'lambda' is needed", {})
    authorizer_mistake("field 'audience' is missing", { jwt = { issuer = "https://x" } })
    for _, issuer in ipairs { "login.example.com", "ftp://x", "https://x?a=b", "https:// x" } do
      authorizer_mistake("jwt.issuer: '.*' is no issuer's URL",
        { jwt = { issuer = issuer, audience = { "app" } } })
    end
    authorizer_mistake("http_api.authorizer.ttl: belongs to a function",
      { jwt = { issuer = "https://x", audience = { "a" } }, ttl = 1 })
    authorizer_mistake("http_api.authorizer.identity_sources: a token has one place",
      { jwt = { issuer = "https://x", audience = { "a" } }, identity_sources = {} })
    authorizer_mistake("a token stands in a header or in a parameter of the query", {
      jwt = { issuer = "https://x", audience = { "a" } },
      identity_sources = { "$context.identity.sourceIp" },
    })
    authorizer_mistake("'Authorization' is not a part of a request",
      { lambda = hello, identity_sources = { "Authorization" } })
    authorizer_mistake("simple answers need payload format \"2.0\"",
      { lambda = hello, simple = true, payload_format = "1.0" })
    authorizer_mistake("http_api.authorizer.ttl: without identity_sources",
      { lambda = hello, ttl = 1, identity_sources = {} })
  end)

  it("has a name of its own, and is the default once", function()
    local api = say {}
    local refused = mistakes.of(say_authorizer)
    say_authorizer({ name = "a", lambda = hello, default = true }, api)
    refused("http_api.authorizer: the name 'a' is taken: .*:%d+",
      { name = "a", lambda = hello }, api)
    refused("authorizer.default: 'a' is the API's already",
      { name = "b", lambda = hello, default = true }, api)
    refused("authorizer.default: \"iam\" is the API's already",
      { name = "b", lambda = hello, default = true },
      say { name = "other", authorizer = "iam" })
  end)
end)
