--- The deployment of an API: a snapshot, which a stage shows. Its id ends in a hash of all that it
--- shows, so that a change makes another one, and no change none. The hash is made last, of the
--- template as decorators have left it; until then the id is without it: "EchoApiDeployment".
local digest = require "host.digest"
local json = require "host.json"
local order = require "engine.order"
local renaming = require "engine.generate.renaming"

local snapshot = {}

local HASH <const> = 12 -- digits

local function belongs(id, resource, api_id, property)
  local api = type(resource.Properties) == "table" and resource.Properties[property]
  return id == api_id or type(api) == "table" and api.Ref == api_id
end

--- All that an API's deployment shows, and the ids that it waits for, sorted.
---@param template table
---@param api_id string
---@param property string  that names a resource's API: "RestApiId"
---@param roles table<string, "last"|"before">  by type: what it waits for by its name, and what that
---  waits for
---@return table<string, table> shown
---@return string[] last
function snapshot.of(template, api_id, property, roles)
  local shown, last = {}, {}
  for _, id in ipairs(order.keys(template.Resources)) do
    local resource = template.Resources[id]
    local role = type(resource) == "table" and roles[resource.Type]
    if role and belongs(id, resource, api_id, property) then
      shown[id] = resource
      if role == "last" then
        table.insert(last, id)
      end
    end
  end
  return shown, last
end

--- Gives a deployment its name. One that a decorator took away needs none.
---@param template table
---@param model engine.Model
---@param from string  the id until now
---@param shown any    all that it shows
function snapshot.name(template, model, from, shown)
  local text = type(template.Resources[from]) == "table" and json.encode(shown)
  if text then -- else a decorator's value is no JSON: marshal says where it is
    renaming.resource(template, model, from, from .. digest.sha256(text):sub(1, HASH))
  end
end

--- Lets a deployment wait for those; what a decorator said of that stands.
---@param template table
---@param id string
---@param last string[]
function snapshot.wait(template, id, last)
  local resource = template.Resources[id]
  if type(resource) == "table" then
    resource.DependsOn = resource.DependsOn or last
  end
end

return snapshot
