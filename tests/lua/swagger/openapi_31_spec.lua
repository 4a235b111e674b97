-- OpenAPI 3.1 in the words of 3.0: openapi_31.json is written as frameworks generate it.
local document_file = require "engine.swagger.document"
local json = require "host.json"
local process = require "engine.swagger.process"

local function processed()
  return process.run(document_file.read "tests/lua/swagger/openapi_31.json", "openapi_31.json")
end

local function schema_of(schema)
  local document = assert(json.decode(assert(json.encode {
    openapi = "3.1.0", info = { title = "t", version = "1" },
    paths = { ["/a"] = { get = json.object {} } },
    components = { schemas = { A = schema } },
  })))
  return process.run(document, "a.json").document.components.schemas.A
end

describe("a description in OpenAPI 3.1", function()
  it("is processed as one in 3.0", function()
    local result = processed()
    assert.equal("3.0.3", result.document.openapi)
    assert.is_nil(result.document.jsonSchemaDialect)
    assert.same({ title = "Cups", version = "1", license = { name = "MIT" } }, result.document.info)
    local found = {}
    for i, operation in ipairs(result.operations) do
      found[i] = ("%s %s: %s"):format(operation.verb, operation.path, operation.module)
    end
    assert.same({ "get /cups: cups", "post /cups: cups", "get /cups/{id}: cups" }, found)
  end)

  it("has the types of its parameters, also where null is among them", function()
    local types = {}
    for _, operation in ipairs(processed().operations) do
      for _, parameter in ipairs(operation.parameters) do
        types[parameter.name] = parameter.type
      end
    end
    assert.same({ after = "string", body = "object", id = "integer", kind = "string",
      limit = "integer" }, types)
  end)

  it("has the schemas of 3.0", function()
    local cup = processed().document.components.schemas.Cup
    assert.same({
      name = { type = "string", example = "green" },
      milk = { type = "boolean", nullable = true, default = json.null },
      size = { anyOf = { { type = "integer" }, { type = "string" } }, nullable = true },
      tags = { type = "array", items = {} },
      pair = { type = "array", items = {} },
      picture = { type = "string", format = "byte" },
      anything = {},
      nothing = { ["not"] = {} },
      heat = { type = "number", minimum = 5, maximum = 100, exclusiveMaximum = true },
      kind = { enum = { "tea" } },
    }, cup.properties)
    assert.same({ "name" }, cup.required)
  end)

  for what, row in pairs {
    ["null alone"] = { { type = "null" }, { enum = { json.null }, nullable = true } },
    ["a constant null"] = { { const = json.null }, { enum = { json.null }, nullable = true } },
    ["a reference with a default"] = {
      { ["$ref"] = "#/components/schemas/A/properties/b", default = 1,
        properties = { b = { type = "integer" } } },
      { allOf = { { ["$ref"] = "#/components/schemas/A/properties/b" } }, default = 1,
        properties = { b = { type = "integer" } } },
    },
    ["a choice in a choice"] = {
      { anyOf = { { anyOf = { { type = "string" }, { type = "null" } }, title = "b" },
        { type = "null" } }, title = "a" },
      { type = "string", nullable = true, title = "a" },
    },
    ["a choice that says what the schema says"] = {
      { type = "string", oneOf = { { type = "string", maxLength = 3 }, { type = "null" } } },
      { type = "string", nullable = true, allOf = { { type = "string", maxLength = 3 } } },
    },
    ["a list among several types"] = {
      { type = { "array", "string" }, items = { type = "string" } },
      { anyOf = { { type = "array", items = { type = "string" } }, { type = "string" } } },
    },
    ["bounds that leave each other out"] = {
      { type = "number", minimum = 0, exclusiveMinimum = 0, maximum = 7, exclusiveMaximum = 9 },
      { type = "number", minimum = 0, exclusiveMinimum = true, maximum = 7 },
    },
    ["bytes"] = {
      { contentMediaType = "application/octet-stream" }, { type = "string", format = "binary" },
    },
    ["nothing that is required"] = { { type = "object", required = json.array {} },
      { type = "object" } },
  } do
    it("lowers " .. what, function()
      assert.same(row[2], schema_of(row[1]))
    end)
  end

  it("tells what was left out", function()
    assert.same({
      "API Gateway reads OpenAPI 3.0, which has no word for patternProperties of"
        .. " components.schemas.Cup, prefixItems of components.schemas.Cup.properties.pair,"
        .. " unevaluatedProperties of components.schemas.Cup, webhooks of the document: left out",
    }, processed().warnings)
  end)

  it("is refused for what is wrong in 3.1, too", function()
    for rule, schema in pairs {
      ["is an unknown field (did you mean 'minimum'?)"] = { minimun = 1 },
      ["is not one that is accepted"] = { type = "text" },
      ["must have at least 1"] = { anyOf = json.array {} },
      ["must be a list, and is a string"] = {
        type = "string", allOf = "none", anyOf = { { type = "string" }, { type = "null" } },
      },
    } do
      local ok, raised = pcall(schema_of, schema)
      assert.is_false(ok)
      assert.equal("E220", raised.code)
      assert.equal(rule, raised.problems[1].rule)
      assert.matches("^components.schemas.A%.", raised.problems[1].place)
    end
  end)
end)
