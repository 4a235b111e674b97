--- The tables of this cloud: their definitions in the state, their items in stores that are opened when
--- they are first asked for.
---
--- A table's items stand in a folder that is called by the table's id, so that a table never finds those
--- of another that had its name. What several tables change together is written down as a document
--- first: a cloud that is killed in between does it when it begins again.
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local fault = require "engine.local.fault"
local file = require "host.file"
local identifier = require "engine.local.identifier"
local open_store = require("engine.local.services.dynamodb.store").open

local tables = {}

local PENDING <const> = "dynamodb/pending"
local DATA <const> = "dynamodb/data"

local function folder(region)
  return ("dynamodb/%s/tables"):format(region)
end

local function document(region, name)
  return folder(region) .. "/" .. name
end

local function memory(cloud)
  local own = cloud:memory "dynamodb"
  own.stores = own.stores or {}
  own.shared = own.shared or { size = 0 }
  return own
end

-- A table may be said by its name or by its ARN.
local function name_of(said)
  if type(said) ~= "string" then
    constraint(nil, "tableName", "Member must not be null")
  end
  return said:match "^arn:aws[%w-]*:dynamodb:[^:]*:%d*:table/([^/]+)" or said
end

--- The definition of a table, or nil.
---@param cloud engine.local.Cloud
---@param region string
---@param said string  its name or ARN
---@return table? definition
function tables.peek(cloud, region, said)
  return cloud.state:get(document(region, name_of(said)))
end

--- The definition of a table; refuses the name of none.
---@param cloud engine.local.Cloud
---@param region string
---@param said string
---@param message? string  for string.format; default "Requested resource not found"
---@return table definition
function tables.find(cloud, region, said, message)
  local found = tables.peek(cloud, region, said)
  if not found then
    message = message or "Requested resource not found"
    fault.raise("ResourceNotFoundException", message:format(said))
  end
  return found
end

--- The items of a table.
---@param cloud engine.local.Cloud
---@param definition table
---@return engine.local.services.dynamodb.Store
function tables.store(cloud, definition)
  local own = memory(cloud)
  local id = definition.TableId
  if not own.stores[id] then
    own.stores[id] = open_store(cloud.state:folder(DATA .. "/" .. id), definition, own.shared)
  end
  return own.stores[id]
end

-- Does what a note says, and forgets it. Doing it again is doing it once.
local function finish(cloud, name)
  local note = PENDING .. "/" .. name
  for _, part in ipairs(cloud.state:get(note)) do
    local definition = tables.peek(cloud, part.region, part.name)
    if definition and definition.TableId == part.id then
      tables.store(cloud, definition):take(part.line)
    end
  end
  cloud.state:remove(note)
  memory(cloud).unfinished = nil
end

--- The items of the table that a request names. Nobody sees half of what is done to several tables.
---@return engine.local.services.dynamodb.Store
---@return table definition
function tables.open(cloud, region, said)
  local unfinished = memory(cloud).unfinished
  if unfinished then
    finish(cloud, unfinished)
  end
  local definition = tables.find(cloud, region, said)
  return tables.store(cloud, definition), definition
end

--- Keeps a definition, new or changed.
---@param cloud engine.local.Cloud
---@param region string
---@param definition table
function tables.keep(cloud, region, definition)
  cloud.state:put(document(region, definition.TableName), definition)
  local store = memory(cloud).stores[definition.TableId]
  if store then
    store:define(definition)
  end
end

--- Takes a table away, with its items.
function tables.remove(cloud, region, definition)
  local own, id = memory(cloud), definition.TableId
  cloud.state:remove(document(region, definition.TableName))
  if own.stores[id] then
    own.stores[id]:close()
    own.stores[id] = nil
  end
  cloud.state:remove_folder(DATA .. "/" .. id)
end

--- The names of a region's tables, sorted.
---@return string[]
function tables.names(cloud, region)
  return cloud.state:list(folder(region))
end

--- Makes changes of several tables of a region, all or none.
---@param cloud engine.local.Cloud
---@param region string
---@param parts { definition: table, changes: engine.local.services.dynamodb.Change[] }[]
function tables.commit(cloud, region, parts)
  local lines = {}
  for i, part in ipairs(parts) do
    local store, definition = tables.store(cloud, part.definition), part.definition
    store:check_room()
    lines[i] = {
      region = region,
      name = definition.TableName,
      id = definition.TableId,
      line = store:line(part.changes),
    }
  end
  if #parts == 1 then
    tables.store(cloud, parts[1].definition):take(lines[1].line)
    return
  end
  local name = identifier.uuid()
  cloud.state:put(PENDING .. "/" .. name, lines)
  memory(cloud).unfinished = name
  finish(cloud, name)
end

local function remove_orphans(cloud)
  local named = {}
  for _, region in ipairs(file.list(cloud.state:folder "dynamodb") or {}) do
    for _, name in ipairs(tables.names(cloud, region)) do
      named[tables.find(cloud, region, name).TableId] = true
    end
  end
  for _, id in ipairs(file.list(cloud.state:folder(DATA)) or {}) do
    if not named[id] then
      cloud.state:remove_folder(DATA .. "/" .. id)
    end
  end
end

--- Takes up what a killed cloud had left: changes that were begun, and items of tables that are gone.
---@param cloud engine.local.Cloud
function tables.recover(cloud)
  for _, name in ipairs(cloud.state:list(PENDING)) do
    finish(cloud, name)
  end
  remove_orphans(cloud)
end

return tables
