--- A WebSocket API of API Gateway: clients stay connected, and each of their messages runs the function
--- behind its route.
---
---     local chat = service:websocket_api { name = "chat", connections = true }
---     chat:route { key = "$connect", lambda = connect }
---     chat:route { key = "$disconnect", lambda = disconnect }
---     chat:route { key = "say", lambda = say }          -- { "action": "say", … }
---     chat:grant_connections(announce)                  -- no route, and may send all the same
---
--- Functions behind its routes may send to its clients; laconic.connections is how they do it. With
--- `connections` there is a table of those who are connected.
---
--- The stack has an output with the URL that clients connect to: "ChatUrl". The handle has `.url`
--- ("wss://…"), `.management_url` ("https://…": where answers are posted), `.id` and `.execute_arn`; with
--- `connections` also `.table`, its name, and `.table_arn`.
---@module "laconic.constructs.websocket_api"
local api_address = require "laconic.api_address"
local api_stage = require "laconic.api_stage"
local cfn = require "laconic.cfn"
local check = require "engine.check"
local gateway_v2 = require "laconic.gateway_v2"
local handle = require "laconic.handle"
local resource = require "laconic.resource"
local route = require "laconic.websocket_api.route"
local schema = require "laconic.rest_api.schema"
local service_words = require "laconic.service"

---@class laconic.WebsocketApiOptions
---@field name string
---@field description? string
---@field route_selection? string   what of a message names its route; default "$request.body.action"
---@field authorizer? "iam"         of `$connect`, unless the route says otherwise
---@field api_key_selection? "$request.header.x-api-key"|"$context.authorizer.usageIdentifierKey"
---@field stage? string|laconic.WebsocketStage  default "production"
---@field connections? boolean|laconic.ConnectionTable  a table of those who are connected
---@field retain_deployments? boolean  earlier deployments stay when another takes their place, and when
---  the stack is deleted
---@field domain? laconic.ApiDomain
---@field disable_default_endpoint? boolean
---@field ip_address_type? "ipv4"|"dualstack"
---@field tags? table<string, any>
---@field output? string|false      what the output with its URL is called; default "<Name>Url"

---@class laconic.WebsocketStage: laconic.ApiStage
---@field detailed_metrics? boolean
---@field logging? "off"|"error"|"info"  execution logs; the account must let API Gateway write them
---@field data_trace? boolean       whole messages stand in the log: not in production
---@field client_certificate? any   the id of one that API Gateway shows to backends

---@class laconic.ConnectionTable
---@field ttl? integer              seconds after which a connection counts as gone whatever happened;
---  default 10,800: API Gateway ends all after 2 hours
---@field name? string              the table's; default: CloudFormation chooses it
---@field read_capacity? integer    units a second; default: paid by request
---@field write_capacity? integer
---@field deletion_policy? "Delete"|"Retain"

---@class laconic.WebsocketModel
---@field name string
---@field schema table              JSON Schema, draft 4
---@field content_type? string      default "application/json"
---@field description? string

---@class laconic.WebsocketAuthorizer
---@field name string
---@field lambda laconic.Handle     answers with an IAM policy
---@field identity_sources? string[]  default { "route.request.header.Authorization" }; browsers can send
---  no header: "route.request.querystring.token"
---@field default? boolean          of `$connect`, unless the route says otherwise

local KEY_SOURCES = { "$context.authorizer.usageIdentifierKey", "$request.header.x-api-key" }

local OPTIONS = {
  name = gateway_v2.NAME,
  description = { type = "string", most = 1024 },
  route_selection = route.EXPRESSION,
  authorizer = { one_of = { "iam" } },
  api_key_selection = { one_of = KEY_SOURCES },
  stage = { type = { "string", "table" } },
  connections = { type = { "boolean", "table" } },
  retain_deployments = { type = "boolean" },
  domain = { type = "table" },
  disable_default_endpoint = { type = "boolean" },
  ip_address_type = { one_of = { "ipv4", "dualstack" } },
  tags = gateway_v2.TAGS,
  output = resource.OUTPUT,
}

local STAGE = api_stage.rules {
  detailed_metrics = { type = "boolean" },
  logging = route.LOGGING,
  data_trace = { type = "boolean" },
  client_certificate = { type = "text" },
}

local CAPACITY = { type = "integer", least = 1, most = 40000, unit = "units" }

local CONNECTIONS = {
  ttl = { type = "integer", least = 60, most = 604800, unit = "seconds" },
  name = {
    type = "string",
    least = 3,
    most = 255,
    test = function(name)
      return not name:match "^[%w_.-]+$"
        and ("'%s' is not a table's name: letters, digits, '_', '.' and '-' expected"):format(name)
        or nil
    end,
  },
  read_capacity = CAPACITY,
  write_capacity = CAPACITY,
  deletion_policy = { one_of = { "Delete", "Retain" } },
}

-- ---- models, authorizers, who else may send -------------------------------------------------------

local MODEL = {
  name = {
    type = "string",
    required = true,
    least = 1,
    most = 128,
    test = function(name)
      return not name:match "^%w+$" and "letters and digits expected" or nil
    end,
  },
  schema = { type = "table", required = true },
  content_type = { type = "string", least = 1, most = 256 },
  description = { type = "string", most = 1024 },
}

local function model(api, options)
  check.fields("websocket_api.model", options, MODEL)
  schema.check("websocket_api.model.schema", options.schema)
  for _, other in ipairs(api.models) do
    if other.name == options.name then
      check.fail("E106", ("websocket_api.model: '%s' is there already: %s"):format(options.name,
        other.where))
    end
  end
  table.insert(api.models, {
    name = options.name,
    schema = options.schema,
    content_type = options.content_type or "application/json",
    description = options.description,
    where = check.where() or "?",
  })
end

local function test_source(source)
  if not source:match "^route%.request%.%l+%.%S+$" and not source:match "^context%.%S+$"
    and not source:match "^stageVariables%.%S+$" then
    return ("'%s' is not a part of a request such as 'route.request.querystring.token'")
      :format(source)
  end
end

local AUTHORIZER = {
  name = gateway_v2.NAME,
  lambda = { required = true },
  identity_sources = { each = { type = "string", test = test_source }, least = 1 },
  default = { type = "boolean" },
}

local function authorizer(api, options)
  check.fields("websocket_api.authorizer", options, AUTHORIZER)
  gateway_v2.check_lambda("websocket_api.authorizer.lambda", options.lambda)
  return gateway_v2.add_authorizer("websocket_api", api, {
    name = options.name,
    lambda = options.lambda,
    identity_sources = options.identity_sources or { "route.request.header.Authorization" },
    default = options.default,
  })
end

local function grant_connections(api, lambda)
  gateway_v2.check_lambda("websocket_api.grant_connections", lambda)
  table.insert(api.senders, { lambda = lambda, where = check.where() or "?" })
end

-- ---- the API --------------------------------------------------------------------------------------

local function table_of(facts, value)
  if not facts.said.connections then
    check.fail("E107", ("websocket_api '%s': it has no table of connections"):format(facts.name),
      "say `connections = true`")
  end
  return value
end

handle.define("websocket_api", {
  id = function(facts)
    return api_address.id(facts.id)
  end,
  url = function(facts)
    return api_address.url(facts.said, "wss", facts.said.stage.name)
  end,
  management_url = function(facts)
    return api_address.endpoint(facts.said, "https", facts.said.stage.name)
  end,
  execute_arn = function(facts)
    return api_address.execute_arn(facts.id)
  end,
  table = function(facts)
    return table_of(facts, cfn.ref(facts.id .. "Connections"))
  end,
  table_arn = function(facts)
    return table_of(facts, cfn.att(facts.id .. "Connections", "Arn"))
  end,
}, {
  route = route.add,
  model = model,
  authorizer = authorizer,
  grant_connections = grant_connections,
})

local function read_stage(stage)
  local entry = {}
  if type(stage) == "string" then
    stage = { name = stage }
  end
  api_stage.check("websocket_api.stage", stage or {}, STAGE)
  for field, value in pairs(stage or {}) do
    entry[field] = value
  end
  entry.name = entry.name or "production"
  return entry
end

local function read_connections(connections)
  if not connections then
    return nil
  end
  local said = connections == true and {} or connections
  check.fields("websocket_api.connections", said, CONNECTIONS)
  if (said.read_capacity == nil) ~= (said.write_capacity == nil) then
    check.fail("E102",
      "websocket_api.connections: 'read_capacity' and 'write_capacity' belong together")
  end
  return said
end

---@param service laconic.Service
---@param options laconic.WebsocketApiOptions
---@return laconic.Handle
return function(service, options)
  check.fields("websocket_api", options, OPTIONS)
  gateway_v2.check_domain("websocket_api", options)
  gateway_v2.check_tags("websocket_api.tags", options.tags)
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  entry.route_selection = options.route_selection or "$request.body.action"
  entry.stage = read_stage(options.stage)
  entry.connections = read_connections(options.connections)
  entry.authorizers, entry.models, entry.routes, entry.senders = {}, {}, {}, {}
  local made = service_words.add_construct(service, "websocket_api", entry)
  entry.url, entry.management_url = made.url, made.management_url
  return made
end
