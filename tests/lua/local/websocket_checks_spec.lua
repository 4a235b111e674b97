-- What a WebSocket API checks by itself: the models of messages, and the API keys of those who connect.
local deployed = dofile "tests/lua/local/deployed.lua"
local json = require "host.json"
local poll = require "host.poll"
local websocket = require "host.websocket"

local SERVICE <const> = [[
local json = require "host.json"
local laconic = require "laconic"
local service = laconic.service { name = "s" }

service:lambda { name = "connect", handler = function()
  return { statusCode = 200 }
end }

service:lambda { name = "echo", handler = function(event)
  return { statusCode = 200, body = json.encode(event.requestContext.identity) }
end }

service:lambda { name = "guard", handler = function(event)
  return {
    principalId = "ada", usageIdentifierKey = event.queryStringParameters.key,
    policyDocument = { Version = "2012-10-17", Statement = { {
      Effect = "Allow", Action = "execute-api:Invoke", Resource = event.methodArn } } },
  }
end }

return service
]]

local HERS <const>, HIS <const>, NOBODYS <const> = ("h"):rep(24), ("i"):rep(24), ("n"):rep(24)

local function join(...)
  return { ["Fn::Join"] = { "", { ... } } }
end

local function part(kind, api, properties)
  properties.ApiId = { Ref = api }
  return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties }
end

local function uri(id)
  return join("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
    { ["Fn::GetAtt"] = { id, "Arn" } }, "/invocations")
end

local function to(api, id)
  return part("Integration", api, {
    IntegrationType = "AWS_PROXY", IntegrationUri = uri(id),
    RequestParameters = { ["integration.request.header.x"] = "context.connectionId" },
  })
end

local function route(api, key, target, more)
  local properties = { RouteKey = key, Target = join("integrations/", { Ref = target }) }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return part("Route", api, properties)
end

local function api(more)
  local properties = {
    Name = "a", ProtocolType = "WEBSOCKET", RouteSelectionExpression = "$request.body.action",
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return { Type = "AWS::ApiGatewayV2::Api", Properties = properties }
end

local function stage(of)
  return part("Stage", of, { StageName = "prod", AutoDeploy = true })
end

local function key(value, more)
  local properties = { Value = value, Enabled = true }
  for name, other in pairs(more or {}) do
    properties[name] = other
  end
  return { Type = "AWS::ApiGateway::ApiKey", Properties = properties }
end

local function plan(more)
  local stages = { { ApiId = { Ref = "Chat" }, Stage = "prod" },
    { ApiId = { Ref = "Named" }, Stage = "prod" } }
  local properties = { ApiStages = stages }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return {
    Type = "AWS::ApiGateway::UsagePlan", Properties = properties,
    DependsOn = { "Stage", "NamedStage" },
  }
end

local function of_plan(plan_id, key_id)
  return { Type = "AWS::ApiGateway::UsagePlanKey", Properties = {
    KeyId = { Ref = key_id }, KeyType = "API_KEY", UsagePlanId = { Ref = plan_id },
  } }
end

local function let_api(id)
  return deployed.permission(id, { Principal = "apigateway.amazonaws.com" })
end

local ANSWERS <const> = { RouteResponseSelectionExpression = "$default" }
local MOVE <const> = {
  type = "object", required = { "to" }, properties = { to = { ["$ref"] = "#/definitions/Place" } },
}

local function checked(models, expression)
  return {
    RouteResponseSelectionExpression = "$default", RequestModels = models,
    ModelSelectionExpression = expression,
  }
end

local function await_json(socket)
  while true do
    local kind, data = socket:next()
    if kind then
      assert.equal("text", kind)
      return assert(json.decode(data))
    end
    assert(#assert(poll.wait({ socket:fd() }, 20)) > 0, "nothing came")
  end
end

describe("a WebSocket API that checks", function()
  local stack = deployed.start(SERVICE, {
    Connect = deployed.lambda "connect", ConnectPermission = let_api "Connect",
    Echo = deployed.lambda "echo", EchoPermission = let_api "Echo",
    Guard = deployed.lambda "guard", GuardPermission = let_api "Guard",

    Chat = api(),
    Stage = stage "Chat",
    ToConnect = to("Chat", "Connect"),
    ToEcho = to("Chat", "Echo"),
    ConnectRoute = route("Chat", "$connect", "ToConnect", { ApiKeyRequired = true }),
    Place = part("Model", "Chat", {
      Name = "Place", ContentType = "application/json", Schema = '{"type":"integer"}',
    }),
    Move = part("Model", "Chat", {
      Name = "Move", ContentType = "application/json", Schema = MOVE,
    }),
    Free = route("Chat", "free", "ToEcho", ANSWERS),
    Moving = route("Chat", "move", "ToEcho",
      checked({ move = "Move", other = "Place" }, "$request.body.kind")),
    Falling = route("Chat", "fall", "ToEcho",
      checked({ ["$default"] = "Move" }, "$request.body.kind")),
    Unasked = route("Chat", "unasked", "ToEcho", checked { ["$default"] = "Move" }),
    Default = route("Chat", "$default", "ToEcho",
      checked({ ["$default"] = "Place" }, "\\$default")),

    Wanting = api(),
    WantingStage = stage "Wanting",
    WantingToConnect = to("Wanting", "Connect"),
    WantingConnect = route("Wanting", "$connect", "WantingToConnect", { RequestParameters = {
      ["route.request.querystring.room"] = { Required = true },
      ["route.request.header.X-Room"] = { Required = "true" },
      ["route.request.header.X-Other"] = { Required = false },
    } }),

    Named = api { ApiKeySelectionExpression = "$context.authorizer.usageIdentifierKey" },
    NamedStage = stage "Named",
    NamedToConnect = to("Named", "Connect"),
    NamedConnect = route("Named", "$connect", "NamedToConnect", {
      ApiKeyRequired = true, AuthorizationType = "CUSTOM", AuthorizerId = { Ref = "Authorizer" },
    }),
    Authorizer = part("Authorizer", "Named", {
      Name = "guard", AuthorizerType = "REQUEST", AuthorizerUri = uri "Guard",
      IdentitySource = { "route.request.querystring.key" },
    }),

    Hers = key(HERS), His = key(HIS), Nobodys = key(NOBODYS),
    Plan = plan(),
    Few = plan { Quota = { Limit = 2, Period = "DAY" } },
    HersOfPlan = of_plan("Plan", "Hers"),
    HisOfFew = of_plan("Few", "His"),
  }, {
    Url = join({ ["Fn::GetAtt"] = { "Chat", "ApiEndpoint" } }, "/prod"),
    Named = join({ ["Fn::GetAtt"] = { "Named", "ApiEndpoint" } }, "/prod"),
    Wanting = join({ ["Fn::GetAtt"] = { "Wanting", "ApiEndpoint" } }, "/prod"),
    Id = { Ref = "Chat" },
    Key = { Ref = "Hers" },
  })

  local function connect(with, url)
    return websocket.connect {
      url = url or stack.outputs.Url, headers = with and { { "x-api-key", with } }, timeout = 20,
    }
  end

  local function status_of(with, url)
    local socket, err = connect(with, url)
    if socket then
      socket:close()
      return 101
    end
    return err.status
  end

  it("lets in those alone who have a key of a plan", function()
    assert.equal(403, status_of())
    assert.equal(403, status_of "")
    assert.equal(403, status_of(("x"):rep(24)))
    assert.equal(403, status_of(NOBODYS))
    assert.equal(101, status_of(HERS))
  end)

  it("counts them by the plan's quota", function()
    assert.equal(101, status_of(HIS))
    assert.equal(101, status_of(HIS))
    assert.equal(429, status_of(HIS))
  end)

  it("takes the key that an authorizer names", function()
    assert.equal(101, status_of(nil, stack.outputs.Named .. "?key=" .. HERS))
    assert.equal(403, status_of(nil, stack.outputs.Named .. "?key=" .. NOBODYS))
    assert.equal(403, status_of(HERS, stack.outputs.Named .. "?key=none"))
  end)

  it("wants the parameters that $connect requires", function()
    local function status(query, headers)
      local socket, err = websocket.connect {
        url = stack.outputs.Wanting .. query, headers = headers, timeout = 20,
      }
      if socket then
        socket:close()
      end
      return socket and 101 or err.status
    end
    local room <const> = { { "x-room", "green" } }
    assert.equal(101, status("?room=green", room))
    assert.equal(400, status("?room=green"))
    assert.equal(400, status("?room=", room))
    assert.equal(400, status("", room))
    local answer = deployed.send {
      url = stack.outputs.Wanting:gsub("^ws", "http"),
      headers = {
        { "Upgrade", "websocket" }, { "Connection", "Upgrade" }, { "Sec-WebSocket-Version", "13" },
        { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
      },
    }
    assert.equal('{"message":"Missing required request parameters: [X-Room, room]"}', answer.body)
  end)

  it("tells functions which key it was", function()
    local socket <close> = assert(connect(HERS))
    assert(socket:send '{"action":"free"}')
    local identity = await_json(socket)
    assert.equal(HERS, identity.apiKey)
    assert.equal(stack.outputs.Key, identity.apiKeyId)
  end)

  it("refuses messages that do not fit the model that they select", function()
    local socket <close> = assert(connect(HERS))
    local function said(text)
      assert(socket:send(text))
      return await_json(socket)
    end
    for _, text in ipairs {
      '{"action":"free","anything":[]}', '{"action":"move","kind":"move","to":3}',
      '{"action":"fall","to":3}', '{"action":"fall","kind":"unknown","to":3}',
      '{"action":"unasked"}', "7",
    } do
      assert.equal("127.0.0.1", said(text).sourceIp, text)
    end
    for _, text in ipairs {
      '{"action":"move","kind":"move"}', '{"action":"move","kind":"move","to":"x"}',
      '{"action":"move","kind":"other","to":3}', '{"action":"move","to":3}',
      '{"action":"move","kind":"none","to":3}', '{"action":"fall"}', '{"action":"none"}', "tea",
    } do
      local answer = said(text)
      assert.equal("Invalid request body", answer.message, text)
      assert.matches("^[%w_-]+=$", answer.connectionId)
      assert.matches("^%x+%-", answer.requestId)
    end
  end)

  it("shows its models", function()
    local answer = stack.cloud:send {
      method = "GET", path = ("/v2/apis/%s/models"):format(stack.outputs.Id),
      service = "apigateway",
    }
    local names = {}
    for _, model in ipairs(assert(json.decode(answer.body)).items) do
      names[model.name] = json.decode(model.schema)
    end
    assert.same({ type = "integer" }, names.Place)
    assert.equal("object", names.Move.type)
  end)

  it("ends with its cloud", function()
    assert.equal(0, stack:close())
  end)
end)
