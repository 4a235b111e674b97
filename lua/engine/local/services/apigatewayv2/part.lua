--- The resource types that are a part of an HTTP or a WebSocket API's definition each: routes,
--- integrations, authorizers, responses.
local own_properties = require "engine.local.services.apigatewayv2.own_properties"
local part_resource = require "engine.local.part_resource"
local store = require "engine.local.services.apigatewayv2.store"

return part_resource.of {
  find = function(job)
    return store.find(job.cloud, job.properties.ApiId)
  end,
  get = function(job)
    return store.get(job.cloud, job.region, job.properties.ApiId)
  end,
  keep = store.keep,
  part = own_properties,
  id_length = 7,
}
