--- AWS::ApiGateway::RestApi, with what its Body (Swagger 2.0 or OpenAPI 3.0) says.
local api_definition = require "engine.local.api_definition"
local fault = require "engine.local.fault"
local import = require "engine.local.services.apigateway.import"
local json = require "host.json"
local naming = require "engine.local.naming"
local properties = require "engine.local.services.apigateway.properties"
local resource_policy = require "engine.local.services.apigateway.resource_policy"
local resource_tags = require "engine.local.resource_tags"
local store = require "engine.local.services.apigateway.store"

local rest_api = { replacement = {}, taggable = true }

local MOST_COMPRESSION <const> = 10485760

-- From how many bytes on answers are packed. What was said and is not said any more is forgotten.
local function compression_of(given, body, definition)
  local said = given.MinimumCompressionSize
  local least = math.tointeger(tonumber(said))
  if said ~= nil and not (least and least >= 0 and least <= MOST_COMPRESSION) then
    fault.raise("BadRequestException",
      ("Invalid minimum compression size, must be between 0 and %d"):format(MOST_COMPRESSION))
  end
  return least or body and definition.minimumCompressionSize or nil
end

-- What the properties say; what they leave out a Body may say.
local function apply(job, api)
  local given = job.properties
  local body = api_definition.read(job)
  if not (body and given.Mode == "merge") then
    api.policy = nil
  end
  if body then
    import.apply(api, body, given.Mode == "merge")
  end
  local definition = api.definition -- the Body's, where there is one
  api.name = given.Name or api.name
  if type(api.name) ~= "string" or api.name == "" then
    fault.raise("BadRequestException", "The API's name is missing: Name or the Body's info.title")
  end
  api.description = given.Description or api.description
  definition.binaryMediaTypes = given.BinaryMediaTypes or definition.binaryMediaTypes
  definition.apiKeySource = given.ApiKeySourceType or definition.apiKeySource
  api.disableExecuteApiEndpoint = properties.is_true(given.DisableExecuteApiEndpoint)
  api.endpointConfiguration = {
    types = (given.EndpointConfiguration or {}).Types or json.array { "EDGE" },
  }
  definition.minimumCompressionSize = compression_of(given, body, definition)
  api.policy = given.Policy or api.policy
  definition.policy = resource_policy.read(api.policy)
  api.tags = resource_tags.map(job)
  store.keep(job.cloud, "apis", api)
  return api.id, { RestApiId = api.id, RootResourceId = api.rootResourceId }
end

function rest_api.create(job)
  return apply(job, store.new_api { id = naming.digest(job, 10):lower(), region = job.region })
end

function rest_api.update(job)
  return apply(job, store.api(job.cloud, job.region, job.physical_id))
end

function rest_api.delete(job)
  store.remove(job.cloud, "apis", job.physical_id)
end

return rest_api
