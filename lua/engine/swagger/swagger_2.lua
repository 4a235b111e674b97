--- Swagger 2.0: where it keeps what processing reads and adds.
local json = require "host.json"
local path_rules = require "engine.swagger.path_rules"
local reference = require "engine.swagger.reference"
local schema_type = require "engine.swagger.schema_type"

local swagger_2 = {}

swagger_2.shapes = require "engine.swagger.shapes_2"
swagger_2.DEFINITIONS = { "definitions" }
swagger_2.JOINED = '"collectionFormat": "csv"'

function swagger_2.definitions(document)
  return document.definitions
end

function swagger_2.security_definitions(document)
  return document.securityDefinitions
end

function swagger_2.define_schema(document, name, schema)
  document.definitions = document.definitions or {}
  document.definitions[name] = document.definitions[name] or schema
end

function swagger_2.define_security(document, name, scheme)
  document.securityDefinitions = document.securityDefinitions or {}
  document.securityDefinitions[name] = document.securityDefinitions[name] or scheme
end

local SEPARATORS <const> = { csv = ",", ssv = " ", tsv = "\t", pipes = "|" }

function swagger_2.parameters(document, operation, item, here)
  local list = {}
  for i, entry in ipairs(path_rules.effective(document, operation, item, here)) do
    local value = entry.value
    local is_body = value["in"] == "body"
    list[i] = {
      name = value.name,
      location = value["in"],
      type = value.type,
      default = value.default ~= json.null and value.default or nil,
      required = value.required == true,
      items = type(value.items) == "table" and value.items.type or nil,
      separator = SEPARATORS[value.collectionFormat or "csv"],
      is_exploded = value.collectionFormat == "multi",
      here = entry.here,
    }
    if is_body then
      list[i].type, list[i].schema = schema_type.of(document, value.schema), value.schema
    end
    if value.default == false then
      list[i].default = false
    end
  end
  return list
end

function swagger_2.response(description, schema)
  return { description = description, schema = { ["$ref"] = "#/definitions/" .. schema } }
end

function swagger_2.result_schema(document, operation)
  local response = reference.follow(document, operation.responses["200"])
  return type(response) == "table" and response.schema or nil
end

function swagger_2.header()
  return { type = "string" }
end

function swagger_2.path_parameter(name)
  return { name = name, ["in"] = "path", required = true, type = "string" }
end

return swagger_2
