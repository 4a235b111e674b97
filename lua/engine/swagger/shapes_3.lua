--- The shapes of OpenAPI 3.0: which fields its objects have.
local both = require "engine.swagger.shapes_of_both"
local value_rules = require "engine.swagger.value_rules"

local COUNT <const> = both.count
local URL <const> = both.url
local NAME <const> = "^[%w._-]+$"
local NAME_WANTED <const> = "write letters, digits, '.', '_' and '-'"
local OPERATION <const> = "operation"

local function named(rule)
  return { map = rule, keys = NAME, wanted = NAME_WANTED, extensions = true }
end

-- What parameters and headers share.
local function described_value(more)
  local fields = {
    description = "string",
    required = "boolean",
    deprecated = "boolean",
    allowEmptyValue = "boolean",
    style = "string",
    explode = "boolean",
    allowReserved = "boolean",
    schema = "schema",
    content = { map = "media_type" },
    example = "any",
    examples = { map = "example" },
  }
  for name, rule in pairs(more) do
    fields[name] = rule
  end
  return fields
end

local function one_of_schema_and_content(value, here, checker)
  if (value.schema == nil) == (value.content == nil) then
    checker:add(here, "must have a schema or a content, one of the two", "add or take out one")
  end
end

local KIND_OF_SECURITY <const> = {
  apiKey = "key_security",
  http = "http_security",
  oauth2 = "oauth_security",
  openIdConnect = "connect_security",
}

local function flow(required)
  return {
    required = required,
    fields = {
      authorizationUrl = URL,
      tokenUrl = URL,
      refreshUrl = URL,
      scopes = { map = "string" },
    },
  }
end

return {
  document = {
    required = { "openapi", "info", "paths" },
    fields = {
      openapi = { pattern = "^3%.0%.%d+$", wanted = "write 3.0.3, or 3.1.0" },
      info = "info",
      servers = { list = "server" },
      paths = both.paths,
      components = "components",
      security = { list = "security_requirement" },
      tags = { list = "tag", unique = true },
      externalDocs = "external_docs",
    },
  },
  info = both.info,
  contact = both.contact,
  license = both.license,
  server = {
    required = { "url" },
    fields = { url = "string", description = "string", variables = { map = "server_variable" } },
  },
  server_variable = {
    required = { "default" },
    fields = { default = "string", description = "string", enum = { list = "string" } },
  },
  tag = both.tag,
  external_docs = both.external_docs,
  components = {
    fields = {
      schemas = named "schema",
      responses = named "response",
      parameters = named "parameter",
      examples = named "example",
      requestBodies = named "request_body",
      headers = named "header",
      securitySchemes = named "security_definition",
      links = named "link",
      callbacks = named "object",
    },
  },

  path_item = {
    reference = "beside",
    fields = {
      ["$ref"] = "string",
      summary = "string",
      description = "string",
      get = OPERATION,
      put = OPERATION,
      post = OPERATION,
      delete = OPERATION,
      options = OPERATION,
      head = OPERATION,
      patch = OPERATION,
      trace = OPERATION,
      servers = { list = "server" },
      parameters = { list = "parameter", unique = true },
    },
  },
  operation = {
    required = { "responses" },
    fields = {
      tags = { list = "string" },
      summary = "string",
      description = "string",
      externalDocs = "external_docs",
      operationId = "string",
      parameters = { list = "parameter", unique = true },
      requestBody = "request_body",
      responses = "responses",
      callbacks = "object",
      deprecated = "boolean",
      security = { list = "security_requirement" },
      servers = { list = "server" },
    },
  },
  request_body = {
    reference = "only",
    required = { "content" },
    fields = { description = "string", content = { map = "media_type" }, required = "boolean" },
  },
  media_type = {
    fields = {
      schema = "schema",
      example = "any",
      examples = { map = "example" },
      encoding = "object",
    },
  },
  example = {
    reference = "only",
    fields = {
      summary = "string",
      description = "string",
      value = "any",
      externalValue = "string",
    },
  },
  link = {
    reference = "only",
    fields = {
      operationRef = "string",
      operationId = "string",
      parameters = "object",
      requestBody = "any",
      description = "string",
      server = "server",
    },
  },
  responses = {
    fields = setmetatable({ default = "response" }, {
      __index = function(_, name)
        return name:find "^[1-5][%dX][%dX]$" and "response" or nil
      end,
    }),
    test = function(value, here, checker)
      if next(value) == nil then
        checker:add(here, "has no response", "add one, such as \"200\"")
      end
    end,
  },
  response = {
    reference = "only",
    required = { "description" },
    fields = {
      description = "string",
      headers = { map = "header" },
      content = { map = "media_type" },
      links = { map = "link" },
    },
  },
  header = {
    reference = "only",
    fields = described_value {},
    test = one_of_schema_and_content,
  },
  parameter = {
    reference = "only",
    required = { "name", "in" },
    fields = described_value {
      name = "string",
      ["in"] = { one_of = { "query", "header", "path", "cookie" } },
    },
    test = one_of_schema_and_content,
  },

  schema = {
    reference = "beside",
    test = value_rules.check_schema,
    fields = {
      ["$ref"] = "string",
      title = "string",
      description = "string",
      default = "any",
      enum = { list = "any", least = 1 },
      format = "string",
      multipleOf = "number",
      maximum = "number",
      exclusiveMaximum = "boolean",
      minimum = "number",
      exclusiveMinimum = "boolean",
      maxLength = COUNT,
      minLength = COUNT,
      pattern = "string",
      maxItems = COUNT,
      minItems = COUNT,
      uniqueItems = "boolean",
      maxProperties = COUNT,
      minProperties = COUNT,
      required = { list = "string", least = 1, unique = true },
      type = { one_of = { "array", "boolean", "integer", "number", "object", "string" } },
      items = "schema",
      allOf = { list = "schema", least = 1 },
      oneOf = { list = "schema", least = 1 },
      anyOf = { list = "schema", least = 1 },
      ["not"] = "schema",
      properties = { map = "schema" },
      additionalProperties = both.additional_properties,
      nullable = "boolean",
      discriminator = "discriminator",
      readOnly = "boolean",
      writeOnly = "boolean",
      deprecated = "boolean",
      xml = "xml",
      externalDocs = "external_docs",
      example = "any",
    },
  },
  discriminator = {
    required = { "propertyName" },
    fields = { propertyName = "string", mapping = { map = "string" } },
  },
  xml = both.xml,

  security_requirement = { fields = setmetatable({}, {
    __index = function()
      return { list = "string" }
    end,
  }) },
  security_definition = {
    reference = "only",
    choose = function(value, here, checker)
      local kind = KIND_OF_SECURITY[value.type]
      if not kind then
        checker:add(here, "its 'type' is none of OpenAPI's",
          "write one of apiKey, http, oauth2, openIdConnect")
      end
      return kind
    end,
  },
  key_security = {
    required = { "type", "name", "in" },
    fields = {
      type = "string",
      name = "string",
      ["in"] = { one_of = { "header", "query", "cookie" } },
      description = "string",
    },
  },
  http_security = {
    required = { "type", "scheme" },
    fields = {
      type = "string",
      scheme = "string",
      bearerFormat = "string",
      description = "string",
    },
  },
  connect_security = {
    required = { "type", "openIdConnectUrl" },
    fields = { type = "string", openIdConnectUrl = URL, description = "string" },
  },
  oauth_security = {
    required = { "type", "flows" },
    fields = { type = "string", flows = "flows", description = "string" },
  },
  flows = {
    fields = {
      implicit = "implicit_flow",
      password = "token_flow",
      clientCredentials = "token_flow",
      authorizationCode = "code_flow",
    },
  },
  implicit_flow = flow { "authorizationUrl", "scopes" },
  token_flow = flow { "tokenUrl", "scopes" },
  code_flow = flow { "authorizationUrl", "tokenUrl", "scopes" },
}
