--- AWS::ApiGateway::ApiKey.
local clock = require "host.clock"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local properties = require "engine.local.services.apigateway.properties"
local resource_tags = require "engine.local.resource_tags"
local store = require "engine.local.services.apigateway.store"

local api_key = {
  replacement = { GenerateDistinctId = true, Name = true, Value = true },
  name_property = "Name",
  taggable = true,
}

local SHORTEST <const>, LONGEST <const> = 20, 128

local function check_value(cloud, key)
  if type(key.value) ~= "string" or #key.value < SHORTEST or #key.value > LONGEST then
    fault.raise("BadRequestException",
      ("API Key value should be at least %d characters"):format(SHORTEST))
  end
  for _, other in ipairs(store.all(cloud, "keys", key.region)) do
    if other.value == key.value and other.id ~= key.id then
      fault.raise("ConflictException", "API Key already exists", 409)
    end
  end
end

local function put(job)
  local id = job.physical_id or naming.digest(job, 10):lower()
  local old = store.find(job.cloud, "keys", id)
  local key = properties.small(job.properties, { StageKeys = true, Tags = true })
  key.id, key.region = id, job.region
  key.name = key.name or naming.physical(job, 64)
  key.enabled = key.enabled or false
  key.value = key.value or old and old.value or digest.to_hex(digest.random(20))
  key.lastUpdatedDate = clock.now() // 1
  key.createdDate = old and old.createdDate or key.lastUpdatedDate
  key.tags = resource_tags.map(job)
  check_value(job.cloud, key)
  store.keep(job.cloud, "keys", key)
  return id, { APIKeyId = id }
end

api_key.create = put
api_key.update = put

function api_key.delete(job)
  store.remove(job.cloud, "keys", job.physical_id)
end

return api_key
