--- The HTTP and WebSocket APIs that this cloud has: on disk, one document for each API with all that
--- belongs to it, and in memory what was worked out of them.
---
--- Their parts have the properties that CloudFormation's resource types have, by those names.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local order = require "engine.order"
local twin = require "engine.twin"

local store = {}

local FOLDER <const> = "apigatewayv2/apis"

--- What a deployment freezes.
---@class engine.local.services.apigatewayv2.Definition
---@field routes table<string, table>
---@field integrations table<string, table>
---@field authorizers table<string, table>
---@field models table<string, table>
---@field routeResponses table<string, table>
---@field integrationResponses table<string, table>

---@class engine.local.services.apigatewayv2.Api
---@field id string
---@field region string
---@field created number
---@field properties table       of AWS::ApiGatewayV2::Api
---@field definition engine.local.services.apigatewayv2.Definition
---@field stages table<string, table>       by name
---@field deployments table<string, table>  by id: { created, description?, definition }

local function memory_of(cloud)
  local memory = cloud:memory "apigatewayv2"
  if not memory.apis then
    memory.apis, memory.compiled = {}, {}
    for _, id in ipairs(cloud.state:list(FOLDER)) do
      local api = cloud.state:get(FOLDER .. "/" .. id)
      api.definition.models = api.definition.models or {} -- an earlier cloud acted out none
      memory.apis[id] = api
    end
  end
  return memory
end

--- The API of that id, whatever its region; nil when there is none.
---@return engine.local.services.apigatewayv2.Api?
function store.find(cloud, id)
  return memory_of(cloud).apis[id]
end

local function not_found(what, id)
  fault.raise("NotFoundException", ("Unable to find %s by ID %s"):format(what, tostring(id)), 404)
end

--- The API of that id in a region, or a fault.
---@return engine.local.services.apigatewayv2.Api
function store.get(cloud, region, id)
  local api = store.find(cloud, id)
  if not api or api.region ~= region then
    not_found("API", id)
  end
  return api
end

--- A part of an API, or a fault.
---@param parts table<string, table>
---@param what string  "Route"
---@return table
function store.part(parts, id, what)
  return parts[id] or not_found(what, id)
end

--- The APIs of a region, by their ids.
---@return engine.local.services.apigatewayv2.Api[]
function store.all(cloud, region)
  local list, all = {}, memory_of(cloud).apis
  for _, id in ipairs(order.keys(all)) do
    table.insert(list, all[id].region == region and all[id] or nil)
  end
  return list
end

--- An API without anything but itself.
---@return engine.local.services.apigatewayv2.Api
function store.new(id, region, properties)
  return {
    id = id,
    region = region,
    created = clock.now(),
    properties = properties,
    definition = {
      routes = {}, integrations = {}, authorizers = {}, models = {}, routeResponses = {},
      integrationResponses = {},
    },
    stages = {},
    deployments = {},
  }
end

--- Writes an API; what was worked out of it is so no longer.
function store.keep(cloud, api)
  local memory = memory_of(cloud)
  memory.apis[api.id], memory.compiled[api.id] = api, nil
  cloud.state:put(FOLDER .. "/" .. api.id, api)
end

--- Forgets an API.
function store.remove(cloud, id)
  local memory = memory_of(cloud)
  memory.apis[id], memory.compiled[id] = nil, nil
  cloud.state:remove(FOLDER .. "/" .. id)
end

--- What the API is now, in a copy.
---@return engine.local.services.apigatewayv2.Definition
function store.freeze(api)
  return twin.deep(api.definition)
end

--- What a stage serves: the API as it is, or as it was deployed; nil before that.
---@return engine.local.services.apigatewayv2.Definition?
function store.served(api, stage)
  if stage.AutoDeploy then
    return api.definition
  end
  local deployment = api.deployments[stage.DeploymentId or ""]
  return deployment and deployment.definition
end

--- What `make` works out of an API's stage, made once until the API changes.
---@generic T
---@param name string  of the stage
---@param make fun(): T
---@return T
function store.compiled(cloud, api, name, make)
  local compiled = memory_of(cloud).compiled
  compiled[api.id] = compiled[api.id] or {}
  local made = compiled[api.id][name]
  if not made then
    made = make()
    compiled[api.id][name] = made
  end
  return made
end

--- The host name that AWS would give the API.
---@return string
function store.domain(api)
  return ("%s.execute-api.%s.amazonaws.com"):format(api.id, api.region)
end

--- What stands before the stage in the ARNs of an API's requests.
---@return string
function store.execute_arn(cloud, api)
  return ("arn:aws:execute-api:%s:%s:%s"):format(api.region, cloud.account, api.id)
end

return store
