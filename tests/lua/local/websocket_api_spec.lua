local clock = require "host.clock"
local connections = require "engine.local.services.apigatewayv2.connections"
local deployed = dofile "tests/lua/local/deployed.lua"
local json = require "host.json"
local poll = require "host.poll"
local websocket = require "host.websocket"

local SERVICE <const> = [[
local aws = require "laconic.aws"
local json = require "host.json"
local laconic = require "laconic"
local service = laconic.service { name = "s" }

service:lambda { name = "connect", handler = function(event)
  local query = event.queryStringParameters or {}
  if query.say == "fail" then
    error("no tea", 0)
  end
  return { statusCode = query.say == "no" and 409 or 200, body = json.encode(event),
    headers = { ["Sec-WebSocket-Protocol"] = query.protocol } }
end }

service:lambda { name = "echo", handler = function(event)
  local message = json.decode(event.body)
  if type(message) == "table" and message.say == "fail" then
    error("no tea", 0)
  elseif type(message) == "table" and message.say == "nothing" then
    return { statusCode = 200 }
  end
  return { statusCode = 200, body = json.encode(event) }
end }

service:lambda { name = "post", handler = function(event)
  local context, message = event.requestContext, json.decode(event.body)
  local client = aws.client("apigatewaymanagementapi", {
    endpoint = ("https://%s/%s"):format(context.domainName, context.stage),
  })
  client:call("PostToConnection", {
    ConnectionId = message.to or context.connectionId, Data = "posted: " .. message.text,
  })
  local seen = client:call("GetConnection", { ConnectionId = context.connectionId })
  return { statusCode = 200, body = "seen " .. seen.identity.sourceIp }
end }

-- Tells another client who has gone.
service:lambda { name = "disconnect", handler = function(event)
  local context = event.requestContext
  print("gone: " .. json.encode(event))
  return {}
end }

service:lambda { name = "guard", handler = function(event)
  return { principalId = "ada", context = { cups = "2" }, policyDocument = {
    Version = "2012-10-17", Statement = { {
      Effect = event.headers.Authorization == "tea" and "Allow" or "Deny",
      Action = "execute-api:Invoke", Resource = event.methodArn } } } }
end }

return service
]]

local function join(...)
  return { ["Fn::Join"] = { "", { ... } } }
end

local function part(kind, api, properties)
  properties.ApiId = { Ref = api }
  return { Type = "AWS::ApiGatewayV2::" .. kind, Properties = properties }
end

local function route(api, key, to, more)
  local properties = { RouteKey = key, Target = join("integrations/", { Ref = to }) }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return part("Route", api, properties)
end

local function to(api, id)
  return part("Integration", api, {
    IntegrationType = "AWS_PROXY",
    IntegrationUri = join("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
      { ["Fn::GetAtt"] = { id, "Arn" } }, "/invocations"),
  })
end

local function let_api(id)
  return deployed.permission(id, { Principal = "apigateway.amazonaws.com" })
end

local function api(name)
  return { Type = "AWS::ApiGatewayV2::Api", Properties = {
    Name = name, ProtocolType = "WEBSOCKET", RouteSelectionExpression = "$request.body.action",
  } }
end

local ANSWERS <const> = { RouteResponseSelectionExpression = "$default" }

local function await(socket)
  while true do
    local kind, data, code = socket:next()
    if kind then
      return kind, data, code
    end
    assert(#assert(poll.wait({ socket:fd() }, 20)) > 0, "nothing came")
  end
end

local function await_json(socket)
  local kind, data = await(socket)
  assert.equal("text", kind)
  return assert(json.decode(data))
end

describe("a WebSocket API", function()
  local stack = deployed.start(SERVICE, {
    Chat = api "chat",
    Connect = deployed.lambda "connect", ConnectPermission = let_api "Connect",
    Echo = deployed.lambda "echo", EchoPermission = let_api "Echo",
    Post = deployed.lambda "post", PostPermission = let_api "Post",
    Disconnect = deployed.lambda "disconnect", DisconnectPermission = let_api "Disconnect",
    Guard = deployed.lambda "guard", GuardPermission = let_api "Guard",
    ToConnect = to("Chat", "Connect"),
    ToEcho = to("Chat", "Echo"),
    ToPost = to("Chat", "Post"),
    ToDisconnect = to("Chat", "Disconnect"),
    ConnectRoute = route("Chat", "$connect", "ToConnect"),
    DisconnectRoute = route("Chat", "$disconnect", "ToDisconnect"),
    EchoRoute = route("Chat", "echo", "ToEcho", ANSWERS),
    EchoAnswer = part("RouteResponse", "Chat", {
      RouteId = { Ref = "EchoRoute" }, RouteResponseKey = "$default",
    }),
    QuietRoute = route("Chat", "quiet", "ToEcho"),
    PostRoute = route("Chat", "post", "ToPost", ANSWERS),
    Stage = part("Stage", "Chat", {
      StageName = "prod", AutoDeploy = true, StageVariables = { colour = "blue" },
    }),

    Guarded = api "guarded",
    GuardedToEcho = to("Guarded", "Echo"),
    Authorizer = part("Authorizer", "Guarded", {
      Name = "guard", AuthorizerType = "REQUEST",
      IdentitySource = { "route.request.header.Authorization" },
      AuthorizerUri = join("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
        { ["Fn::GetAtt"] = { "Guard", "Arn" } }, "/invocations"),
    }),
    GuardedToConnect = to("Guarded", "Connect"),
    GuardedConnect = route("Guarded", "$connect", "GuardedToConnect", {
      AuthorizationType = "CUSTOM", AuthorizerId = { Ref = "Authorizer" },
    }),
    GuardedDefault = route("Guarded", "$default", "GuardedToEcho", ANSWERS),
    GuardedStage = part("Stage", "Guarded", { StageName = "prod", AutoDeploy = true }),
  }, {
    Url = join({ ["Fn::GetAtt"] = { "Chat", "ApiEndpoint" } }, "/prod"),
    Guarded = join({ ["Fn::GetAtt"] = { "Guarded", "ApiEndpoint" } }, "/prod"),
    Id = { Ref = "Chat" },
    Disconnect = { Ref = "Disconnect" },
  })

  local function connect(path, headers)
    return websocket.connect {
      url = (path or stack.outputs.Url), headers = headers, timeout = 20,
    }
  end

  local function manage(method, id, body, more)
    local options = more or {}
    options.method, options.body, options.service = method, body, options.service or "execute-api"
    options.path = ("/_apis/%s/prod/%%40connections/%s"):format(stack.outputs.Id,
      (id:gsub("=", "%%3D")))
    return stack.cloud:send(options)
  end

  local function echoed(socket, text)
    assert(socket:send(text))
    return await_json(socket)
  end

  -- What $disconnect was told of a connection, as its function's log has it.
  local function told_end(id)
    local deadline, found = clock.monotonic() + 20, nil
    while not found and clock.monotonic() < deadline do
      local answer = stack.cloud:send {
        method = "POST", path = "/", service = "logs",
        headers = {
          { "X-Amz-Target", "Logs_20140328.FilterLogEvents" },
          { "Content-Type", "application/x-amz-json-1.1" },
        },
        body = json.encode { logGroupName = "/aws/lambda/" .. stack.outputs.Disconnect },
      }
      for _, logged in ipairs((json.decode(answer.body) or {}).events or {}) do
        local event = json.decode(logged.message:match "^gone: (.*)$" or "")
        found = event and event.requestContext.connectionId == id and event or found
      end
    end
    return assert(found, "nobody told of it")
  end

  it("is one of this cloud's addresses", function()
    assert.equal((stack.cloud.url:gsub("^http", "ws")) .. "/_apis/" .. stack.outputs.Id .. "/prod",
      stack.outputs.Url)
  end)

  it("takes a message to the route that it names, and the answer back", function()
    local socket <close> = assert(connect(stack.outputs.Url .. "?room=green", {
      { "User-Agent", "kettle" },
    }))
    local text = '{"action":"echo","text":"é"}'
    local event = echoed(socket, text)

    assert.equal(text, event.body)
    assert.is_false(event.isBase64Encoded)
    assert.same({ colour = "blue" }, event.stageVariables)
    local context = event.requestContext
    assert.equal("MESSAGE", context.eventType)
    assert.equal("echo", context.routeKey)
    assert.equal("prod", context.stage)
    assert.equal("IN", context.messageDirection)
    assert.equal(stack.outputs.Id, context.apiId)
    assert.equal(stack.outputs.Id .. ".execute-api.us-east-1.amazonaws.com", context.domainName)
    assert.matches("^[%w_-]+=$", context.connectionId)
    assert.equal(16, #context.connectionId)
    assert.matches("^%x+%-", context.messageId)
    assert.same({ sourceIp = "127.0.0.1", userAgent = "kettle" }, context.identity)
    assert.is_true(context.connectedAt <= context.requestTimeEpoch)
    assert.equal(context.connectionId, echoed(socket, text).requestContext.connectionId)
  end)

  it("says when a message has no route, and when its function fails", function()
    local socket <close> = assert(connect())
    local said = echoed(socket, "no JSON")
    assert.equal("Forbidden", said.message)
    assert.matches("=$", said.connectionId)
    assert.equal("Forbidden", echoed(socket, '{"action":"$connect"}').message)
    assert.equal("Internal server error", echoed(socket, '{"action":"echo","say":"fail"}').message)
    assert.is_true(socket:send '{"action":"quiet"}')
    assert.is_true(socket:send '{"action":"echo","say":"nothing"}')
    assert.equal("echo", echoed(socket, '{"action":"echo"}').requestContext.routeKey)
  end)

  it("asks $connect, whose word decides", function()
    local socket, err = connect(stack.outputs.Url .. "?say=no&a=1&a=2")
    assert.is_nil(socket)
    assert.equal(409, err.status)
    socket, err = connect(stack.outputs.Url .. "?say=fail")
    assert.is_nil(socket)
    assert.equal(502, err.status)
    socket, err = connect((stack.outputs.Url:gsub("prod$", "none")))
    assert.is_nil(socket)
    assert.equal(403, err.status)
    local http_url = stack.outputs.Url:gsub("^ws", "http")
    local plain = deployed.send { url = http_url }
    assert.equal(426, plain.status)
    local answer = deployed.send {
      url = http_url .. "?say=no&a=1&a=2",
      headers = {
        { "Upgrade", "websocket" }, { "Connection", "Upgrade" }, { "Sec-WebSocket-Version", "13" },
        { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
      },
    }
    local event = assert(json.decode(answer.body))
    assert.equal("CONNECT", event.requestContext.eventType)
    assert.equal("$connect", event.requestContext.routeKey)
    assert.is_nil(event.requestContext.messageId)
    assert.same({ say = "no", a = "2" }, event.queryStringParameters)
    assert.same({ "1", "2" }, event.multiValueQueryStringParameters.a)
    assert.equal("13", event.headers["Sec-WebSocket-Version"])
    assert.is_nil(event.body)
  end)

  it("asks the authorizer of $connect, whose context stays with the connection", function()
    local socket, err = connect(stack.outputs.Guarded)
    assert.is_nil(socket)
    assert.equal(401, err.status)
    socket, err = connect(stack.outputs.Guarded, { { "Authorization", "coffee" } })
    assert.is_nil(socket)
    assert.equal(403, err.status)
    local let_in <close> = assert(connect(stack.outputs.Guarded, { { "Authorization", "tea" } }))
    local event = echoed(let_in, "no JSON")
    assert.equal("$default", event.requestContext.routeKey)
    assert.same({ cups = "2", principalId = "ada" }, event.requestContext.authorizer)
  end)

  it("is reached by its functions at the address that events tell", function()
    local socket <close> = assert(connect())
    local other <close> = assert(connect())
    local id = echoed(other, '{"action":"echo"}').requestContext.connectionId
    assert(socket:send(json.encode { action = "post", text = "hello", to = id }))
    assert.same({ "text", "posted: hello" }, { await(other) })
    assert.same({ "text", "seen 127.0.0.1" }, { await(socket) })
  end)

  it("has @connections to send, ask and end", function()
    local socket <close> = assert(connect())
    local id = echoed(socket, '{"action":"echo"}').requestContext.connectionId
    assert.equal(200, manage("POST", id, "tea").status)
    assert.same({ "text", "tea" }, { await(socket) })
    local seen = assert(json.decode(manage("GET", id).body))
    assert.matches("^%d%d%d%d%-.*Z$", seen.connectedAt)
    assert.equal("127.0.0.1", seen.identity.sourceIp)
    assert.equal(413, manage("POST", id, ("x"):rep(131073)).status)
    assert.equal(400, manage("POST", "what!", "tea").status)
    assert.equal(403, manage("POST", id, "tea", { secret = "wrong" }).status)
    assert.equal(403, manage("POST", id, "tea", { service = "lambda" }).status)

    assert.equal(204, manage("DELETE", id).status)
    local kind, _, code = await(socket)
    assert.same({ "close", 1000 }, { kind, code })
    local told = told_end(id).requestContext
    assert.equal(1000, told.disconnectStatusCode)
    assert.equal("Connection Closed Normally", told.disconnectReason)
    local gone = manage("POST", "JKJaVcPLPHcCIHg=", "tea")
    assert.equal(410, gone.status)
    assert.equal("GoneException", gone.headers["x-amzn-errortype"])
  end)

  it("ends those who send what API Gateway does not take", function()
    local socket <close> = assert(connect())
    assert(socket:send("\255", "binary"))
    assert.equal(1003, select(3, await(socket)))
    local large <close> = assert(connect())
    assert(large:send(("x"):rep(32 * 1024 + 1)))
    assert.equal(1009, select(3, await(large)))
  end)

  it("tells $disconnect who has gone, and why", function()
    local socket <close> = assert(connect())
    local id = echoed(socket, '{"action":"echo"}').requestContext.connectionId
    socket:finish(4001, "enough")
    assert.equal(4001, select(3, await(socket)))
    local found = told_end(id)
    assert.equal("DISCONNECT", found.requestContext.eventType)
    assert.equal("$disconnect", found.requestContext.routeKey)
    assert.equal(4001, found.requestContext.disconnectStatusCode)
    assert.equal("enough", found.requestContext.disconnectReason)
    assert.equal(410, manage("POST", id, "tea").status)
  end)

  it("sends nothing to a client that has gone while its message was worked on", function()
    local cloud = { memory = function(self)
      return self
    end }
    local closed = setmetatable({}, { __index = function()
      return function()
        error "closed websocket"
      end
    end })
    local connection = { id = "a=", api_id = "b", stage = "prod", link = closed }

    connections.add(cloud, connection)
    connections.remove(cloud, connection)

    assert.is_nil(connections.find(cloud, "b", "prod", "a="))
    assert.is_false(connections.send(connection, "tea"))
    connections.finish(connection, 1001, "Going away")
  end)

  it("ends with its cloud, and so do its connections", function()
    local socket <close> = assert(connect())
    assert.equal(0, stack:close())
    assert.equal("close", (await(socket)))
  end)
end)
