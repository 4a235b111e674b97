--- The resource types that are a part of an API's definition each: models, validators, authorizers,
--- gateway responses. They differ in where they stand and in what is checked.
local naming = require "engine.local.naming"
local properties = require "engine.local.services.apigateway.properties"
local store = require "engine.local.services.apigateway.store"

local part_resource = {}

---@class engine.local.services.apigateway.Part
---@field where string          "models": of the definition
---@field replacement table<string, true|"conditionally">
---@field name_property? string
---@field key fun(part: table, id: string): string   what it is found by
---@field check? fun(part: table, job: engine.local.Job)  raises a fault for what AWS refuses
---@field attribute? string     the attribute that gives its id

--- The handler of such a type.
---@param facts engine.local.services.apigateway.Part
---@return engine.local.Resource
function part_resource.new(facts)
  local function put(job)
    local api = store.api(job.cloud, job.region, job.properties.RestApiId)
    local id = job.physical_id or naming.digest(job, 10):lower()
    local part = properties.small(job.properties, { RestApiId = true })
    part.id = part.id or id
    if facts.check then
      facts.check(part, job)
    end
    local key = facts.key(part, id)
    api.definition[facts.where][key] = part
    store.keep(job.cloud, "apis", api)
    return key, facts.attribute and { [facts.attribute] = key } or {}
  end

  return {
    replacement = facts.replacement,
    name_property = facts.name_property,
    create = put,
    update = put,
    delete = function(job)
      local api = store.find_api(job.cloud, job.properties.RestApiId)
      if api and api.definition[facts.where][job.physical_id] then
        api.definition[facts.where][job.physical_id] = nil
        store.keep(job.cloud, "apis", api)
      end
    end,
  }
end

return part_resource
