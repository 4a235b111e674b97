-- Integrations of REST APIs with HTTP: what a server is asked, and what of its answer clients get.
local endpoint = dofile "tests/lua/local/endpoint.lua"
local loop = require "engine.local.loop"
local rest = dofile "tests/lua/local/rest_stack.lua"
local upstream = require "engine.local.http.upstream"

local deploy, send, template_of = rest.deploy, rest.send, rest.template_of

-- Runs a case beside a server that answers with `answer`.
local function cloudy(name, answer, body)
  it(name, function()
    rest.within(function()
      local server <close> = endpoint.open(answer)
      body(server)
    end)
  end)
end

local function hello()
  return { status = 200, headers = { { "Content-Type", "text/plain" } }, body = "hello" }
end

local function integrated(path, verb, kind, uri, more)
  local method = {
    path = path, verb = verb, MethodResponses = {},
    Integration = { Type = kind, IntegrationHttpMethod = verb, Uri = uri },
  }
  for name, value in pairs(more or {}) do
    method.Integration[name] = value
  end
  for _, response in ipairs(method.Integration.IntegrationResponses or {}) do
    table.insert(method.MethodResponses, { StatusCode = response.StatusCode })
  end
  return method
end

local function proxied(path, verb, uri, more)
  return integrated(path, verb, "HTTP_PROXY", uri, more)
end

describe("a REST API before a server, as a proxy", function()
  cloudy("passes requests and answers on", function()
    return {
      status = 418, body = "short",
      headers = {
        { "Content-Type", "text/x-tea" }, { "Set-Cookie", "a=1" }, { "Set-Cookie", "b=2" },
        { "Server", "pot" }, { "X-Amzn-RequestId", "another" }, { "ETag", "\"t\"" },
      },
    }
  end, function(server)
    local url = deploy(template_of {
      proxied("/pets/{proxy+}", "ANY", server.url .. "/site/{proxy}?fixed=1", {
        RequestParameters = { ["integration.request.path.proxy"] = "method.request.path.proxy" },
      }),
    })

    local answer = send(url .. "/pets/a%20b/%2Fc%25/d?q=1&q=2&r=%20|", {
      method = "PUT", body = "tea\nfor two",
      headers = {
        { "X-Tea", "green" }, { "X-Tea", "black" }, { "Content-Type", "text/x" },
        { "Authorization", "Bearer t" }, { "Via", "1.1 me" }, { "TE", "gzip" },
        { "User-Agent", "drinker" },
      },
    })

    assert.equal(418, answer.status)
    assert.equal("short", answer.body)
    assert.equal("text/x-tea", answer.headers["content-type"])
    assert.equal("a=1, b=2", answer.headers["set-cookie"])
    assert.equal("pot", answer.headers["x-amzn-remapped-server"])
    assert.equal("5", answer.headers["x-amzn-remapped-content-length"])
    assert.equal("another", answer.headers["x-amzn-remapped-x-amzn-requestid"])
    assert.matches("^%x+%-", answer.headers["x-amzn-requestid"])
    assert.equal("\"t\"", answer.headers.etag)
    local asked = server:last()
    assert.equal("PUT", asked.method)
    assert.equal("/site/a%20b//c%25/d?fixed=1&q=1&q=2&r=%20%7C", asked.target)
    assert.equal("tea\nfor two", asked.body)
    assert.equal("green | black", server:header "x-tea")
    assert.equal("Bearer t", server:header "authorization")
    assert.equal("drinker", server:header "user-agent")
    assert.equal(server.host, server:header "host")
    assert.equal("127.0.0.1", server:header "x-forwarded-for")
    assert.equal(url:match "_apis/(%w+)", server:header "x-amzn-apigateway-api-id")
    assert.matches("^Root=1%-", server:header "x-amzn-trace-id")
    assert.equal("", server:header "via")
    assert.equal("", server:header "te")
  end)

  cloudy("asks by its own method, with what is mapped", hello, function(server)
    local url = deploy(template_of({
      proxied("/a/{id}", "GET", "http://${stageVariables.where}/b/{name}", {
        IntegrationHttpMethod = "POST",
        RequestParameters = {
          ["integration.request.path.name"] = "method.request.querystring.name",
          ["integration.request.querystring.id"] = "method.request.path.id",
          ["integration.request.querystring.all"] = "method.request.multivaluequerystring.name",
          ["integration.request.header.X-Stage"] = "context.stage",
          ["integration.request.header.x-tea"] = "'fixed'",
          ["integration.request.header.X-None"] = "method.request.header.X-None",
        },
      }),
    }, { stage = { Variables = { where = server.host } } }))

    local answer = send(url .. "/a/7?name=x&name=a/%C3%BC%3F",
      { headers = { { "X-Tea", "green" } } })

    assert.equal("hello", answer.body)
    assert.equal("POST", server:last().method)
    assert.equal("/b/a/%C3%BC%3F?name=x&name=a%2F%C3%BC%3F&all=x&all=a%2F%C3%BC%3F&id=7",
      server:last().target)
    assert.equal("dev", server:header "x-stage")
    assert.equal("fixed", server:header "x-tea")
    assert.equal("", server:header "x-none")
    assert.equal("0", server:header "content-length")
  end)

  local function of_kind(request)
    return {
      status = 200, body = "\255\0",
      headers = { { "Content-Type", request.path:match "^/(.*)$" }, request.query == "gzip"
        and { "Content-Encoding", "gzip" } or nil },
    }
  end

  -- What a client gets, and what the server did, of a body of that kind.
  local function by_kind(server, api)
    local url = deploy(template_of({
      proxied("/{kind+}", "ANY", server.url .. "/{kind}", {
        RequestParameters = { ["integration.request.path.kind"] = "method.request.path.kind" },
      }),
    }, { api = api }))
    return function(kind, accept)
      local answer = send(url .. "/" .. kind, {
        method = "POST", body = "\254x",
        headers = { { "Content-Type", kind:match "^[^?]*" }, { "Accept", accept } },
      })
      return { answer.body, server:last().body }
    end
  end

  cloudy("takes bytes for text, but what is compressed", of_kind, function(server)
    local ask = by_kind(server)

    assert.same({ "\u{FFFD}\0", "\u{FFFD}x" }, ask("image/png", "image/png"))
    assert.equal("\255\0", ask("image/png?gzip", "image/png")[1])
  end)

  cloudy("passes bytes of the API's binary media types on", of_kind, function(server)
    local ask = by_kind(server, { BinaryMediaTypes = { "image/png" } })

    assert.same({ "\255\0", "\254x" }, ask("image/png", "image/png"))
    assert.same({ "/wA=", "\254x" }, ask("image/png", "text/plain"))
    assert.same({ "\u{FFFD}\0", "\u{FFFD}x" }, ask("text/plain", "text/plain"))
  end)

  cloudy("leaves redirects to the client, and answers HEAD", function()
    return { status = 302, headers = { { "Location", "/else" } }, body = "moved" }
  end, function(server)
    local url = deploy(template_of { proxied("/", "ANY", server.url) })

    local answer = send(url .. "/", { method = "HEAD" })

    assert.equal(302, answer.status)
    assert.equal("/else", answer.headers.location)
    assert.equal("HEAD", server:last().method)
    assert.equal(1, #server.requests)
  end)

  cloudy("serves fifty at once, and whoever comes meanwhile", function(_, self)
    for i = 1, #self.requests == 50 and 50 or 0 do
      self.server:respond(self.requests[i].id, { status = 200, body = self.requests[i].path })
    end
  end, function(server)
    local url = deploy(template_of {
      proxied("/slow/{id}", "GET", server.url .. "/{id}", {
        RequestParameters = { ["integration.request.path.id"] = "method.request.path.id" },
      }),
      rest.mock("/quick", "GET"),
    })
    local function ask(path)
      return upstream.send { method = "GET", url = url .. path, headers = {}, seconds = 60 }
    end
    local tasks = {}
    for i = 1, 49 do
      tasks[i] = loop.spawn(ask, "/slow/" .. i)
    end
    while #server.requests < 49 do
      loop.sleep(0)
    end

    assert.equal(200, send(url .. "/quick").status)
    assert.equal(49, #server.requests)
    assert.equal("/50", ask("/slow/50").body)
    for i, task in ipairs(tasks) do
      task:wait()
      assert.equal("/" .. i, task.result.body)
    end
  end)
end)

describe("a REST API before a server that does not answer", function()
  cloudy("refuses in API Gateway's words, or its author's", function(request)
    if request.path == "/large" then
      return { status = 200, body = ("x"):rep(10485761) }
    end
  end, function(server)
    local gone = endpoint.open(hello)
    gone:close()
    local url = deploy(template_of({
      proxied("/late", "GET", server.url .. "/late", { TimeoutInMillis = 50 }),
      proxied("/large", "GET", server.url .. "/large"),
      proxied("/gone", "GET", gone.url),
      proxied("/tls", "GET", (server.url:gsub("^http", "https"))),
      proxied("/missing", "GET", server.url .. "/{proxy}"),
      proxied("/none", "GET", "ftp://tea.example/"),
      proxied("/reserved", "GET", server.url, {
        RequestParameters = { ["integration.request.header.Content-Length"] = "'7'" },
      }),
      proxied("/link", "GET", server.url, { ConnectionType = "VPC_LINK" }),
    }, {
      resources = {
        Timeout = {
          Type = "AWS::ApiGateway::GatewayResponse",
          Properties = {
            RestApiId = { Ref = "Api" }, ResponseType = "INTEGRATION_TIMEOUT", StatusCode = 599,
            ResponseTemplates = { ["text/plain"] = "too late: $context.error.message" },
          },
        },
      },
    }))

    local answer = send(url .. "/late")
    assert.equal(599, answer.status)
    assert.equal("too late: Endpoint request timed out", answer.body)
    answer = send(url .. "/gone")
    assert.equal(504, answer.status)
    assert.same({ message = "Network error communicating with endpoint" }, answer.json)
    assert.equal("InternalServerErrorException", answer.headers["x-amzn-errortype"])
    for _, path in ipairs { "large", "tls", "missing", "none", "reserved", "link" } do
      answer = send(url .. "/" .. path)
      assert.equal(500, answer.status)
      assert.same({ message = "Internal server error" }, answer.json)
    end
  end)
end)

describe("a REST API before a server, mapped", function()
  cloudy("sends what its template makes, and nothing else of the client's", hello, function(server)
    local url = deploy(template_of {
      integrated("/pets/{id}", "POST", "HTTP", server.url .. "/{id}", {
        IntegrationHttpMethod = "PUT",
        RequestParameters = {
          ["integration.request.path.id"] = "method.request.path.id",
          ["integration.request.querystring.q"] = "method.request.querystring.q",
        },
        RequestTemplates = { ["application/json"] = [[
#set($context.requestOverride.header.X-Over = "$input.path('$.name')")
#set($context.requestOverride.querystring.q = "new")
#set($context.requestOverride.path.id = "b c")
{"named":$input.json('$.name')}]] },
        IntegrationResponses = { { StatusCode = 200 } },
      }),
    })

    local answer = send(url .. "/pets/a?q=old&r=1", {
      method = "POST", body = '{"name":"Ada"}',
      headers = { { "Content-Type", "application/json" }, { "X-Tea", "green" } },
    })

    assert.equal(200, answer.status)
    assert.equal("hello", answer.body)
    local asked = server:last()
    assert.equal("PUT", asked.method)
    assert.equal("/b%20c?q=new", asked.target)
    assert.equal('{"named":"Ada"}', asked.body:match "{.*}")
    assert.equal("Ada", server:header "x-over")
    assert.equal("application/json", server:header "content-type")
    assert.equal("application/json", server:header "accept")
    assert.matches("^AmazonAPIGateway_%w+$", server:header "user-agent")
    assert.equal("", server:header "x-tea")
    assert.equal("", server:header "x-forwarded-for")
  end)

  cloudy("selects the response by the status, and maps it", function(request)
    return {
      status = tonumber(request.query), body = '{"word":"tea"}',
      headers = { { "X-A", "1" }, { "X-A", "2" }, { "Content-Type", "application/json" } },
    }
  end, function(server)
    local method = integrated("/", "GET", "HTTP", server.url, {
      RequestParameters = {
        ["integration.request.querystring.404"] = "method.request.querystring.none",
      },
      Uri = server.url .. "/?${stageVariables.status}",
      IntegrationResponses = {
        { StatusCode = 200 },
        {
          StatusCode = 400, SelectionPattern = "4\\d{2}",
          ResponseParameters = {
            ["method.response.header.X-Last"] = "integration.response.header.X-A",
            ["method.response.header.X-All"] = "integration.response.multivalueheader.x-a",
            ["method.response.header.X-Word"] = "integration.response.body.word",
          },
          ResponseTemplates = { ["application/json"] = '{"no":$input.json("$.word")}' },
        },
      },
    })
    local function with(status)
      return template_of({ method }, { stage = { Variables = { status = tostring(status) } } })
    end

    local answer = send(deploy(with(404)) .. "/")
    assert.equal(400, answer.status)
    assert.equal("2", answer.headers["x-last"])
    assert.equal("1,2", answer.headers["x-all"])
    assert.equal("tea", answer.headers["x-word"])
    assert.same({ no = "tea" }, answer.json)
    answer = send(deploy(with(503), "UpdateStack") .. "/")
    assert.equal(200, answer.status)
    assert.same({ word = "tea" }, answer.json)
    assert.is_nil(answer.headers["x-a"])
  end)

  cloudy("gives bytes as its content handling says", function()
    return { status = 200, headers = { { "Content-Type", "image/png" } }, body = "\255\0" }
  end, function(server)
    local function method(path, handling)
      return integrated(path, "GET", "HTTP", server.url, {
        IntegrationResponses = { { StatusCode = 200, ContentHandling = handling } },
      })
    end
    local url = deploy(template_of({
      method("/plain"), method("/bytes", "CONVERT_TO_BINARY"), method("/text", "CONVERT_TO_TEXT"),
    }, { api = { BinaryMediaTypes = { "image/png" } } }))
    local function ask(path)
      return send(url .. path, { headers = { { "Accept", "image/png" } } }).body
    end

    assert.equal("\255\0", ask "/plain")
    assert.equal("\255\0", ask "/bytes")
    assert.equal("/wA=", ask "/text")
  end)
end)
