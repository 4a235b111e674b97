--- The resource types that are a part of a REST API's definition each: models, validators, authorizers,
--- gateway responses.
local part_resource = require "engine.local.part_resource"
local properties = require "engine.local.services.apigateway.properties"
local store = require "engine.local.services.apigateway.store"

local NOT_OWN <const> = { RestApiId = true }

return part_resource.of {
  find = function(job)
    return store.find_api(job.cloud, job.properties.RestApiId)
  end,
  get = function(job)
    return store.api(job.cloud, job.region, job.properties.RestApiId)
  end,
  keep = function(cloud, api)
    store.keep(cloud, "apis", api)
  end,
  part = function(given, id)
    local part = properties.small(given, NOT_OWN)
    part.id = part.id or id
    return part
  end,
  id_length = 10,
}
