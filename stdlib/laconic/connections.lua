--- The clients of a WebSocket API, inside a handler: who is connected, and what is sent to them.
---
---     local connections = require "laconic.connections"
---     local chat = service:websocket_api { name = "chat", connections = true }
---
---     chat:route {
---       key = "$connect",
---       lambda = service:lambda {
---         name = "connect",
---         handler = function(event)
---           connections.add(event, { group = event.queryStringParameters.room })
---           return { statusCode = 200 }
---         end,
---       },
---     }
---     chat:route {
---       key = "$default",
---       lambda = service:lambda {
---         name = "talk",
---         handler = function(event)
---           local me = connections.get(event)
---           connections.broadcast({ text = event.body }, { group = me.group, except = event })
---           return { statusCode = 200 }
---         end,
---       },
---     }
---
--- Functions that are behind a route, or that `api:grant_connections` names, find in their environment
--- what this needs: CONNECTIONS_URL, to which messages are posted, and, of an API with `connections`,
--- CONNECTIONS_TABLE and CONNECTIONS_TTL. What a connection is named by is an event of its API, an item
--- of `list`, or its id.
---
--- A client that is gone without a word is found out when something is sent to it: it is forgotten
--- then, and nothing is raised.
---@module "laconic.connections"
local check = require "engine.check"
local client = require "laconic.aws.client"
local dynamodb = require "laconic.aws.dynamodb"
local failure = require "engine.failure"
local json = require "host.json"

local connections = {}

local INDEX = "by_group"
local MOST_BYTES = 128 * 1024 -- of a message, API Gateway's

--- What is kept of a connection: these, and whatever else was added.
---@class laconic.Connection
---@field connection_id string
---@field connected_at integer  seconds since 1970
---@field group? string         some of them together: a room, a game
---@field expires integer       seconds since 1970, when DynamoDB forgets what `remove` did not

---@alias laconic.ConnectionName string|table  an id, an event, or a laconic.Connection

-- ---- the environment ------------------------------------------------------------------------------

local function variable(name, hint)
  local value = os.getenv(name)
  if not value or value == "" then
    check.fail("E112", ("connections: the variable %s is not set here"):format(name), hint)
  end
  return value
end

local function table_name()
  return variable("CONNECTIONS_TABLE",
    "say `connections = true` in service:websocket_api, and make this function one of its routes' "
      .. "or name it in api:grant_connections")
end

local clients = {} -- URL → client: their connections are kept

local function management()
  local url = variable("CONNECTIONS_URL",
    "make this function one of the routes' of a WebSocket API, or name it in api:grant_connections")
  clients[url] = clients[url] or client.new("apigatewaymanagementapi", { endpoint = url })
  return clients[url]
end

local function has_table()
  return (os.getenv "CONNECTIONS_TABLE" or "") ~= ""
end

local function now()
  return math.floor(require("host.clock").now())
end

-- ---- names ----------------------------------------------------------------------------------------

local function id_of(word, named)
  check.type(word .. ": connection", named, { "string", "table" })
  local id = named
  if type(named) == "table" then
    local context = named.requestContext
    id = named.connection_id or type(context) == "table" and context.connectionId or nil
  end
  if type(id) ~= "string" or id == "" then
    check.fail("E103", word .. ": an event of a WebSocket API, a connection or its id expected")
  end
  return id
end

-- Milliseconds of the event, or nothing that is known.
local function connected_at(event)
  local context = type(event) == "table" and (event.requestContext or event.context)
  local moment = type(context) == "table" and context.connectedAt
  return type(moment) == "number" and math.floor(moment / 1000) or now()
end

local function is_gone(problem)
  return failure.is(problem) and (problem.status == 410 or problem.code == "GoneException")
end

-- ---- who is there ---------------------------------------------------------------------------------

local OWN = { connection_id = true, connected_at = true, expires = true }

local function check_attributes(word, attributes)
  check.type(word, attributes, "table")
  for name in pairs(attributes) do
    if OWN[name] then
      check.fail("E104", ("%s.%s: is set by laconic.connections itself"):format(word, name))
    end
  end
  check.value(word .. ".group", attributes.group or "-", { type = "string", least = 1 })
end

--- Remembers a connection: in the handler of `$connect`.
---@param connection laconic.ConnectionName
---@param attributes? table<string, any>  what else to know of it; `group` is what it can be found by
---@return laconic.Connection
function connections.add(connection, attributes)
  local id = id_of("connections.add", connection)
  attributes = attributes or {}
  check_attributes("connections.add: attributes", attributes)
  local item = {
    connection_id = id,
    connected_at = connected_at(connection),
    expires = now() + (math.tointeger(tonumber(os.getenv "CONNECTIONS_TTL")) or 10800),
  }
  for name, value in pairs(attributes) do
    item[name] = value
  end
  dynamodb.put { table = table_name(), item = item }
  return item
end

--- Forgets a connection: in the handler of `$disconnect`. One that is not known counts as forgotten.
---@param connection laconic.ConnectionName
function connections.remove(connection)
  local id = id_of("connections.remove", connection)
  dynamodb.delete { table = table_name(), key = { connection_id = id } }
end

--- What is known of a connection; nil when nothing is.
---@param connection laconic.ConnectionName
---@return laconic.Connection?
function connections.get(connection)
  local id = id_of("connections.get", connection)
  return dynamodb.get { table = table_name(), key = { connection_id = id }, consistent = true }
end

--- Changes what is known of a connection: `connections.update(event, { group = "lobby" })`.
---@param connection laconic.ConnectionName
---@param set table<string, any>
---@param remove? string[]        attributes to forget
---@return laconic.Connection?    nil when the connection is not known: it is not made again
function connections.update(connection, set, remove)
  local id = id_of("connections.update", connection)
  check_attributes("connections.update: set", set)
  check.value("connections.update: remove", remove or {}, { each = { type = "string" } })
  local ok, answer = pcall(dynamodb.update, {
    table = table_name(),
    key = { connection_id = id },
    set = next(set) ~= nil and set or nil,
    remove = remove and #remove > 0 and remove or nil,
    condition = "attribute_exists(connection_id)",
  })
  if not ok and failure.is(answer) and answer.code == "ConditionalCheckFailedException" then
    return nil
  elseif not ok then
    error(answer, 0)
  end
  return answer
end

local LIST = { group = { type = "string", least = 1 } }

--- The connections that are known, one after another, or those of a group. A connection that was just
--- added to a group may be missing from it for a moment.
---@param options? { group?: string }
---@return fun(): laconic.Connection?
function connections.list(options)
  options = options or {}
  check.fields("connections.list", options, LIST)
  local items
  if options.group then
    items = dynamodb.query {
      table = table_name(),
      index = INDEX,
      key_condition = "#group = :group",
      names = { ["#group"] = "group" },
      values = { [":group"] = options.group },
    }
  else
    items = dynamodb.scan { table = table_name() }
  end
  local moment = now()
  return function()
    local item
    repeat
      item = items()
    until not item or (item.expires or math.huge) > moment -- DynamoDB takes hours to forget
    return item
  end
end

-- ---- what is sent ---------------------------------------------------------------------------------

local function encode(word, body)
  check.type(word .. ": body", body, { "string", "table" })
  local text = body
  if type(body) == "table" then
    local encoded, problem = json.encode(body)
    if not encoded then
      check.fail("E105", ("%s: body: %s"):format(word, problem.message))
    end
    text = encoded
  end
  if #text > MOST_BYTES then
    local problem = "%s: the message has %d bytes, and API Gateway takes %d"
    check.fail("E104", problem:format(word, #text, MOST_BYTES))
  end
  return text
end

-- Calls an action on a connection; false when nobody is there any more, who then is forgotten.
local function reach(action, id, params)
  local own = management()
  params.ConnectionId = id
  local ok, problem = pcall(own.call, own, action, params)
  if ok then
    return true
  elseif not is_gone(problem) then
    error(problem, 0)
  end
  if has_table() then
    connections.remove(id)
  end
  return false
end

--- Sends a message to one client.
---@param connection laconic.ConnectionName
---@param body string|table  a table goes as JSON; 128 KiB at most
---@return boolean sent      false: the client is gone, and was forgotten
function connections.send(connection, body)
  local id = id_of("connections.send", connection)
  return reach("PostToConnection", id, { Data = encode("connections.send", body) })
end

local BROADCAST = {
  group = { type = "string", least = 1 },
  except = { type = { "string", "table" } },
}

--- Sends a message to all clients that are known, or to those of a group. When one of them cannot be
--- reached for another reason than that it is gone, the others are served before that is raised.
---@param body string|table
---@param options? { group?: string, except?: laconic.ConnectionName }  except: mostly who spoke
---@return integer sent
---@return integer gone
function connections.broadcast(body, options)
  options = options or {}
  check.fields("connections.broadcast", options, BROADCAST)
  local data = encode("connections.broadcast", body)
  local except = options.except and id_of("connections.broadcast.except", options.except)
  local sent, gone, first_problem = 0, 0, nil
  for connection in connections.list { group = options.group } do
    if connection.connection_id ~= except then
      local ok, there = pcall(reach, "PostToConnection", connection.connection_id, { Data = data })
      if not ok then
        first_problem = first_problem or there
      elseif there then
        sent = sent + 1
      else
        gone = gone + 1
      end
    end
  end
  if first_problem then
    error(first_problem, 0)
  end
  return sent, gone
end

--- Ends a connection from this side, and forgets it.
---@param connection laconic.ConnectionName
---@return boolean closed  false: the client was gone already
function connections.close(connection)
  local id = id_of("connections.close", connection)
  local closed = reach("DeleteConnection", id, {})
  if closed and has_table() then
    connections.remove(id)
  end
  return closed
end

return connections
