-- Routes of HTTP APIs that lead to servers: what these are asked, and what of their answers clients get.
local endpoint = dofile "tests/lua/local/endpoint.lua"
local rest = dofile "tests/lua/local/rest_stack.lua"

local send = rest.send

local API <const> = { Ref = "Api" }

local function part(kind, properties)
  properties.ApiId = API
  return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties }
end

-- Makes an API of routes { key, uri, …properties of the integration }; returns its URL.
local function deploy(routes, stage, api)
  local resources = {
    Api = {
      Type = "AWS::ApiGatewayV2::Api", Properties = { Name = "tea", ProtocolType = "HTTP" },
    },
    Stage = part("Stage", { StageName = "$default", AutoDeploy = true }),
  }
  for name, value in pairs(stage or {}) do
    resources.Stage.Properties[name] = value
  end
  for name, value in pairs(api or {}) do
    resources.Api.Properties[name] = value
  end
  for i, said in ipairs(routes) do
    local integration = {
      IntegrationType = "HTTP_PROXY", IntegrationUri = said.uri, IntegrationMethod = "ANY",
      PayloadFormatVersion = "1.0",
    }
    for name, value in pairs(said) do
      integration[name] = name ~= "key" and name ~= "uri" and value or nil
    end
    resources["Integration" .. i] = part("Integration", integration)
    resources["Route" .. i] = part("Route", {
      RouteKey = said.key,
      Target = { ["Fn::Join"] = { "", { "integrations/", { Ref = "Integration" .. i } } } },
    })
  end
  return (rest.deploy {
    Resources = resources,
    Outputs = { Url = { Value = { ["Fn::GetAtt"] = { "Api", "ApiEndpoint" } } } },
  })
end

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

describe("an HTTP API before a server", function()
  cloudy("passes requests and answers on", function()
    return {
      status = 418, body = "\255\0",
      headers = { { "Set-Cookie", "a=1" }, { "Set-Cookie", "b=2" }, { "Server", "pot" },
        { "Connection", "close" }, { "Access-Control-Allow-Origin", "https://b.example" } },
    }
  end, function(server)
    local url = deploy({
      { key = "ANY /pets/{proxy+}", uri = "http://${stageVariables.where}/site/{proxy}?fixed=1" },
    }, { StageVariables = { where = server.host } },
      { CorsConfiguration = { AllowOrigins = { "https://a.example" } } })

    local answer = send(url .. "/pets/a%20b/c%3F?q=1&q=2", {
      method = "PATCH", body = "\254\0", headers = {
        { "X-Tea", "green" }, { "X-Tea", "black" }, { "Authorization", "Bearer t" },
        { "X-Forwarded-For", "192.0.2.7" }, { "Via", "1.1 me" }, { "TE", "gzip" },
        { "Origin", "https://a.example" }, { "User-Agent", "drinker" },
      },
    })

    assert.equal(418, answer.status)
    assert.equal("\255\0", answer.body)
    assert.equal("a=1, b=2", answer.headers["set-cookie"])
    assert.equal("pot", answer.headers.server)
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.matches("^%S+$", answer.headers["apigw-requestid"])
    local asked = server:last()
    assert.equal("PATCH", asked.method)
    assert.equal("/site/a%20b/c%3F?fixed=1&q=1&q=2", asked.target)
    assert.equal("\254\0", asked.body)
    assert.equal("green | black", server:header "x-tea")
    assert.equal("Bearer t", server:header "authorization")
    assert.equal("drinker", server:header "user-agent")
    assert.equal(server.host, server:header "host")
    assert.matches("^for=192%.0%.2%.7, by=127%.0%.0%.1;for=127%.0%.0%.1;host=%w+%.execute%-api%."
      .. "us%-east%-1%.amazonaws%.com;proto=http$", server:header "forwarded")
    assert.equal("", server:header "x-forwarded-for")
    assert.equal("", server:header "te")
    assert.equal("1.1 me | HTTP/1.1 AmazonAPIGateway", server:header "via")
    assert.matches("^Root=1%-", server:header "x-amzn-trace-id")
  end)

  cloudy("sends the whole path behind $default, else what the URL says", hello, function(server)
    local url = deploy {
      { key = "$default", uri = server.url .. "/base/" },
      { key = "GET /one", uri = server.url .. "/fixed", IntegrationMethod = "POST" },
    }

    assert.equal("hello", send(url .. "/store/check%20out?a=b").body)
    assert.equal("/base/store/check%20out?a=b", server:last().target)
    assert.equal("hello", send(url .. "/one").body)
    assert.equal("/fixed", server:last().target)
    assert.equal("POST", server:last().method)
  end)

  cloudy("maps parameters", hello, function(server)
    local url = deploy {
      {
        key = "ANY /old/{id}", uri = server.url .. "/{id}",
        RequestParameters = {
          ["overwrite:path"] = "/new/${request.path.id}",
          ["append:header.x-stage"] = "$context.stage",
          ["remove:header.x-tea"] = "''",
          ["overwrite:querystring.q"] = "${request.path.id}!",
          ["overwrite:header.host"] = "tea.example",
        },
        ResponseParameters = {
          ["200"] = {
            ResponseParameters = {
              { Destination = "overwrite:statuscode", Source = "299" },
              { Destination = "append:header.x-was", Source = "$response.header.content-type" },
            },
          },
        },
      },
      {
        key = "GET /kept", uri = server.url .. "/else",
        RequestParameters = { ["overwrite:path"] = "$request.path" },
      },
    }

    local answer = send(url .. "/old/a%20b?q=1", { headers = { { "X-Tea", "green" } } })

    assert.equal(299, answer.status)
    assert.equal("text/plain", answer.headers["x-was"])
    assert.equal("/new/a%20b?q=a%20b%21", server:last().target)
    assert.equal("$default", server:header "x-stage")
    assert.equal("", server:header "x-tea")
    assert.equal("tea.example", server:header "host")
    assert.equal(200, send(url .. "/kept").status)
    assert.equal("/kept", server:last().target)
  end)

  cloudy("answers by itself where nobody does", function(request)
    if request.path == "/large" then
      return { status = 200, body = ("x"):rep(10485761) }
    elseif request.path == "/head" then
      return { status = 200, body = "12345" }
    end
  end, function(server)
    local gone = endpoint.open(hello)
    gone:close()
    local url = deploy {
      { key = "GET /late", uri = server.url .. "/late", TimeoutInMillis = 50 },
      { key = "GET /gone", uri = gone.url },
      { key = "GET /tls", uri = (server.url:gsub("^http", "https")) },
      { key = "GET /large", uri = server.url .. "/large" },
      { key = "GET /missing", uri = server.url .. "/{id}" },
      { key = "GET /none", uri = "ftp://tea.example/" },
      { key = "HEAD /head", uri = server.url .. "/head" },
    }
    local function said(path)
      local answer = send(url .. path)
      return { answer.status, answer.json.message }
    end

    assert.same({ 503, "Service Unavailable" }, said "/late")
    assert.same({ 503, "Service Unavailable" }, said "/gone")
    assert.same({ 503, "Service Unavailable" }, said "/tls")
    assert.same({ 500, "Internal Server Error" }, said "/large")
    assert.same({ 500, "Internal Server Error" }, said "/missing")
    assert.same({ 501, "the integration names no URL of http:// or https://: ftp://tea.example/" },
      said "/none")
    local head = send(url .. "/head", { method = "HEAD" })
    assert.equal("5", head.headers["content-length"])
  end)

  cloudy("leads to another API of this cloud by its AWS name", hello, function(server)
    local first = deploy { { key = "$default", uri = server.url } }
    local other = "https://" .. first:match "_apis/(%w+)"
      .. ".execute-api.us-east-1.amazonaws.com/deep"
    rest.cloud:call("cloudformation", "CreateStack", {
      StackName = "second",
      TemplateBody = [[{"Resources":{"Api":{"Type":"AWS::ApiGatewayV2::Api","Properties":{
        "Name":"quick","ProtocolType":"HTTP","Target":"]] .. other .. [["}}},
        "Outputs":{"Url":{"Value":{"Fn::GetAtt":["Api","ApiEndpoint"]}}}}]],
    })
    rest.settled "second"
    local url = rest.cloud:call("cloudformation", "DescribeStacks",
      { StackName = "second" }).Stacks[1].Outputs[1].OutputValue

    assert.equal("hello", send(url .. "/er").body)
    assert.equal("/deep/er", server:last().target)
  end)

  cloudy("writes what the server said into its access log", hello, function(server)
    local group = "arn:aws:logs:us-east-1:123456789012:log-group:tea"
    rest.cloud:call("logs", "CreateLogGroup", { logGroupName = "tea" })
    local url = deploy({ { key = "GET /tea", uri = server.url } }, {
      AccessLogSettings = {
        DestinationArn = group,
        Format = "$context.requestId $context.status $context.integrationStatus "
          .. "$context.integration.status",
      },
    })

    send(url .. "/tea")

    local events = rest.cloud:call("logs", "FilterLogEvents", { logGroupName = "tea" }).events
    assert.matches("^%S+ 200 200 200$", events[1].message)
  end)
end)
