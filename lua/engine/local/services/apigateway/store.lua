--- The REST APIs, API keys and usage plans that this cloud has: on disk, and all of them in memory, so
--- that a request asks no disk.
---
--- An API's document holds what its author changes: its definition, stages and deployments by id. What
--- a deployment froze has a document of its own. Their parts have the names and shapes that API
--- Gateway's own answers give them (`resourceMethods`, `methodIntegration`, …).
local clock = require "host.clock"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local json = require "host.json"
local order = require "engine.order"
local twin = require "engine.twin"

local store = {}

local FOLDER <const> = "apigateway/"
local DIGITS <const> = "0123456789abcdefghijklmnopqrstuvwxyz"

--- What an API is made of, and what a deployment freezes.
---@class engine.local.services.apigateway.Definition
---@field resources table<string, table>         by id: { id, parentId, pathPart, path, resourceMethods }
---@field models table<string, table>            by name
---@field requestValidators table<string, table> by id
---@field authorizers table<string, table>       by id
---@field gatewayResponses table<string, table>  by type
---@field binaryMediaTypes string[]
---@field apiKeySource "HEADER"|"AUTHORIZER"
---@field minimumCompressionSize? integer        bytes from which on answers are packed
---@field policy? table                          the resource policy

---@class engine.local.services.apigateway.Api
---@field id string
---@field region string
---@field name string
---@field rootResourceId string
---@field definition engine.local.services.apigateway.Definition
---@field deployments table<string, table>  by id: { id, description, createdDate }
---@field stages table<string, table>       by name

local function load_all(cloud, kind)
  local found = {}
  for _, name in ipairs(cloud.state:list(FOLDER .. kind)) do
    found[name] = cloud.state:get(FOLDER .. kind .. "/" .. name)
  end
  return found
end

-- kind → id → record
local function records(cloud, kind)
  local memory = cloud:memory "apigateway"
  memory[kind] = memory[kind] or load_all(cloud, kind)
  return memory[kind]
end

-- What was worked out of the records (see compiled.lua) is so no longer.
local function changed(cloud)
  cloud:memory("apigateway").compiled = {}
end

--- Ten digits and small letters that belong to a text.
---@param text string
---@return string
function store.id_of(text)
  return (digest.sha256(text):sub(1, 20):gsub("%x%x", function(pair)
    local place = tonumber(pair, 16) % #DIGITS + 1
    return DIGITS:sub(place, place)
  end))
end

--- The API of that id, or nil. Its region is not asked: a client's URL finds it.
---@return engine.local.services.apigateway.Api?
function store.find_api(cloud, id)
  return records(cloud, "apis")[id]
end

local function not_found(what)
  fault.raise("NotFoundException", ("Invalid %s identifier specified"):format(what), 404)
end

--- The API of that id in a region, or a fault.
---@return engine.local.services.apigateway.Api
function store.api(cloud, region, id)
  local api = records(cloud, "apis")[id]
  if not api or api.region ~= region then
    not_found "API"
  end
  return api
end

--- A part of an API, or a fault.
---@param parts table<string, table>
---@param what string  "stage"
---@return table
function store.part(parts, id, what)
  if not parts[id or ""] then
    not_found(what)
  end
  return parts[id]
end

--- The records of a region, in the order of their ids.
---@param kind "apis"|"domains"|"keys"|"plans"
---@return table[]
function store.all(cloud, kind, region)
  local list, all = {}, records(cloud, kind)
  for _, id in ipairs(order.keys(all)) do
    if all[id].region == region then
      table.insert(list, all[id])
    end
  end
  return list
end

--- A custom domain, an API key or a usage plan by its id, or nil.
---@param kind "domains"|"keys"|"plans"
function store.find(cloud, kind, id)
  return records(cloud, kind)[id]
end

--- Writes a record, new or changed.
---@param kind "apis"|"domains"|"keys"|"plans"
function store.keep(cloud, kind, record)
  records(cloud, kind)[record.id] = record
  cloud.state:put(FOLDER .. kind .. "/" .. record.id, record)
  changed(cloud)
end

--- Forgets a record.
---@param kind "apis"|"domains"|"keys"|"plans"
function store.remove(cloud, kind, id)
  local record = records(cloud, kind)[id]
  if record and kind == "apis" then
    for deployment in pairs(record.deployments) do
      cloud.state:remove(FOLDER .. "deployments/" .. id .. "-" .. deployment)
    end
  end
  records(cloud, kind)[id] = nil
  cloud.state:remove(FOLDER .. kind .. "/" .. id)
  changed(cloud)
end

--- An API without anything but its root.
---@param fields table  id, region, name, …
---@return engine.local.services.apigateway.Api
function store.new_api(fields)
  local root = store.id_of(fields.id .. "/")
  fields.createdDate = fields.createdDate or clock.now() // 1
  fields.rootResourceId = root
  fields.deployments, fields.stages = {}, {}
  fields.definition = {
    resources = { [root] = { id = root, path = "/", resourceMethods = {} } },
    models = {},
    requestValidators = {},
    authorizers = {},
    gatewayResponses = {},
    binaryMediaTypes = json.array {},
    apiKeySource = "HEADER",
  }
  return fields
end

--- Freezes what an API is now.
---@param deployment { id: string, description?: string }
function store.deploy(cloud, api, deployment)
  deployment.createdDate = clock.now() // 1
  cloud.state:put(FOLDER .. "deployments/" .. api.id .. "-" .. deployment.id,
    { definition = twin.deep(api.definition) })
  api.deployments[deployment.id] = deployment
  store.keep(cloud, "apis", api)
end

--- What a deployment froze.
---@return engine.local.services.apigateway.Definition
function store.deployed(cloud, api, deployment_id)
  return cloud.state:get(FOLDER .. "deployments/" .. api.id .. "-" .. deployment_id).definition
end

--- Forgets a deployment.
function store.remove_deployment(cloud, api, id)
  api.deployments[id] = nil
  cloud.state:remove(FOLDER .. "deployments/" .. api.id .. "-" .. id)
  store.keep(cloud, "apis", api)
end

return store
