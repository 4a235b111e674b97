-- What is wrong with a description: each rule by an example, its place, and what hostile documents get.
local described = dofile "tests/lua/swagger/described.lua"
local document_file = require "engine.swagger.document"
local json = require "host.json"
local validate = require "engine.swagger.validate"

local document, in_path, in_query, operation = described.document, described.in_path,
  described.in_query, described.operation

local function problems(value)
  local list = {}
  for i, entry in ipairs(validate.problems(value).list) do
    assert.truthy(#entry.remedy > 0)
    list[i] = entry.place .. ": " .. entry.rule
  end
  return list
end

local function get(parameters, more)
  return { ["/a"] = { get = operation(parameters, more) } }
end

-- The first problem of a document → the document's paths and further fields.
local REFUSED = {
  ["info: the field 'version' is missing"] = { {}, { info = { title = "x" } } },
  ["info.titel: is an unknown field (did you mean 'title'?)"] = {
    {}, { info = { title = "x", version = "1", titel = "x" } },
  },
  ["swagger: is not one that is accepted"] = { {}, { swagger = "1.2" } },
  ["host: is not well formed"] = { {}, { host = "http://x" } },
  ["basePath: is not well formed"] = { {}, { basePath = "v1" } },
  ["schemes[1]: is not one that is accepted"] = { {}, { schemes = { "http", "ftp" } } },
  ["produces[0]: is not well formed"] = { {}, { produces = { "json" } } },
  ["paths.a: is not a name that may stand here"] = { { a = { get = operation() } } },
  ["paths./a.get: the field 'responses' is missing"] = { { ["/a"] = { get = { summary = "x" } } } },
  ["paths./a.get.responses: has no response"] = {
    { ["/a"] = { get = { responses = { ["x-y"] = 1 } } } },
  },
  ["paths./a.get.responses.20: is an unknown field"] = {
    get(nil, { responses = { ["20"] = { description = "x" }, ["200"] = { description = "x" } } }),
  },
  ["paths./a.get.responses.200: the field 'description' is missing"] = {
    get(nil, { responses = { ["200"] = { schema = { type = "string" } } } }),
  },
  ["paths./a.get.parameters[0]: its 'in' says no place for a parameter"] = {
    get { { name = "x", ["in"] = "qury", type = "string" } },
  },
  ["paths./a.get.parameters[0].type: is not one that is accepted"] = {
    get { in_query("x", "text") },
  },
  ["paths./a.get.parameters[0]: is an array and does not say of what"] = {
    get { in_query("x", "array") },
  },
  ["paths./a.get.parameters[0].items: is an array and does not say of what"] = {
    get { in_query("x", "array", { items = { type = "array" } }) },
  },
  ["paths./a.get.parameters[0].collectionFormat: is not one that is accepted"] = {
    get { in_query("x", "array", { items = { type = "string" }, collectionFormat = "tabs" }) },
  },
  ["paths./a.get.parameters[1]: the query parameter 'x' is there already"] = {
    get { in_query "x", in_query("x", "integer") },
  },
  ["paths./a.get.parameters[1]: is the same as [0]"] = { get { in_query "x", in_query "x" } },
  ["paths./a.get.parameters[0].default: is not what it is the default of: "] = {
    get { in_query("n", "integer", { default = "x" }) },
  },
  ["paths./a.get.parameters[0].minimum: is larger than 'maximum'"] = {
    get { in_query("n", "integer", { minimum = 3, maximum = 2 }) },
  },
  ["paths./a.get.parameters[0].multipleOf: must be larger than 0"] = {
    get { in_query("n", "integer", { multipleOf = 0 }) },
  },
  ["paths./a.get.parameters[0].maxLength: must be at least 0"] = {
    get { in_query("n", "string", { maxLength = -1 }) },
  },
  ["paths./a.get.parameters[0].pattern: is no regular expression: "] = {
    get { in_query("n", "string", { pattern = "(" }) },
  },
  ["paths./a.get.parameters[0]: the path has no parameter 'x'"] = { get { in_path "x" } },
  ["paths./a/{x}.get.parameters[0]: the path parameter 'x' must be required"] = {
    { ["/a/{x}"] = { get = operation { { name = "x", ["in"] = "path", type = "string" } } } },
  },
  ["paths./{x}/{x}: has the parameter 'x' twice"] = {
    { ["/{x}/{x}"] = { get = operation { in_path "x" } } },
  },
  ["paths./a/{y}: is the same path as '/a/{x}'"] = {
    {
      ["/a/{x}"] = { get = operation { in_path "x" } },
      ["/a/{y}"] = { get = operation { in_path "y" } },
    },
  },
  ["paths./b.get.operationId: 'o' is the name of paths./a.get"] = {
    {
      ["/a"] = { get = operation(nil, { operationId = "o" }) },
      ["/b"] = { get = operation(nil, { operationId = "o" }) },
    },
  },
  ["paths./a.get.security[0].key: is no scheme of this document"] = {
    get(nil, { security = json.array { { key = json.array {} } } }),
  },
  ["security[0].key: is no scheme of this document"] = {
    {}, { security = json.array { { key = json.array {} } } },
  },
  ["securityDefinitions.k: its 'type' (and 'flow') is none of Swagger's"] = {
    {}, { securityDefinitions = { k = { type = "oauth2", flow = "x" } } },
  },
  ["definitions.A: is an array and does not say of what"] = {
    {}, { definitions = { A = { type = "array" } } },
  },
  ["definitions.A.required[0]: the property 'b' is described nowhere"] = {
    {}, { definitions = { A = { type = "object", required = { "b" } } } },
  },
  ["definitions.A.properties.b: '#/definitions/C' leads nowhere"] = {
    {}, { definitions = { A = { properties = { b = { ["$ref"] = "#/definitions/C" } } } } },
  },
  ["definitions.A.properties.b: 'other.json#/C' leads out of the document"] = {
    {}, { definitions = { A = { properties = { b = { ["$ref"] = "other.json#/C" } } } } },
  },
  ["definitions.A.properties.b: must be an object, and is a string"] = {
    {}, { definitions = { A = { properties = { b = { ["$ref"] = "#/info/title" } } } } },
  },
  ["paths./a.get.parameters[0]: the field 'name' is missing"] = {
    get { { ["$ref"] = "#/x-p" } }, { ["x-p"] = { ["in"] = "query", type = "string" } },
  },
  ["paths./a.get.responses.200: must be an object, and is an integer"] = {
    get(nil, { responses = { ["200"] = { ["$ref"] = "#/x-n" } } }), { ["x-n"] = 7 },
  },
  ["paths./a.get.responses.200.schema.properties.c.type: is not one that is accepted"] = {
    get(nil, { responses = {
      ["200"] = { description = "x", schema = { ["$ref"] = "#/x-s" } },
    } }),
    { ["x-s"] = { properties = { b = { ["$ref"] = "#/x-s" }, c = { ["$ref"] = "#/x-t" } } },
      ["x-t"] = { type = "text" } },
  },
  ["definitions.A: references lead to each other in a circle"] = {
    {}, { definitions = { A = { ["$ref"] = "#/definitions/A" } } },
  },
  ["definitions.A: '#/definitions/A' is an ancestor of itself"] = {
    {},
    {
      definitions = {
        A = { allOf = { { ["$ref"] = "#/definitions/B" } } },
        B = { allOf = { { ["$ref"] = "#/definitions/A" } } },
      },
    },
  },
}

describe("a description is refused", function()
  for text, case in pairs(REFUSED) do
    it("where " .. text, function()
      local list = problems(document(case[1], case[2]))
      assert.truthy(#list > 0, "nothing was refused")
      local found = false
      for _, got in ipairs(list) do
        found = found or got:sub(1, #text) == text
      end
      assert.truthy(found, table.concat(list, "\n"))
    end)
  end

  it("of a wrong type, whatever that is", function()
    for _, value in ipairs { 7, "x", true, json.null, json.array {} } do
      for _, field in ipairs { "info", "paths", "definitions", "responses", "parameters",
        "securityDefinitions" } do
        local value_of = document {}
        value_of[field] = value
        local list = problems(value_of)
        assert.matches("^" .. field .. ": must be an object, and is an? ", list[1], field)
      end
    end
    assert.same({ "the document: says neither 'swagger' nor 'openapi'" }, problems {})
  end)

  it("once where a parameter is a part of its segment", function()
    assert.same({ "paths./a/{b}.json: '{b}.json' is no whole parameter" }, problems(document {
      ["/a/{b}.json"] = { get = { responses = { ["200"] = { description = "ok" } }, parameters =
        json.array { { name = "b", ["in"] = "path", required = true, type = "string" } } } },
    }))
  end)

  it("by its definitions first", function()
    local value = document(get { in_query("x", "nonsense") },
      { definitions = { A = { type = "array" } } })
    assert.same({ "definitions.A: is an array and does not say of what" }, problems(value))
  end)

  it("with all that is wrong, once each, and no more than can be read", function()
    local paths = {}
    for i = 1, 300 do
      paths["/p" .. i] = { get = operation { in_query("x", "nonsense") } }
    end
    local ok, raised = pcall(validate.run, document(paths), "swagger.json")

    assert.is_false(ok)
    assert.equal("E220", raised.code)
    assert.equal(200, #raised.problems)
    assert.matches("\n  and 290 more$", raised.message)
    assert.matches("^swagger%.json: paths%./p1%.get%.parameters%[0%]%.type: is not one",
      tostring(raised))
  end)
end)

describe("a description is taken", function()
  it("with everything that Swagger has", function()
    assert.same({}, problems(document({
      ["/a/{id}"] = {
        parameters = json.array { in_path "id", { ["$ref"] = "#/parameters/Q" } },
        ["x-anything"] = 1,
        get = operation({ in_query("n", "integer", {
          default = 3, minimum = 1, maximum = 9, enum = { 3, 4 }, format = "int32",
        }) }, {
          tags = { "t" }, summary = "s", description = "d", operationId = "o", deprecated = true,
          schemes = { "https" }, produces = { "application/json; charset=utf-8" },
          externalDocs = { url = "https://example.com" },
          security = json.array { { key = json.array {} }, { auth = { "read" } } },
          responses = {
            ["200"] = {
              description = "ok",
              schema = { ["$ref"] = "#/definitions/Tree" },
              headers = { ["X-Rate"] = { type = "integer" } },
              examples = { ["application/json"] = {} },
            },
            ["404"] = { ["$ref"] = "#/responses/None" },
            default = { description = "else" },
          },
        }),
      },
      ["/{proxy+}"] = { get = operation { in_path "proxy" } },
    }, {
      host = "example.com:8080", basePath = "/v1", schemes = { "https" },
      consumes = { "application/json" },
      tags = { { name = "t" } },
      parameters = { Q = in_query("q", "array", { items = { type = "string" },
        collectionFormat = "multi" }) },
      responses = { None = { description = "none" } },
      securityDefinitions = {
        key = { type = "apiKey", name = "x", ["in"] = "header" },
        auth = { type = "oauth2", flow = "implicit", authorizationUrl = "https://example.com",
          scopes = { read = "reads" } },
      },
      definitions = {
        Tree = {
          type = "object",
          required = { "name" },
          properties = {
            name = { type = "string", pattern = "^[a-z]+$" },
            children = { type = "array", items = { ["$ref"] = "#/definitions/Tree" } },
            any = {},
          },
        },
        Open = { type = "object", required = { "x" }, additionalProperties = true },
        Stricter = {
          properties = {
            choice = { allOf = { { ["$ref"] = "#/definitions/Open" }, { required = { "x" } } } },
          },
        },
      },
    })))
  end)

  it("in OpenAPI 3.0, and in no other", function()
    local value = document({
      ["/a/{id}"] = {
        post = {
          parameters = json.array {
            { name = "id", ["in"] = "path", required = true, schema = { type = "string" } },
          },
          requestBody = {
            content = {
              ["application/json"] = {
                schema = {
                  oneOf = { { type = "string" }, { ["$ref"] = "#/components/schemas/A" } },
                },
              },
            },
          },
          responses = { ["2XX"] = { description = "ok" } },
        },
      },
    }, {
      openapi = "3.0.3",
      servers = { { url = "https://example.com" } },
      components = {
        schemas = {
          A = { type = "object", nullable = true, required = { "x" }, items = { type = "string" } },
        },
      },
    })
    value.swagger = nil

    assert.same({}, problems(value))
    for change, text in pairs {
      ['"3.0.3"'] = { '"3.2.0"', "openapi: is not well formed" },
      ['"2XX"'] = { '"9XX"', "paths./a/{id}.post.responses.9XX: is an unknown field" },
      ['"requestBody"'] = { '"requestBdy"',
        "paths./a/{id}.post.requestBdy: is an unknown field (did you mean 'requestBody'?)" },
      ['"A":'] = { '"B":', "paths./a/{id}.post.requestBody.content.application/json.schema.oneOf[1]"
        .. ": '#/components/schemas/A' leads nowhere" },
      ['"schema":{"type":"string"}'] = { '"x-no":1',
        "paths./a/{id}.post.parameters[0]: must have a schema or a content, one of the two" },
    } do
      local from, to = json.encode(value):find(change, 1, true)
      assert.truthy(from, change)
      local written = json.encode(value)
      local changed = written:sub(1, from - 1) .. text[1] .. written:sub(to + 1)
      assert.equal(text[2], problems(json.decode(changed))[1])
    end
  end)
end)

describe("a file that is no description", function()
  local function refused(bytes, name)
    local ok, raised = pcall(document_file.parse, bytes, name or "swagger.json")
    assert.is_false(ok)
    assert.equal("E219", raised.code)
    assert.equal("invalid", raised.kind)
    return raised
  end

  it("is told by its name", function()
    assert.matches("is not JSON", refused("{").message)
    assert.matches("is no object", refused("[]").message)
    assert.matches("is no object", refused("7").message)
    assert.equal("swagger.json", refused("7").where)
    assert.matches("YAML: end its name in %.yaml", refused("swagger: '2.0'\ninfo:\n").hint)
    assert.matches("is not JSON", refused(("["):rep(5000)).message)
    local ok, raised = pcall(document_file.read, "/nowhere/swagger.json")
    assert.is_false(ok)
    assert.matches("cannot be read", raised.message)
  end)

  it("is told by the line, where it is no YAML", function()
    local raised = refused("swagger: '2.0'\ninfo:\n  title: a: b\n", "swagger.yaml")
    assert.equal("swagger.yaml:3", raised.where)
    assert.matches("^the API description is not YAML", raised.message)
    assert.equal("line 3, column 11: mapping values are not allowed in this context",
      tostring(raised.cause))
    assert.equal("swagger.yml:2", refused("paths: {}\npaths: {}\n", "swagger.yml").where)
    assert.equal("a.yaml:1", refused("x: !Sub 'a'", "a.yaml").where)
    assert.matches("is no object", refused("- a", "a.yaml").message)
    assert.matches("there is no document", tostring(refused("", "a.yaml").cause))
    local deep = ("["):rep(101) .. ("]"):rep(101)
    assert.matches("more than 100 levels", tostring(refused(deep, "a.yaml").cause))
    local laughs = ("a: &a [x, x]\nb: &b [%s]\nc: [%s]"):format(("*a,"):rep(999), ("*b,"):rep(999))
    assert.matches("more than 1000000 values", tostring(refused(laughs, "a.yaml").cause))
  end)

  it("says no name twice, and its place is told where it does", function()
    local raised = refused '{"paths":{"/a":{"get":{"parameters":[{"name":"x","name":"y"}]}}}}'
    assert.equal("swagger.json", raised.where)
    assert.equal("paths./a.get.parameters[0].name: is there twice; take one out", raised.message)
    assert.equal("paths./a.get.parameters[0].name", raised.problems[1].place)
    assert.equal("swagger.yaml:3", refused("a: 1\nb: 2\na: 3\n", "swagger.yaml").where)
    for _, name in ipairs { ("é"):rep(150), "x" .. ("é"):rep(150), ("x"):rep(300) } do
      local text = ('{"%s":1,"%s":2}'):format(name, name)
      assert.truthy(utf8.len(refused(text).message))
      assert.equal(name:sub(1, 190), refused(text).message:sub(1, 190))
    end
  end)
end)

describe("a description's file", function()
  it("is JSON or YAML, by its name or by how it begins", function()
    local text = [[
swagger: '2.0'
paths:
  /a: { get: { responses: { 200: { description: no } } } }
]]
    local expected = {
      swagger = "2.0",
      paths = { ["/a"] = { get = { responses = { ["200"] = { description = "no" } } } } },
    }
    for _, name in ipairs { "a.yaml", "a.yml", "a.YAML", "described", "swagger.v1", "a.b/c" } do
      assert.same(expected, document_file.parse(text, name))
    end
    local encoded = json.encode(expected)
    for _, name in ipairs { "a.json", "a.yaml", "a.JSON", "described", "a.txt" } do
      assert.same(expected, document_file.parse(encoded, name))
    end
    assert.same(expected, document_file.parse("# a comment\n---\n" .. text, "described"))
  end)

  it("may say a part by an alias, and each place has its own", function()
    local value = document_file.parse([[
swagger: "2.0"
info: { title: t, version: "1" }
paths:
  /a:
    get: &get
      responses: &responses
        200: { description: ok }
    post:
      <<: *get
      summary: another
  /b:
    get: *get
]], "a.yaml")
    validate.run(value, "a.yaml")
    value.paths["/a"].get.responses["200"].description = "changed"
    assert.equal("ok", value.paths["/a"].post.responses["200"].description)
    assert.equal("ok", value.paths["/b"].get.responses["200"].description)
  end)
end)
