--- The deployment of an API: a snapshot, which a stage shows. Its id ends in a hash of all that it
--- shows, so that a change makes another one, and no change none. The hash is made last, of the
--- template as decorators and hooks have left it; until then the id is without it: "EchoApiDeployment".
local depends_on = require "engine.constructs.parts.depends_on"
local digest = require "host.digest"
local json = require "host.json"
local references = require "engine.generate.references"
local renaming = require "engine.generate.renaming"

local snapshot = {}

local HASH <const> = 12 -- digits

--- What tells which resources a deployment shows.
---@class engine.constructs.Shown
---@field api_id string    the API's logical id
---@field property string  that names a resource's API: "RestApiId"
---@field roles table<string, "last"|"before">  by type: what it waits for by its name, and what that
---  waits for

local function belongs(id, resource, wanted)
  local properties = type(resource.Properties) == "table" and resource.Properties or {}
  return id == wanted.api_id or references.of(properties[wanted.property])[wanted.api_id] ~= nil
end

-- All that is shown, by id, and the ids that are waited for, sorted. What a hook made of a template may
-- be anything: marshal says what is wrong with it.
local function collect(template, wanted)
  local shown, last = {}, {}
  for id, resource in pairs(template.Resources) do
    local role = type(resource) == "table" and type(id) == "string" and wanted.roles[resource.Type]
    if role and belongs(id, resource, wanted) then
      shown[id] = resource
      table.insert(last, role == "last" and id or nil)
    end
  end
  table.sort(last)
  return shown, last
end

-- One thing alone is hashed as it is: an API that is nothing but its description.
local function alone(things)
  local key, thing = next(things)
  return next(things, key) == nil and thing or things
end

-- The text that is hashed; nil when a value is no JSON.
local function text_of(template, shown)
  local parts = { alone(shown) }
  for _, definition in ipairs(references.definitions(template, shown)) do
    table.insert(parts, definition)
  end
  return json.encode(alone(parts))
end

--- Gives a deployment its name, and lets it wait for what it shows. One that a decorator or a hook took
--- away needs neither.
---@param template table
---@param model engine.Model
---@param id string  until now
---@param wanted engine.constructs.Shown
function snapshot.settle(template, model, id, wanted)
  if type(template.Resources[id]) ~= "table" then
    return
  end
  local shown, last = collect(template, wanted)
  depends_on.add(template.Resources[id], last)
  local text = text_of(template, shown)
  if text then -- else marshal says where it is
    renaming.resource(template, model, id, id .. digest.sha256(text):sub(1, HASH))
  end
end

return snapshot
