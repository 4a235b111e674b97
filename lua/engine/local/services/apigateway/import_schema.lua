--- The models of an imported document: its definitions by name, and one more for each schema that an
--- operation says in place.
local json = require "host.json"
local order = require "engine.order"
local shape = require "engine.local.import_shape"
local store = require "engine.local.services.apigateway.store"

local import_schema = {}

local function model_name(name)
  return (name:gsub("%W", ""))
end

local function put(run, name, schema)
  run.definition.models[name] = {
    id = store.id_of(run.api.id .. "/models/" .. name),
    name = name,
    contentType = "application/json",
    schema = assert(json.encode(schema)),
  }
  return name
end

--- Takes the document's definitions in.
---@param run engine.local.services.apigateway.Import
function import_schema.read(run)
  local body = run.body
  local components = shape.map(body.components, "components")
  local said = shape.map(body.definitions or components.schemas, "the schemas' object")
  for _, name in ipairs(order.keys(said)) do
    put(run, model_name(name), shape.map(said[name], "the schema " .. name))
  end
end

--- The name of the model that a schema in an operation is; nil when there is no schema.
---@param run engine.local.services.apigateway.Import
---@param place string  "POST /pets 200": names it when it has no name
---@param schema any
---@return string?
function import_schema.name_of(run, place, schema)
  if type(schema) ~= "table" then
    return nil
  end
  local reference = schema["$ref"]
  local name = type(reference) == "string" and (reference:match "^#/definitions/(.+)$"
    or reference:match "^#/components/schemas/(.+)$")
  if name then
    return model_name(name)
  end
  return put(run, "MODEL" .. store.id_of(place):sub(1, 6), schema)
end

return import_schema
