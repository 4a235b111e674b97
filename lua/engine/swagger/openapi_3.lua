--- OpenAPI 3.0: where it keeps what processing reads and adds.
local json = require "host.json"
local order = require "engine.order"
local path_rules = require "engine.swagger.path_rules"
local place = require "engine.swagger.place"
local reference = require "engine.swagger.reference"
local schema_type = require "engine.swagger.schema_type"

local openapi_3 = {}

openapi_3.shapes = require "engine.swagger.shapes_3"
openapi_3.DEFINITIONS = { "components", "schemas" }
openapi_3.JOINED = '"explode": false'

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

-- JSON may be said with parameters, or be one of many: "application/json; charset=utf-8", "*/*".
local function is_json(media)
  local bare = media:lower():match "^%s*([^;%s]*)"
  return bare == JSON_MEDIA or bare == "application/*" or bare == "*/*"
end

-- What of a content is JSON: its media object, nil when nothing is.
local function json_of(content)
  for _, media in ipairs(order.keys(content)) do
    if is_json(media) then
      return content[media]
    end
  end
end

-- The schema of a parameter, and whether it is sent as JSON: a content has one medium.
local function value_schema(value)
  if value.schema ~= nil or type(value.content) ~= "table" then
    return value.schema, false
  end
  local name = order.keys(value.content)[1]
  local media = name and value.content[name]
  return type(media) == "table" and media.schema or nil, name ~= nil and is_json(name)
end

local function separator(value)
  local styles = { spaceDelimited = " ", pipeDelimited = "|" }
  return styles[value.style] or ","
end

-- Whether the items of a list, or the properties of an object, are sent by names of their own: in a
-- query they are, unless it is said otherwise.
local function is_exploded(value)
  return value["in"] == "query" and value.content == nil and value.explode ~= false
    and (value.style or "form") == "form"
end

local function of_value(document, entry)
  local value = entry.value
  local written, sent_as_json = value_schema(value)
  local schema = reference.follow(document, written) or {}
  local kind, teller = schema_type.of(document, written)
  local default = schema.default
  if default == json.null then
    default = nil
  end
  return {
    name = value.name,
    location = value["in"],
    type = kind or not sent_as_json and "string" or nil,
    default = default,
    required = value.required == true,
    items = teller and schema_type.of(document, teller.items),
    separator = separator(value),
    style = value.style,
    is_json = sent_as_json,
    schema = sent_as_json and written or nil,
    is_exploded = is_exploded(value),
    here = entry.here,
  }
end

local function of_body(document, operation, here)
  local body = reference.follow(document, operation.requestBody)
  local media = json_of(body.content)
  local written = type(media) == "table" and media.schema or nil
  return {
    name = type(body["x-body-name"]) == "string" and body["x-body-name"] or BODY,
    location = "body",
    type = (schema_type.of(document, written)),
    required = body.required == true,
    schema = written,
    media = not media and order.keys(body.content) or nil,
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
