local cfn = require "laconic.cfn"
local laconic = require "laconic"

local mistakes = dofile "tests/stdlib/mistakes.lua"

local service, hello

local function begin()
  service = laconic.service { name = "apis" }
  hello = service:lambda { name = "hello", handler = print }
end

-- No tail calls in these: the line that is blamed would be lost.
local function say(options)
  options.name = options.name or "chat"
  local api = service:websocket_api(options)
  return api
end

local mistake = mistakes.of(function(options)
  begin()
  local api = say(options)
  return api
end)

local function say_route(options, api)
  options.lambda = options.lambda or hello
  local made = (api or say {}):route(options)
  return made
end

local function say_model(options, api)
  options.schema = options.schema or { type = "object" }
  local made = api:model(options)
  return made
end

describe("service:websocket_api", function()
  before_each(begin)

  it("is a construct with routes, and a handle with addresses", function()
    local api = say { name = "team-chat", stage = "live", connections = true }
    say_route({ key = "$connect" }, api)
    say_route({ key = "sendmessage" }, api)

    local said = service.constructs[1]
    assert.equal("websocket_api", said.kind)
    assert.equal("TeamChat", said.stem)
    assert.equal("$request.body.action", said.route_selection)
    assert.equal("sendmessage", said.routes[2].key)
    assert.equal("live", said.stage.name)
    local host = "://${TeamChatApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"
    assert.same(cfn.sub("wss" .. host), api.url)
    assert.same(cfn.sub("https" .. host), api.management_url)
    assert.same(cfn.ref "TeamChatApi", api.id)
    assert.same(cfn.ref "TeamChatConnections", api.table)
    assert.same(cfn.att("TeamChatConnections", "Arn"), api.table_arn)
  end)

  it("posts to API Gateway's own name, as long as that leads anywhere", function()
    local domain = { name = "chat.example.com", certificate = "arn:aws:acm:x" }
    local both = say { domain = domain }
    local own = say { name = "own", domain = domain, disable_default_endpoint = true }

    assert.equal("wss://chat.example.com", both.url)
    assert.matches("execute%-api", both.management_url["Fn::Sub"])
    assert.equal("https://chat.example.com", own.management_url)
  end)

  it("has a table of connections when it says so", function()
    local api = say {}
    assert.error_matches("websocket_api 'chat': it has no table of connections", function()
      return api.table
    end)
    assert.equal("production", service.constructs[1].stage.name)
  end)

  it("refuses what API Gateway would refuse, at the author's line", function()
    mistake("websocket_api: unknown field 'conections' %(did you mean 'connections'%?%)",
      { conections = true })
    mistake("websocket_api.route_selection: 'action' is not an expression",
      { route_selection = "action" })
    mistake("websocket_api.api_key_selection: .* is not one of", { api_key_selection = "$x" })
    mistake("websocket_api.stage.name: '$default' is not a stage's name", { stage = "$default" })
    mistake("websocket_api.stage.logging: .* is not one of off, error, info",
      { stage = { logging = "debug" } })
    mistake("websocket_api.connections.ttl: must be from 60 to 604800 seconds",
      { connections = { ttl = 1 } })
    mistake("'read_capacity' and 'write_capacity' belong together",
      { connections = { read_capacity = 1 } })
    mistake("websocket_api.connections: unknown field 'tll' %(did you mean 'ttl'%?%)",
      { connections = { tll = 60 } })
    mistake("websocket_api: unknown field 'mutual_tls'",
      { mutual_tls = { truststore = "s3://a/b" } })
    mistake("websocket_api.disable_default_endpoint: without 'domain'",
      { disable_default_endpoint = true })
  end)
end)

describe("websocket_api:route", function()
  before_each(begin)

  it("refuses what is no route, and one that is there already", function()
    local api, refused = say {}, mistakes.of(say_route)
    say_route({ key = "$connect" }, api)

    refused("unknown route '$conect' %(did you mean '$connect'%?%)", { key = "$conect" }, api)
    refused("'$connect' is there already: .*websocket_api_spec%.lua:%d+", { key = "$connect" }, api)
    refused("websocket_api.route.lambda: the handle of a function expected",
      { key = "$default", lambda = {} }, api)
    refused("websocket_api.route.timeout: must be from 0.05 to 29 seconds",
      { key = "$default", timeout = 30 }, api)
  end)

  it("asks who it is when somebody connects, and not later", function()
    local api, refused = say {}, mistakes.of(say_route)
    local guard = api:authorizer { name = "guard", lambda = hello }
    say_route({ key = "$connect", authorizer = guard }, api)

    assert.equal("guard", service.constructs[1].routes[1].authorizer.name)
    refused("websocket_api.route.authorizer: API Gateway asks for it when somebody connects",
      { key = "say", authorizer = guard }, api)
    refused("websocket_api.route.request_parameters: API Gateway asks for it when",
      { key = "say", request_parameters = { ["route.request.querystring.a"] = true } }, api)
    refused("'querystring.a' is not a parameter such as",
      { key = "$connect", request_parameters = { ["querystring.a"] = true } }, api)
  end)

  it("knows models by name, each said once", function()
    local api, refused = say {}, mistakes.of(say_model)
    say_model({ name = "Move" }, api)
    refused("websocket_api.model: 'Move' is there already", { name = "Move" }, api)
    refused("websocket_api.model.name: letters and digits expected", { name = "a-b" }, api)
    refused("websocket_api.model.schema.x: a handle %(lambda HelloFunction%) is no value",
      { name = "Other", schema = { x = hello } }, api)
    refused("websocket_api.model.schema.type: unknown type 'objekt' %(did you mean 'object'",
      { name = "Other", schema = { type = "objekt" } }, api)
    local refused_route = mistakes.of(say_route)
    refused_route("names of models by kinds of messages expected",
      { key = "say", models = { "Move" } }, api)
    refused_route("websocket_api.route: field 'model_selection' is missing",
      { key = "say", models = { move = "Move" } }, api)
    refused_route("websocket_api.route.model_selection: there is nothing to select from",
      { key = "say", models = "Move", model_selection = "$request.body.kind" }, api)
  end)

  it("lets other functions send, by their handles", function()
    local api = say {}
    api:grant_connections(hello)
    assert.equal("hello", service.constructs[1].senders[1].lambda.name)
    mistakes.of(function(value)
      api:grant_connections(value)
    end)("websocket_api.grant_connections: the handle of a function expected", "hello")
  end)
end)
