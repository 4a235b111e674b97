--- The shapes of Swagger 2.0: which fields its objects have. What must be so across objects is in
--- the rules beside this file.
local both = require "engine.swagger.shapes_of_both"
local value_rules = require "engine.swagger.value_rules"

local COUNT <const> = both.count
local MEDIA <const> = {
  list = { pattern = "^[^%s/]+/[^%s/]+", wanted = "write a media type: application/json" },
}
local SCHEMES <const> = { list = { one_of = { "http", "https", "ws", "wss" } }, unique = true }
local URL <const> = both.url
local FORMATS <const> = { one_of = { "csv", "ssv", "tsv", "pipes" } }

-- What limits a value, wherever values are described.
local LIMITS <const> = {
  default = "any",
  enum = { list = "any", least = 1, unique = true },
  exclusiveMaximum = "boolean",
  exclusiveMinimum = "boolean",
  format = "string",
  maximum = "number",
  maxItems = COUNT,
  maxLength = COUNT,
  minimum = "number",
  minItems = COUNT,
  minLength = COUNT,
  multipleOf = "number",
  pattern = "string",
  uniqueItems = "boolean",
}

local function with_limits(fields)
  for name, rule in pairs(LIMITS) do
    fields[name] = fields[name] or rule
  end
  return fields
end

local PLAIN_TYPES <const> = { "string", "number", "boolean", "integer", "array" }

-- A parameter that is no body.
local function plain_parameter(types, formats, more)
  local fields = with_limits {
    name = "string",
    ["in"] = "string",
    description = "string",
    required = "boolean",
    type = { one_of = types },
    items = "items",
    collectionFormat = { one_of = formats },
  }
  for name, rule in pairs(more or {}) do
    fields[name] = rule
  end
  return { required = { "name", "in", "type" }, fields = fields, test = value_rules.check_plain }
end

local MULTI <const> = { "csv", "ssv", "tsv", "pipes", "multi" }
local EMPTY <const> = { allowEmptyValue = "boolean" }

local KIND_OF_PARAMETER <const> = {
  body = "body_parameter",
  formData = "form_parameter",
  header = "header_parameter",
  path = "path_parameter",
  query = "query_parameter",
}

local function choose_parameter(value, here, checker)
  local kind = KIND_OF_PARAMETER[value["in"]]
  if not kind then
    checker:add(here, "its 'in' says no place for a parameter",
      "write one of body, path, query (formData and header are Swagger's, and not served)")
  end
  return kind
end

local KIND_OF_SECURITY <const> = { basic = "basic_security", apiKey = "key_security" }

local FLOWS <const> = { accessCode = true, application = true, implicit = true, password = true }

local function choose_security(value, here, checker)
  local kind = KIND_OF_SECURITY[value.type]
  if value.type == "oauth2" and FLOWS[value.flow] then
    kind = value.flow .. "_security"
  end
  if not kind then
    checker:add(here, "its 'type' (and 'flow') is none of Swagger's",
      "write basic, apiKey or oauth2 with a flow: implicit, password, application, accessCode")
  end
  return kind
end

local function oauth(required, more)
  local fields = {
    type = "string",
    flow = "string",
    scopes = { map = "string", extensions = true },
    description = "string",
  }
  for _, name in ipairs(more) do
    fields[name] = URL
  end
  return { required = required, fields = fields }
end

local OPERATION <const> = "operation"

return {
  document = {
    required = { "swagger", "info", "paths" },
    fields = {
      swagger = { one_of = { "2.0" } },
      info = "info",
      host = { pattern = "^[^{}/ :\\]+:?%d*$", wanted = "write a host, without scheme and path" },
      basePath = { pattern = "^/", wanted = "begin it with '/'" },
      schemes = SCHEMES,
      consumes = MEDIA,
      produces = MEDIA,
      paths = both.paths,
      definitions = { map = "schema" },
      parameters = { map = "parameter" },
      responses = { map = "response" },
      securityDefinitions = { map = "security_definition" },
      security = { list = "security_requirement", unique = true },
      tags = { list = "tag", unique = true },
      externalDocs = "external_docs",
    },
  },
  info = both.info,
  contact = both.contact,
  license = both.license,
  tag = both.tag,
  external_docs = both.external_docs,

  path_item = {
    reference = "beside",
    fields = {
      ["$ref"] = "string",
      get = OPERATION,
      put = OPERATION,
      post = OPERATION,
      delete = OPERATION,
      options = OPERATION,
      head = OPERATION,
      patch = OPERATION,
      parameters = { list = "parameter", unique = true },
    },
  },
  operation = {
    required = { "responses" },
    fields = {
      tags = { list = "string", unique = true },
      summary = "string",
      description = "string",
      externalDocs = "external_docs",
      operationId = "string",
      consumes = MEDIA,
      produces = MEDIA,
      parameters = { list = "parameter", unique = true },
      responses = "responses",
      schemes = SCHEMES,
      deprecated = "boolean",
      security = { list = "security_requirement", unique = true },
    },
  },
  responses = {
    fields = setmetatable({ default = "response" }, {
      __index = function(_, name)
        return name:find "^%d%d%d$" and "response" or nil
      end,
    }),
    test = function(value, here, checker)
      for name in pairs(value) do
        if name == "default" or name:find "^%d%d%d$" then
          return
        end
      end
      checker:add(here, "has no response", "add one, such as \"200\"")
    end,
  },
  response = {
    reference = "only",
    required = { "description" },
    fields = {
      description = "string",
      schema = "response_schema",
      headers = { map = "header" },
      examples = "object",
    },
  },
  header = {
    required = { "type" },
    test = value_rules.check_plain,
    fields = with_limits {
      type = { one_of = PLAIN_TYPES },
      items = "items",
      collectionFormat = FORMATS,
      description = "string",
    },
  },
  items = {
    required = { "type" },
    test = value_rules.check_plain,
    fields = with_limits {
      type = { one_of = PLAIN_TYPES },
      items = "items",
      collectionFormat = FORMATS,
    },
  },

  parameter = { reference = "only", choose = choose_parameter },
  body_parameter = {
    required = { "name", "in", "schema" },
    fields = {
      name = "string",
      ["in"] = "string",
      description = "string",
      required = "boolean",
      schema = "schema",
    },
  },
  path_parameter = plain_parameter(PLAIN_TYPES, { "csv", "ssv", "tsv", "pipes" }),
  header_parameter = plain_parameter(PLAIN_TYPES, { "csv", "ssv", "tsv", "pipes" }),
  query_parameter = plain_parameter(PLAIN_TYPES, MULTI, EMPTY),
  form_parameter = plain_parameter({ "string", "number", "boolean", "integer", "array", "file" },
    MULTI, EMPTY),

  schema = {
    reference = "beside",
    test = value_rules.check_schema,
    fields = with_limits {
      ["$ref"] = "string",
      title = "string",
      description = "string",
      maxProperties = COUNT,
      minProperties = COUNT,
      required = { list = "string", least = 1, unique = true },
      type = {
        either = {
          string = {
            one_of = { "array", "boolean", "integer", "null", "number", "object", "string" },
          },
          list = {
            list = {
              one_of = { "array", "boolean", "integer", "null", "number", "object", "string" },
            },
            least = 1,
            unique = true,
          },
        },
        wanted = "write a type, or a list of types",
      },
      items = {
        either = { object = "schema", list = { list = "schema", least = 1 } },
        wanted = "write a schema",
      },
      allOf = { list = "schema", least = 1 },
      properties = { map = "schema" },
      additionalProperties = both.additional_properties,
      discriminator = "string",
      readOnly = "boolean",
      xml = "xml",
      externalDocs = "external_docs",
      example = "any",
    },
  },
  -- What is sent may also be a file.
  response_schema = {
    reference = "beside",
    wider = "schema",
    choose = function(value)
      return value.type == "file" and "file_schema" or "schema"
    end,
  },
  file_schema = {
    required = { "type" },
    fields = {
      type = "string",
      title = "string",
      description = "string",
      format = "string",
      default = "any",
      example = "any",
      required = { list = "string", least = 1, unique = true },
      readOnly = "boolean",
      externalDocs = "external_docs",
    },
  },
  xml = both.xml,

  security_requirement = { fields = setmetatable({}, {
    __index = function()
      return { list = "string", unique = true }
    end,
  }) },
  security_definition = { choose = choose_security },
  basic_security = { required = { "type" }, fields = { type = "string", description = "string" } },
  key_security = {
    required = { "type", "name", "in" },
    fields = {
      type = "string",
      name = "string",
      ["in"] = { one_of = { "header", "query" } },
      description = "string",
    },
  },
  implicit_security = oauth({ "type", "flow", "authorizationUrl" }, { "authorizationUrl" }),
  password_security = oauth({ "type", "flow", "tokenUrl" }, { "tokenUrl" }),
  application_security = oauth({ "type", "flow", "tokenUrl" }, { "tokenUrl" }),
  accessCode_security = oauth({ "type", "flow", "authorizationUrl", "tokenUrl" },
    { "authorizationUrl", "tokenUrl" }),
}
