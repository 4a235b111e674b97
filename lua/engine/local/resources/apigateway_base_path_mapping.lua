--- AWS::ApiGateway::BasePathMapping: the API that answers at a base path of a domain.
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local store = require "engine.local.services.apigateway.store"

local base_path_mapping = { replacement = { BasePath = true, DomainName = true } }

local function base_of(properties)
  local base = properties.BasePath or ""
  return base == "(none)" and "" or base
end

local function put(job)
  local given = job.properties
  local domain = store.find(job.cloud, "domains", tostring(given.DomainName):lower())
  if not domain then
    fault.raise("NotFoundException", "Invalid domain name identifier specified", 404)
  end
  local api = store.api(job.cloud, job.region, given.RestApiId)
  if given.Stage then
    store.part(api.stages, given.Stage, "stage")
  end
  domain.mappings[base_of(given)] = { api_id = api.id, stage = given.Stage }
  store.keep(job.cloud, "domains", domain)
  return job.physical_id or naming.digest(job, 10):lower(), {}
end

base_path_mapping.create = put
base_path_mapping.update = put

function base_path_mapping.delete(job)
  local domain = store.find(job.cloud, "domains", tostring(job.properties.DomainName):lower())
  if domain then
    domain.mappings[base_of(job.properties)] = nil
    store.keep(job.cloud, "domains", domain)
  end
end

return base_path_mapping
