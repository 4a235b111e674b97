--- AWS::ApiGatewayV2::ApiMapping: the API that answers at a path of a domain, whichever version of API
--- Gateway either is of.
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local rest_store = require "engine.local.services.apigateway.store"
local store = require "engine.local.services.apigatewayv2.store"

local api_mapping = { replacement = { DomainName = true } }

local function find_domain(job)
  return rest_store.find(job.cloud, "domains", tostring(job.properties.DomainName):lower())
end

-- The API's stages, of either version.
local function stages_of(job)
  local id = job.properties.ApiId
  local api = rest_store.find_api(job.cloud, id)
  return (api or store.get(job.cloud, job.region, id)).stages
end

-- Takes away the path that the mapping had before, and no other's.
local function forget(domain, properties)
  local key = properties and properties.ApiMappingKey or ""
  local mapping = domain.mappings[key]
  if mapping and mapping.api_id == properties.ApiId then
    domain.mappings[key] = nil
  end
end

local function put(job)
  local given, domain = job.properties, find_domain(job)
  if not domain then
    fault.raise("NotFoundException", "Invalid domain name identifier specified", 404)
  end
  store.part(stages_of(job), given.Stage, "Stage")
  if job.previous then
    forget(domain, job.previous)
  end
  domain.mappings[given.ApiMappingKey or ""] = { api_id = given.ApiId, stage = given.Stage }
  rest_store.keep(job.cloud, "domains", domain)
  local id = job.physical_id or naming.digest(job, 6):lower()
  return id, { ApiMappingId = id }
end

api_mapping.create = put
api_mapping.update = put

function api_mapping.delete(job)
  local domain = find_domain(job)
  if domain then
    forget(domain, job.properties)
    rest_store.keep(job.cloud, "domains", domain)
  end
end

return api_mapping
