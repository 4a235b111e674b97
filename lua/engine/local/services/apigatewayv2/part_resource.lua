--- The resource types that are a part of an API's definition each: routes, integrations, authorizers,
--- responses. They differ in where they stand and in what is checked.
local naming = require "engine.local.naming"
local store = require "engine.local.services.apigatewayv2.store"

local part_resource = {}

---@class engine.local.services.apigatewayv2.Part
---@field where string        "routes": of the definition
---@field attribute? string   that gives its id: "RouteId"
---@field replacement table<string, true|"conditionally">
---@field check? fun(properties: table, api: engine.local.services.apigatewayv2.Api, id: string)
---  raises a fault for what AWS refuses

--- Properties without the API that they are a part of.
---@param properties table
---@return table
function part_resource.own(properties)
  local own = {}
  for name, value in pairs(properties) do
    own[name] = name ~= "ApiId" and value or nil
  end
  return own
end

--- The handler of such a type.
---@param facts engine.local.services.apigatewayv2.Part
---@return engine.local.Resource
function part_resource.new(facts)
  local function put(job)
    local api = store.get(job.cloud, job.region, job.properties.ApiId)
    local id = job.physical_id or naming.digest(job, 7):lower()
    local own = part_resource.own(job.properties)
    if facts.check then
      facts.check(own, api, id)
    end
    api.definition[facts.where][id] = own
    store.keep(job.cloud, api)
    return id, facts.attribute and { [facts.attribute] = id } or {}
  end

  return {
    replacement = facts.replacement,
    create = put,
    update = put,
    delete = function(job)
      local api = store.find(job.cloud, job.properties.ApiId)
      if api and api.definition[facts.where][job.physical_id] then
        api.definition[facts.where][job.physical_id] = nil
        store.keep(job.cloud, api)
      end
    end,
  }
end

return part_resource
