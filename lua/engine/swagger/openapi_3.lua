--- OpenAPI 3.0: where it keeps what processing reads and adds.
local json = require "host.json"
local path_rules = require "engine.swagger.path_rules"
local place = require "engine.swagger.place"
local reference = require "engine.swagger.reference"

local openapi_3 = {}

openapi_3.shapes = require "engine.swagger.shapes_3"
openapi_3.DEFINITIONS = { "components", "schemas" }

local JSON_MEDIA <const> = "application/json"
local BODY <const> = "body" -- what a body is called where nothing names it

local function components(document)
  document.components = document.components or {}
  return document.components
end

function openapi_3.definitions(document)
  local own = document.components
  return type(own) == "table" and own.schemas or nil
end

function openapi_3.security_definitions(document)
  local own = document.components
  return type(own) == "table" and own.securitySchemes or nil
end

function openapi_3.define_schema(document, name, schema)
  local own = components(document)
  own.schemas = own.schemas or {}
  own.schemas[name] = own.schemas[name] or schema
end

function openapi_3.define_security(document, name, scheme)
  local own = components(document)
  own.securitySchemes = own.securitySchemes or {}
  own.securitySchemes[name] = own.securitySchemes[name] or scheme
end

local function schema_of(document, holder)
  local schema = holder.schema
  if schema == nil and type(holder.content) == "table" then
    local media = holder.content[JSON_MEDIA] or select(2, next(holder.content))
    schema = type(media) == "table" and media.schema or nil
  end
  local value = schema and reference.follow(document, schema)
  return type(value) == "table" and value or {}, schema
end

local function separator(value)
  local styles = { spaceDelimited = " ", pipeDelimited = "|" }
  return styles[value.style] or ","
end

local function of_value(document, entry)
  local value = entry.value
  local schema = schema_of(document, value)
  local items = type(schema.items) == "table" and reference.follow(document, schema.items) or {}
  local default = schema.default
  if default == json.null then
    default = nil
  end
  return {
    name = value.name,
    location = value["in"],
    type = schema.type or "string",
    default = default,
    required = value.required == true,
    items = items.type,
    separator = separator(value),
    here = entry.here,
  }
end

local function of_body(document, operation, here)
  local body = reference.follow(document, operation.requestBody)
  local schema, written = schema_of(document, body)
  return {
    name = type(body["x-body-name"]) == "string" and body["x-body-name"] or BODY,
    location = "body",
    type = schema.type,
    required = body.required == true,
    schema = written,
    here = place.below(here, "requestBody"),
  }
end

function openapi_3.parameters(document, operation, item, here)
  local list = {}
  for i, entry in ipairs(path_rules.effective(document, operation, item, here)) do
    list[i] = of_value(document, entry)
  end
  if operation.requestBody ~= nil then
    table.insert(list, of_body(document, operation, here))
  end
  return list
end

function openapi_3.response(description, schema)
  local body = { schema = { ["$ref"] = "#/components/schemas/" .. schema } }
  return { description = description, content = { [JSON_MEDIA] = body } }
end

function openapi_3.result_schema(document, operation)
  local response = reference.follow(document, operation.responses["200"])
  local media = type(response) == "table" and response.content and response.content[JSON_MEDIA]
  return media and media.schema or nil
end

function openapi_3.header()
  return { schema = { type = "string" } }
end

function openapi_3.path_parameter(name)
  return { name = name, ["in"] = "path", required = true, schema = { type = "string" } }
end

return openapi_3
