-- Integrations that are no proxies: what is sent, how the answer is selected and mapped.
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"

local create_function, deploy, mock = rest.create_function, rest.deploy, rest.mock
local permission, send, template_of = rest.permission, rest.send, rest.template_of

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

-- A method that asks a function through templates.
local function mapped(path, verb, name, integration, statuses)
  local method = {
    path = path, verb = verb, MethodResponses = {},
    Integration = { Type = "AWS", IntegrationHttpMethod = "POST", Uri = rest.uri(name) },
  }
  for key, value in pairs(integration) do
    method.Integration[key] = value
  end
  for _, status in ipairs(statuses or { 200 }) do
    table.insert(method.MethodResponses, { StatusCode = status })
  end
  return method
end

-- Does as it is told: { fail = "message" }, or gives back what it was given.
local OBEDIENT <const> = [[
  if type(event) == "table" and event.fail then
    error(setmetatable({}, { __tostring = function() return event.fail end }))
  end
  return event
]]

local PASS <const> = { IntegrationResponses = { { StatusCode = 200 } } }

local function post(url, body, kind, more)
  local headers = more or {}
  if kind then
    table.insert(headers, { "Content-Type", kind })
  end
  return send(url, { method = "POST", body = body, headers = headers })
end

describe("an integration with a function, mapped", function()
  cloudy("passes bodies through as its behaviour says", function(folder)
    create_function(folder, "f", OBEDIENT)
    local function with(behaviour, templates)
      return {
        PassthroughBehavior = behaviour, RequestTemplates = templates,
        IntegrationResponses = { { StatusCode = 200 } },
      }
    end
    local static = { ["application/json"] = '{"said":"by template"}' }
    local url = deploy(template_of({
      mapped("/plain", "POST", "f", PASS),
      mapped("/match", "POST", "f", with("WHEN_NO_MATCH", static)),
      mapped("/templates", "POST", "f", with("WHEN_NO_TEMPLATES", static)),
      mapped("/none", "POST", "f", with "WHEN_NO_TEMPLATES"),
      mapped("/never", "POST", "f", with("NEVER", static)),
    }, { resources = { P = permission "f" } }))

    assert.same({ a = 1 }, post(url .. "/plain", '{"a":1}', "application/json").json)
    assert.same({}, post(url .. "/plain", "", "application/json").json)
    assert.same({ said = "by template" }, post(url .. "/match", "{}", "application/json").json)
    assert.same({ said = "by template" },
      post(url .. "/match", "{}", "Application/JSON; charset=utf-8").json)
    assert.same({ a = 1 }, post(url .. "/match", '{"a":1}', "text/x").json)
    assert.same({ a = 1 }, post(url .. "/none", '{"a":1}', "text/x").json)
    for _, path in ipairs { "/templates", "/never" } do
      assert.same({ said = "by template" }, post(url .. path, "{}", "application/json").json)
      local answer = post(url .. path, "{}", "text/xml")
      assert.equal(415, answer.status)
      assert.same({ message = "Unsupported Media Type" }, answer.json)
    end
    local answer = post(url .. "/plain", "{", "application/json")
    assert.equal(400, answer.status)
    assert.matches("^Could not parse request body into json", answer.json.message)
  end)

  cloudy("selects a response by the whole of the error's message", function(folder)
    create_function(folder, "f", OBEDIENT)
    local url = deploy(template_of({
      mapped("/f", "POST", "f", {
        IntegrationResponses = {
          { StatusCode = 200 },
          { StatusCode = 400, SelectionPattern = "(?s)Client Error:.*" },
          { StatusCode = 404, SelectionPattern = "Not Found" },
          { StatusCode = 409, SelectionPattern = "undeclared" },
          {
            StatusCode = 500,
            SelectionPattern = "(?s)(?!Client Error:|Not Found|undeclared|other).+",
            ResponseTemplates = { ["application/json"] = '{"errorType":"ServiceError"}' },
          },
        },
      }, { 200, 400, 404, 500 }),
      mapped("/g", "POST", "f", {
        IntegrationResponses = { { StatusCode = 400, SelectionPattern = "x.*" } },
      }, { 400 }),
    }, { resources = { P = permission "f" } }))
    local function fail(message, path)
      return post(url .. (path or "/f"), json.encode { fail = message })
    end
    assert.equal(200, post(url .. "/f", '{"errorMessage":"Not Found"}').status)
    local answer = fail "Client Error: a\nb"
    assert.equal(400, answer.status)
    assert.equal("Client Error: a\nb", answer.json.errorMessage)
    assert.equal(404, fail("Not Found").status)
    assert.equal(200, fail("Not Found here").status)
    answer = fail "anything\nelse"
    assert.equal(500, answer.status)
    assert.equal('{"errorType":"ServiceError"}', answer.body)
    assert.equal(200, fail("other").status)
    answer = fail "undeclared"
    assert.equal(500, answer.status)
    assert.same({ message = "Internal server error" }, answer.json)
    assert.equal(500, post(url .. "/g", "{}").status)
    assert.equal(400, fail("xyz", "/g").status)
  end)

  cloudy("maps headers from the context, the request and the answer", function(folder)
    create_function(folder, "f", OBEDIENT)
    local method = mapped("/f/{id}", "POST", "f", {
      IntegrationResponses = { {
        StatusCode = 200,
        ResponseParameters = {
          ["method.response.header.X-Static"] = "'a.b'",
          ["method.response.header.X-Stage"] = "context.stage",
          ["method.response.header.X-Ip"] = "context.identity.sourceIp",
          ["method.response.header.X-Colour"] = "stageVariables.colour",
          ["method.response.header.X-Kind"] = "integration.response.header.Content-Type",
          ["method.response.header.X-Name"] = "integration.response.body.pets[1].name",
          ["method.response.header.X-Number"] = "integration.response.body.n",
          ["method.response.header.X-None"] = "integration.response.body.none",
          ["method.response.header.Content-Type"] = "'text/csv'",
        },
        ResponseTemplates = { ["application/json"] = "a,b" },
      } },
    })
    local url = deploy(template_of({ method }, {
      resources = { P = permission "f" }, stage = { Variables = { colour = "red" } },
    }))
    local answer = post(url .. "/f/7", '{"pets":[{"name":"a"},{"name":"b"}],"n":1.5}')
    assert.equal("a,b", answer.body)
    local headers = answer.headers
    assert.equal("a.b", headers["x-static"])
    assert.equal("dev", headers["x-stage"])
    assert.equal("127.0.0.1", headers["x-ip"])
    assert.equal("red", headers["x-colour"])
    assert.equal("application/json", headers["x-kind"])
    assert.equal("b", headers["x-name"])
    assert.equal("1.5", headers["x-number"])
    assert.is_nil(headers["x-none"])
    assert.equal("text/csv", headers["content-type"])
  end)

  cloudy("renders the deployed templates, there and back", function(folder)
    create_function(folder, "f", OBEDIENT)
    local url = deploy(template_of({
      mapped("/f/{id}", "POST", "f", {
        RequestTemplates = { ["application/json"] = [[
#set($context.seen = "by the request")
{ "id": "$util.urlDecode($input.params('id'))", "q": "$input.params('q')", "body": $input.json('$'),
  "colour": "$stageVariables.colour", "path": "$context.resourcePath",
  "header": "$input.params().header.get('X-Own')", "ip": "$context.identity.sourceIp",
  "none": "$context.authorizer.none" }]] },
        IntegrationResponses = { {
          StatusCode = 200,
          ResponseTemplates = { ["application/json"] = [[
#set($in = $input.path('$'))
#if($in.body.status)#set($context.responseOverride.status = $in.body.status)#end
#set($context.responseOverride.header.X-Made = "$in.id")
{"given": $input.json('$'), "seen": "$context.seen", "method": "$input.params('id')"}]] },
        } },
      }),
      mapped("/broken", "POST", "f", {
        RequestTemplates = { ["application/json"] = "#if($x" },
        IntegrationResponses = { { StatusCode = 200 } },
      }),
      mapped("/endless", "POST", "f", {
        RequestTemplates = { ["application/json"] = "#foreach($i in [1..9000])#foreach($j in "
          .. "[1..9000])$i#end#end" },
        IntegrationResponses = { { StatusCode = 200 } },
      }),
    }, { resources = { P = permission "f" }, stage = { Variables = { colour = "red" } } }))

    local answer = post(url .. "/f/a%20b?q=it", '{"n":[1,2]}', "application/json",
      { { "X-Own", "mine" } })
    assert.equal(200, answer.status, answer.body)
    assert.same({
      given = {
        id = "a b", q = "it", body = { n = { 1, 2 } }, colour = "red", path = "/f/{id}",
        header = "mine", ip = "127.0.0.1", none = "",
      },
      seen = "by the request",
      method = "a%20b",
    }, answer.json)
    assert.equal("a b", answer.headers["x-made"])
    assert.equal(418, post(url .. "/f/1", '{"status":418}', "application/json").status)
    assert.equal(200, post(url .. "/f/1", '{"status":"many"}', "application/json").status)
    assert.equal(200, post(url .. "/f/1", "", "application/json").status)
    for _, path in ipairs { "/broken", "/endless" } do
      answer = post(url .. path, "{}", "application/json")
      assert.equal(500, answer.status)
      assert.same({ message = "Internal server error" }, answer.json)
    end
    answer = post(url .. "/f/1", "not json", "application/json")
    assert.equal(200, answer.status, answer.body)
  end)

  cloudy("may leave the function to its queue", function(folder)
    create_function(folder, "f", "local out <close> = io.open(event.path, 'w') out:write 'came'")
    local url = deploy(template_of({
      mapped("/f", "POST", "f", {
        RequestParameters = { ["integration.request.header.X-Amz-Invocation-Type"] = "'Event'" },
        IntegrationResponses = { { StatusCode = 202 } },
      }, { 202 }),
    }, { resources = { P = permission "f" } }))
    local path = folder .. "/fifo"
    assert(os.execute(("mkfifo '%s'"):format(path)))
    local answer = post(url .. "/f", json.encode { path = path })
    assert.equal(202, answer.status)
    assert.equal("", answer.body)
    local process = require "host.process"
    local reader <close> = assert(process.spawn { "timeout", "20", "cat", path })
    require("engine.local.loop").wait_readable(reader:fd(), 20)
    assert.equal("came", reader:read())
  end)
end)

describe("an integration with a service's action", function()
  cloudy("asks the service of this cloud, and selects by the status", function()
    local function action(path, said)
      local method = mapped(path, "POST", "none", said, { 200, 400 })
      method.Integration.Uri = "arn:aws:apigateway:us-east-1:ssm:action/" .. said.Action
      method.Integration.Action = nil
      method.Integration.IntegrationResponses = {
        { StatusCode = 200 }, { StatusCode = 400, SelectionPattern = "4\\d\\d" },
      }
      return method
    end
    local role = "arn:aws:iam::123456789012:role/r"
    local url = deploy(template_of {
      action("/put", { Action = "PutParameter", Credentials = role }),
      action("/get/{name}", {
        Action = "GetParameter", Credentials = role,
        RequestTemplates = { ["application/json"] = '{"Name":"$input.params("name")"}' },
      }),
      action("/bare", { Action = "GetParameter" }),
      action("/none", { Action = "NoSuchAction", Credentials = role }),
    })
    local kind = "application/json"
    assert.equal(200,
      post(url .. "/put", '{"Name":"colour","Value":"red","Type":"String"}', kind).status)
    assert.equal("red", post(url .. "/get/colour", "", kind).json.Parameter.Value)
    local answer = post(url .. "/get/nothing", "", kind)
    assert.equal(400, answer.status)
    assert.equal("ParameterNotFound", answer.json.__type)
    assert.equal(400, post(url .. "/put", "[]", kind).status)
    assert.equal(500, post(url .. "/bare", '{"Name":"colour"}', kind).status)
    assert.equal("NotImplemented", post(url .. "/none", "{}", kind).json.__type)
  end)
end)

describe("a mock", function()
  cloudy("selects its response by the status that its template says", function()
    local method = mock("/m", "GET", 200)
    method.Integration.RequestTemplates = {
      ["application/json"] = "{ statusCode: 418 }", ["text/none"] = "nothing",
      ["text/other"] = '{"statusCode":204}',
    }
    method.Integration.IntegrationResponses = {
      { StatusCode = 200 },
      { StatusCode = 418, SelectionPattern = "4\\d{2}",
        ResponseTemplates = { ["application/json"] = "teapot", ["text/plain"] = "plain teapot" } },
    }
    method.MethodResponses = { { StatusCode = 200 }, { StatusCode = 418 } }
    local url = deploy(template_of { method })
    local function ask(headers)
      return send(url .. "/m", { headers = headers })
    end
    local answer = ask()
    assert.equal(418, answer.status)
    assert.equal("teapot", answer.body)
    assert.equal("plain teapot", ask({ { "Accept", "text/plain" } }).body)
    assert.equal(200, ask({ { "Content-Type", "text/other" } }).status)
    assert.equal(500, ask({ { "Content-Type", "text/none" } }).status)
    assert.equal(500, ask({ { "Content-Type", "text/unknown" } }).status)
  end)
end)

describe("integrations that are not answered", function()
  cloudy("fail, and the log says why", function()
    local function other(path, integration)
      return { path = path, verb = "GET", Integration = integration }
    end
    local url = deploy(template_of {
      other("/http", { Type = "HTTP_PROXY", IntegrationHttpMethod = "GET", Uri = "ftp://x/" }),
      other("/sqs", { Type = "AWS", IntegrationHttpMethod = "POST",
        Uri = "arn:aws:apigateway:us-east-1:sqs:path/1/q" }),
      other("/proxy", { Type = "AWS_PROXY", IntegrationHttpMethod = "POST",
        Uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations" }),
    })
    for _, path in ipairs { "/http", "/sqs", "/proxy" } do
      assert.equal(500, send(url .. path).status, path)
    end
  end)
end)
