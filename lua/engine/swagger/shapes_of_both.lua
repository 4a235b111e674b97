--- What Swagger 2.0 and OpenAPI 3.0 have alike: see shapes_2.lua and shapes_3.lua.
local URL <const> = { pattern = "^%S*$", wanted = "write a URL" }

return {
  count = { type = "integer", least = 0 },
  url = URL,
  paths = {
    map = "path_item",
    keys = "^/",
    extensions = true,
    wanted = "begin a path with '/'",
  },
  additional_properties = {
    either = { object = "schema", boolean = "boolean" },
    wanted = "write a schema, true or false",
  },

  info = {
    required = { "title", "version" },
    fields = {
      title = "string",
      version = "string",
      description = "string",
      termsOfService = "string",
      contact = "contact",
      license = "license",
    },
  },
  contact = { fields = { name = "string", url = URL, email = "string" } },
  license = { required = { "name" }, fields = { name = "string", url = URL } },
  tag = {
    required = { "name" },
    fields = { name = "string", description = "string", externalDocs = "external_docs" },
  },
  external_docs = { required = { "url" }, fields = { url = URL, description = "string" } },
  xml = {
    fields = {
      name = "string",
      namespace = URL,
      prefix = "string",
      attribute = "boolean",
      wrapped = "boolean",
    },
  },
}
