--- Resource types each of which is a part of the definition that another resource has: an API's models,
--- its routes, its authorizers. They differ in where they stand and in what is checked.
local naming = require "engine.local.naming"

local part_resource = {}

--- What all parts of one kind of whole have alike.
---@class engine.local.Whole
---@field find fun(job: engine.local.Job): table?  the whole, which has a `definition`; nil when it is gone
---@field get fun(job: engine.local.Job): table    the same, or a fault
---@field keep fun(cloud: engine.local.Cloud, whole: table)
---@field part fun(properties: table, id: string): table  how the definition says a part
---@field id_length integer

---@class engine.local.Part
---@field where string          "models": of the definition
---@field replacement table<string, true|"conditionally">
---@field name_property? string
---@field attribute? string     the attribute that gives what it is found by: "RouteId"
---@field key? fun(part: table): string  what it is found by; default: its id
---@field check? fun(part: table, job: engine.local.Job, whole: table, id: string)
---  raises a fault for what AWS refuses, and completes the part

local function put(whole_kind, facts, job)
  local whole = whole_kind.get(job)
  local id = job.physical_id or naming.digest(job, whole_kind.id_length):lower()
  local part = whole_kind.part(job.properties, id)
  if facts.check then
    facts.check(part, job, whole, id)
  end
  local key = facts.key and facts.key(part) or id
  whole.definition[facts.where][key] = part
  whole_kind.keep(job.cloud, whole)
  return key, facts.attribute and { [facts.attribute] = key } or {}
end

local function remove(whole_kind, facts, job)
  local whole = whole_kind.find(job)
  local parts = whole and whole.definition[facts.where]
  if parts and parts[job.physical_id] then
    parts[job.physical_id] = nil
    whole_kind.keep(job.cloud, whole)
  end
end

--- What makes the handlers of such types.
---@param whole_kind engine.local.Whole
---@return fun(facts: engine.local.Part): engine.local.Resource
function part_resource.of(whole_kind)
  return function(facts)
    local function create_or_update(job)
      return put(whole_kind, facts, job)
    end
    return {
      replacement = facts.replacement,
      name_property = facts.name_property,
      create = create_or_update,
      update = create_or_update,
      delete = function(job)
        remove(whole_kind, facts, job)
      end,
    }
  end
end

return part_resource
