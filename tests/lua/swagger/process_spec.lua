-- What processing makes of a description: the rules of dispatch objects, row by row.
local described = dofile "tests/lua/swagger/described.lua"
local json = require "host.json"
local module_name = require "engine.swagger.module_name"
local process = require "engine.swagger.process"
local swagger = require "engine.swagger"

local DISPATCH <const> = "x-amazon-cloud-canvas-lambda-dispatch"
local INTEGRATION <const> = "x-amazon-apigateway-integration"

local body, document, in_path, in_query, operation = described.body, described.document,
  described.in_path, described.in_query, described.operation

local function processed(value)
  return process.run(value, "swagger.json")
end

-- The operation GET /a with these dispatch objects: of the document, the path, the operation.
local function dispatched(whole, path, own)
  local value = document({
    ["/a"] = { [DISPATCH] = path, get = operation(nil, { [DISPATCH] = own }) },
  }, { [DISPATCH] = whole })
  local result = processed(value)
  return result.operations[1], result.document.paths["/a"].get, result
end

local function refused(value)
  local ok, raised = pcall(processed, value)
  assert.is_false(ok, "nothing was refused")
  assert.equal("invalid", raised.kind)
  return raised
end

local function problem(value)
  local raised = refused(value)
  local first = raised.problems[1]
  return first.place .. ": " .. first.rule, raised
end

describe("the module of a path", function()
  for path, name in pairs {
    ["/"] = "root",
    ["/{a}"] = "root",
    ["/{a}/{b}"] = "root",
    ["/{proxy+}"] = "root",
    ["//"] = "root",
    ["/player"] = "player",
    ["/player/{id}"] = "player",
    ["/player/{id}/highscores"] = "player_highscores",
    ["/player/{id}/highscores/{n}"] = "player_highscores",
    ["/x/{a}/{b}/y/{c}/z"] = "x_y_z",
    ["/player/"] = "player_",
    ["/player/{id}/"] = "player_",
    ["/a//b"] = "a__b",
    ["/a-b/c.d"] = "a-b_c.d",
    ["/api/v1.0/x"] = "api_v1.0_x",
    ["/a_b/c"] = "a_b_c",
    ["/a/b_c"] = "a_b_c",
    ["/A/B"] = "A_B",
    ["/sp ace"] = "sp ace",
    ["/a/%7Bb%7D"] = "a_%7Bb%7D",
  } do
    it("of " .. path .. " is " .. name, function()
      assert.equal(name, module_name(path))
    end)
  end
end)

describe("a path", function()
  it("that is described elsewhere becomes what it refers to, with functions of its own", function()
    local result = processed(document({
      ["/a"] = { ["$ref"] = "#/paths/~1b" },
      ["/b"] = { get = operation { in_query "q" } },
      ["/c/{id}"] = { ["$ref"] = "#/x-shared/c", [DISPATCH] = { module = "own" } },
    }, { ["x-shared"] = { c = { put = operation { in_path "id" } } } }))

    local list = {}
    for i, one in ipairs(result.operations) do
      list[i] = ("%s %s=%s"):format(one.verb, one.path, one.module)
    end
    assert.same({ "get /a=a", "get /b=b", "put /c/{id}=own" }, list)
    assert.is_nil(result.document.paths["/a"]["$ref"])
    assert.equal(1, #processed(document {
      ["/b"] = { get = operation { in_query "q" } },
      ["x-notes"] = { ["$ref"] = "elsewhere" }, -- no path, whatever it says
    }).operations)
    assert.equal("paths./a.get.parameters[0]: the path has no parameter 'id'", (problem(document {
      ["/a"] = { ["$ref"] = "#/paths/~1b~1{id}" },
      ["/b/{id}"] = { get = operation { in_path "id" } },
    })))
  end)
end)

describe("dispatch objects", function()
  it("have defaults: the path's module, the method's function, the service's own lambda", function()
    local one, own = dispatched()

    assert.equal("a", one.module)
    assert.equal("get", one.function_name)
    assert.is_true(one.enable_iam)
    assert.is_true(one.enable_cors)
    assert.equal("arn:aws:apigateway:$Region$:lambda:path/2015-03-31/functions/"
      .. "$ServiceLambdaArn$/invocations", own[INTEGRATION].uri)
  end)

  it("are nearest where several levels speak", function()
    local one = dispatched({ module = "d", ["function"] = "df", lambda = "dl", enable_iam = false },
      { module = "p", lambda = "pl" }, { module = "o" })

    assert.equal("o", one.module)
    assert.equal("df", one.function_name)
    assert.equal("pl", one.lambda)
    assert.is_false(one.enable_iam)
  end)

  it("are passed by when a property is null", function()
    assert.equal("d", dispatched({ module = "d" }, { module = json.null }, {}).module)
    for _, name in ipairs {
      "lambda", "module", "function", "additional-properties", "enable_iam", "enable_cores",
      "additional-request-template-content", "additional-response-template-content",
    } do
      assert.equal("a", dispatched({}, {}, { [name] = json.null }).module, name)
    end
  end)

  it("end the search with an empty text, which says nothing", function()
    local one = dispatched({ module = "d", ["function"] = "f" }, nil,
      { module = "", ["function"] = "" })

    assert.equal("a", one.module)
    assert.equal("get", one.function_name)
  end)

  it("refuse an empty lambda", function()
    local text = problem(document({
      ["/a"] = { get = operation(nil, { [DISPATCH] = { lambda = "" } }) },
    }, { [DISPATCH] = { lambda = "d" } }))

    assert.equal(("paths./a.get.%s.lambda: is empty"):format(DISPATCH), text)
  end)

  it("refuse a property of another type, by its place", function()
    for name, value in pairs {
      lambda = 7,
      module = true,
      ["function"] = {},
      enable_iam = "yes",
      enable_cores = 0,
      ["additional-properties"] = "x",
      ["additional-request-template-content"] = 1,
      ["additional-response-template-content"] = "x",
    } do
      local text = problem(document({ ["/a"] = { get = operation() } },
        { [DISPATCH] = { [name] = value } }))
      assert.matches("^" .. (DISPATCH .. "." .. name):gsub("%p", "%%%0") .. ": must be an? ", text)
    end
  end)

  it("are objects, at each level", function()
    assert.matches("^" .. DISPATCH:gsub("%p", "%%%0") .. ": must be an object, and is a string",
      (problem(document({}, { [DISPATCH] = "x" }))))
    assert.matches("^paths%./a%.x%-.*: must be an object, and is a list",
      (problem(document { ["/a"] = { [DISPATCH] = json.array {}, get = operation() } })))
    assert.matches("^paths%./a%.get%.x%-.*: must be an object, and is an integer",
      (problem(document { ["/a"] = { get = operation(nil, { [DISPATCH] = 7 }) } })))
  end)

  it("leave properties that nobody knows alone", function()
    assert.equal("a", dispatched({ modul = "x", [""] = 1 }).module)
  end)

  it("merge what is laid over the integration, the operation last", function()
    local _, own = dispatched(
      { ["additional-properties"] = { timeoutInMillis = 1, responses = { x = { a = 1 } } } },
      { ["additional-properties"] = { timeoutInMillis = 2 } },
      {
        ["additional-properties"] = {
          responses = { x = { b = 2 }, default = { statusCode = "202" } },
          type = "AWS_PROXY",
        },
      })
    local integration = own[INTEGRATION]

    assert.equal(2, integration.timeoutInMillis)
    assert.equal("AWS_PROXY", integration.type)
    assert.same({ a = 1, b = 2 }, integration.responses.x)
    assert.equal("202", integration.responses.default.statusCode)
    assert.truthy(integration.responses.default.responseTemplates["application/json"])
    assert.equal("POST", integration.httpMethod)
  end)

  it("join what is added to templates, the document's first", function()
    local function content(text)
      return {
        ["additional-request-template-content"] = text,
        ["additional-response-template-content"] = { ["200"] = text, ["404"] = text },
      }
    end
    local _, own = dispatched(content ',"d":1', content ',"p":2', content ',"o":3')
    local integration = own[INTEGRATION]
    local function response(name)
      return integration.responses[name].responseTemplates["application/json"]
    end

    assert.matches('sourceIp"[^\n]*,"d":1,"p":2,"o":3\n}$',
      integration.requestTemplates["application/json"])
    assert.matches(',"d":1,"p":2,"o":3}#end$', response "default")
    assert.matches(',"d":1,"p":2,"o":3}$', response "(?s)Not Found:.*")
    assert.not_matches('"d":1', response "(?s)Client Error:.*")
  end)

  it("are taken out of the document, also of operations that are left alone", function()
    local value = document({
      ["/a"] = {
        [DISPATCH] = { module = "x" },
        get = operation(nil, { [INTEGRATION] = { type = "mock" }, [DISPATCH] = {} }),
        post = operation(),
      },
    }, { [DISPATCH] = {} })
    local result = processed(value)

    assert.not_matches("lambda%-dispatch", swagger.text(result.document))
    assert.same({ type = "mock" }, result.document.paths["/a"].get[INTEGRATION])
    assert.is_nil(result.document.paths["/a"].get.responses["500"])
    assert.is_nil(result.document.paths["/a"].get.security)
    assert.equal(1, #result.operations)
  end)
end)

describe("the integration", function()
  it("has API Gateway's form", function()
    local _, own = dispatched()
    local integration = own[INTEGRATION]

    assert.equal("AWS", integration.type)
    assert.equal("POST", integration.httpMethod)
    assert.equal("$RoleArn$", integration.credentials)
    assert.equal("never", integration.passthroughBehavior)
    local statuses = {}
    for pattern, response in pairs(integration.responses) do
      statuses[pattern] = response.statusCode
      assert.same({ ["method.response.header.Access-Control-Allow-Origin"] = "'*'" },
        response.responseParameters)
    end
    assert.same({
      default = "200",
      ["(?s)Client Error:.*"] = "400",
      ["(?s)Forbidden:.*"] = "403",
      ["(?s)Not Found:.*"] = "404",
      ["(?s)(?!Client Error:|Forbidden:|Not Found:).+"] = "500",
    }, statuses)
  end)
end)

describe("parameters", function()
  local function parameters_of(own, of_path, verb, more)
    local result = processed(document({
      ["/a/{id}"] = {
        parameters = json.array(of_path or { in_path "id" }),
        [verb or "get"] = operation(own),
      },
    }, more))
    local names = {}
    for i, parameter in ipairs(result.operations[1].parameters) do
      names[i] = parameter.name .. ":" .. parameter.location
    end
    return table.concat(names, " "), result
  end

  it("are the operation's, then the path's that it does not shadow", function()
    assert.equal("b:query id:path c:query",
      (parameters_of({ in_query "b" }, { in_path "id", in_query("b", "integer"), in_query "c" })))
  end)

  it("may be references", function()
    assert.equal("q:query id:path", (parameters_of({ { ["$ref"] = "#/parameters/Q" } }, nil, nil,
      { parameters = { Q = in_query "q" } })))
  end)

  it("may be two bodies", function()
    assert.equal("a:body b:body id:path",
      (parameters_of({ body "a", body "b" }, nil, "post")))
  end)

  for _, verb in ipairs { "delete", "options", "patch", "put" } do
    it("may be a body of " .. verb, function()
      assert.equal("b:body id:path", (parameters_of({ body "b" }, nil, verb)))
    end)
  end

  local function in_place(location, type)
    return { name = "x", ["in"] = location, type = type or "string" }
  end

  it("are refused where they would not reach the function", function()
    for text, paths in pairs {
      ["paths./a.get.parameters[0]: a header parameter does not reach a function"] = {
        ["/a"] = { get = operation { in_place "header" } },
      },
      ["paths./a.post.parameters[0]: a formData parameter does not reach a function"] = {
        ["/a"] = { post = operation { in_place "formData" } },
      },
      ["paths./a.get.parameters[0]: a GET request has no body"] = {
        ["/a"] = { get = operation { body "b" } },
      },
      ["paths./a.head.parameters[1]: a HEAD request has no body"] = {
        ["/a"] = { head = operation { in_query "q", body "b" } },
      },
      ["paths./a/{x}.get: there are multiple parameters of the name 'x': query and path"] = {
        ["/a/{x}"] = { get = operation { in_query "x", in_path "x" } },
      },
      ["paths./a.parameters[0]: a header parameter does not reach a function"] = {
        ["/a"] = { parameters = json.array { in_place "header" }, get = operation() },
      },
      ["paths./a.get.parameters[0]: '#/parameters/Q' leads nowhere"] = {
        ["/a"] = { get = operation { { ["$ref"] = "#/parameters/Q" } } },
      },
      ["paths./a/{x}.get: the path parameter 'x' is not declared"] = {
        ["/a/{x}"] = { get = operation() },
      },
      ["paths./a.get.parameters[0]: the field 'type' is missing"] = {
        ["/a"] = { get = operation { { name = "x", ["in"] = "query" } } },
      },
      ["paths./a/x{b}: 'x{b}' is no whole parameter"] = {
        ["/a/x{b}"] = { get = operation { in_path "b" } },
      },
      ["paths./a/{b}c: '{b}c' is no whole parameter"] = {
        ["/a/{b}c"] = { get = operation { in_path "b" } },
      },
      ["paths.player: is not a name that may stand here"] = { player = { get = operation() } },
      ["paths./a.GET: is an unknown field (did you mean 'get'?)"] = {
        ["/a"] = { GET = operation() },
      },
    } do
      assert.equal(text, (problem(document(paths))))
    end
  end)

  it("are refused where API Gateway could not route", function()
    assert.equal("paths./a/{y}/c: '{y}' stands where '/a/{x}/b' has '{x}', and one place has one "
      .. "name", (problem(document {
        ["/a/{x}/b"] = { get = operation { in_path "x" } },
        ["/a/{y}/c"] = { get = operation { in_path "y" } },
      })))
    assert.equal("paths./a/{rest+}/b: nothing can follow '{rest+}'", (problem(document {
      ["/a/{rest+}/b"] = { get = operation { in_path "rest" } },
    })))
  end)

  it("tell the dispatcher their types, and which are required", function()
    local _, result = parameters_of({
      in_query("n", "integer", { required = true }),
      in_query("l", "array", { items = { type = "number" }, collectionFormat = "pipes" }),
      body "b",
    }, nil, "post")
    local template = result.document.paths["/a/{id}"].post[INTEGRATION]
      .requestTemplates["application/json"]

    assert.matches('\n  "required": %["n","id"%],\n', template)
    assert.matches('\n  "types": {"b":"object","l":{"items":"number","separator":"|"},'
      .. '"n":"integer"}\n}$', template)
  end)
end)

describe("what processing adds", function()
  local function result_of(more, get)
    return processed(document({ ["/a/{id}"] = { get = get or operation { in_path "id" } } }, more))
      .document
  end

  it("are the responses of failures, with the schema of what is sent", function()
    local value = result_of()
    local get = value.paths["/a/{id}"].get

    for _, status in ipairs { "400", "403", "404", "500" } do
      assert.same({ ["$ref"] = "#/definitions/Error" }, get.responses[status].schema)
      assert.same({ ["Access-Control-Allow-Origin"] = { type = "string" } },
        get.responses[status].headers)
    end
    assert.same({ errorMessage = { type = "string" }, errorType = { type = "string" } },
      value.definitions.Error.properties)
  end)

  it("leaves responses and definitions of the author's as they are", function()
    local own = { description = "mine" }
    local get = operation { in_path "id" }
    get.responses["400"] = own
    local value = result_of({ definitions = { Error = { type = "string" } } }, get)

    assert.equal("mine", value.paths["/a/{id}"].get.responses["400"].description)
    assert.is_nil(value.paths["/a/{id}"].get.responses["400"].schema)
    assert.same({ type = "string" }, value.definitions.Error)
  end)

  it("is a signature, unless the operation says who may call", function()
    local value = result_of()

    assert.same({ { sigv4 = json.array {} } }, value.paths["/a/{id}"].get.security)
    assert.same({
      type = "apiKey",
      name = "Authorization",
      ["in"] = "header",
      ["x-amazon-apigateway-authtype"] = "awsSigv4",
    }, value.securityDefinitions.sigv4)

    local open = result_of(nil, operation({ in_path "id" }, { security = json.array {} }))
    assert.equal(0, #open.paths["/a/{id}"].get.security)
    assert.is_nil(open.securityDefinitions)
  end)

  it("warns once of all operations that anyone may call", function()
    local value = document({
      ["/a"] = { get = operation(), post = operation(nil, { security = json.array {} }) },
      ["/b"] = { get = operation(nil, { [DISPATCH] = { enable_iam = true } }) },
    }, { [DISPATCH] = { enable_iam = false } })

    assert.same({ "anyone may call GET /a, POST /a" }, processed(value).warnings)
  end)

  it("warns of schemes that API Gateway does not check", function()
    local function required(...)
      return operation(nil, { security = json.array { ... } })
    end
    local none = json.array {}
    local value = document({
      ["/a"] = {
        get = required { oauth = none, other = none },
        put = required { key = none },
        post = required({ oauth = none }, { own = none }),
        delete = operation(nil, {
          security = none, ["x-amazon-apigateway-auth"] = { type = "AWS_IAM" },
        }),
        patch = required(json.object {}),
      },
    }, {
      securityDefinitions = {
        oauth = { type = "oauth2", flow = "password", tokenUrl = "https://example.com",
          scopes = json.object {} },
        other = { type = "apiKey", name = "token", ["in"] = "header" },
        key = { type = "apiKey", name = "X-Api-Key", ["in"] = "header" },
        own = { type = "apiKey", name = "Authorization", ["in"] = "header",
          ["x-amazon-apigateway-authorizer"] = { type = "token" } },
      },
    })

    assert.same({
      "anyone may call GET /a, PATCH /a",
      "API Gateway does not check oauth, other: it needs an 'x-amazon-apigateway-authorizer' there",
    }, processed(value).warnings)
  end)

  it("warns of lists whose items have names of their own", function()
    local items = { type = "string" }
    local value = document { ["/a"] = { get = operation {
      in_query("one", "array", { items = items }),
      in_query("two", "array", { items = items, collectionFormat = "multi" }),
    } } }

    assert.same({ "of a list that is sent as a=1&a=2, API Gateway passes on the last item; say "
      .. '"collectionFormat": "csv" in two of GET /a' }, processed(value).warnings)
  end)

  it("warns of paths that share a function by their names alone", function()
    local function shared(paths)
      return processed(document(paths)).warnings
    end
    local get = operation()
    local both = "%s are both answered by 'get' of the module '%s'; where that is not meant, name "
      .. "another in a dispatch object"

    assert.same({ both:format("GET /a/b_c and GET /a_b/c", "a_b_c") }, shared {
      ["/a_b/c"] = { get = get }, ["/a/b_c"] = { get = get, post = get }, ["/a"] = { get = get },
    })
    assert.same({ both:format("GET / and GET /root", "root") },
      shared { ["/"] = { get = get }, ["/root"] = { get = get } })
    assert.same({}, shared {
      ["/a_b"] = { get = get },
      ["/a_b/{id}"] = { get = operation { in_path "id" } },
      ["/{id}/a_b"] = { get = operation { in_path "id" } },
      ["/a/b"] = { post = get },
      ["/a/b/{id}"] = { post = operation { in_path "id" } },
    })
    assert.same({}, shared {
      ["/a_b"] = { get = get }, ["/a/b"] = { get = get, [DISPATCH] = { module = "a_b" } },
    })
    assert.same({}, shared {
      ["/a_b"] = { get = get },
      ["/a/b"] = { get = operation(nil, { [DISPATCH] = { lambda = "x" } }) },
    })
  end)

  it("accepts the document's security as a list, and as an object", function()
    for _, security in ipairs { json.array { { key = json.array {} } }, { key = json.array {} } } do
      local value = document({ ["/a"] = { get = operation() } }, {
        security = security,
        securityDefinitions = { key = { type = "apiKey", name = "x-api-key", ["in"] = "header" } },
        [DISPATCH] = { enable_iam = false },
      })
      local result = processed(value)
      assert.same({}, result.warnings)
      assert.is_true(json.is_array(result.document.security))
      assert.is_nil(result.document.paths["/a"].get.security)
    end
  end)

  it("answers a browser's question beforehand", function()
    local value = result_of()
    local options = value.paths["/a/{id}"].options
    local answer = options[INTEGRATION].responses.default

    assert.equal("mock", options[INTEGRATION].type)
    assert.equal("when_no_match", options[INTEGRATION].passthroughBehavior)
    assert.equal('{"statusCode": 200}', options[INTEGRATION].requestTemplates["application/json"])
    assert.same({
      ["method.response.header.Access-Control-Allow-Origin"] = "'*'",
      ["method.response.header.Access-Control-Allow-Methods"] =
        "'POST,GET,DELETE,PUT,HEAD,PATCH,OPTIONS'",
      ["method.response.header.Access-Control-Allow-Headers"] =
        "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'",
    }, answer.responseParameters)
    assert.same({ in_path "id" }, setmetatable(options.parameters, nil))
    assert.is_nil(options.security)
    assert.same({}, value.definitions.EmptyResponse)
  end)

  it("asks the question of no path parameter twice", function()
    local value = processed(document {
      ["/a/{id}"] = { parameters = json.array { in_path "id" }, get = operation() },
    }).document

    assert.is_nil(value.paths["/a/{id}"].options.parameters)
  end)

  it("leaves an author's own options alone, and dispatches them", function()
    local result = processed(document { ["/a"] = { get = operation(), options = operation() } })

    assert.equal("options", result.operations[2].function_name)
    assert.equal("AWS", result.document.paths["/a"].options[INTEGRATION].type)
  end)

  it("lets no page read where CORS is off, said either way", function()
    for _, name in ipairs { "enable_cores", "enable_cors" } do
      local value = processed(document({ ["/a"] = { get = operation() } },
        { [DISPATCH] = { [name] = false } })).document

      assert.is_nil(value.paths["/a"].options)
      assert.is_nil(value.paths["/a"].get.responses["200"].headers)
      assert.is_nil(value.paths["/a"].get[INTEGRATION].responses.default.responseParameters)
    end
  end)

  it("completes an operation that has no 200, and responses that are shared", function()
    local get = operation()
    get.responses = { default = { description = "x" }, ["404"] = { ["$ref"] = "#/responses/R" } }
    local value = processed(document({ ["/a"] = { get = get } },
      { responses = { R = { description = "r" } } })).document
    local responses = value.paths["/a"].get.responses

    assert.truthy(responses["200"].description)
    assert.equal("r", responses["404"].description)
    assert.truthy(responses["404"].headers["Access-Control-Allow-Origin"])
    assert.is_nil(value.responses.R.headers)
  end)

  it("is in one order of bytes, indented by 4", function()
    local function text()
      return swagger.text(processed(document {
        ["/b"] = { get = operation() }, ["/a"] = { get = operation() },
      }).document)
    end

    assert.equal(text(), text())
    assert.matches('^{\n    "definitions": {\n        "EmptyResponse": {}', text())
  end)
end)

describe("OpenAPI 3.0", function()
  local function openapi(paths, more)
    local value = document(paths, more)
    value.swagger, value.openapi = nil, "3.0.3"
    return value
  end

  it("is processed as Swagger is", function()
    local result = processed(openapi({
      ["/a/{id}"] = {
        parameters = json.array {
          { name = "id", ["in"] = "path", required = true, schema = { type = "string" } },
        },
        post = operation({
          { name = "n", ["in"] = "query", schema = { ["$ref"] = "#/components/schemas/N" } },
        }, {
          requestBody = {
            required = true,
            content = { ["application/json"] = { schema = { type = "object" } } },
          },
        }),
      },
    }, { components = { schemas = { N = { type = "integer", default = 10 } } } }))
    local post = result.document.paths["/a/{id}"].post
    local template = post[INTEGRATION].requestTemplates["application/json"]

    assert.equal("a", result.operations[1].module)
    assert.matches('"n": #if%(%$query.containsKey%(\'n\'%)%).*#{else}10#end', template)
    assert.matches('"body": #if', template)
    assert.matches('"required": %["id","body"%]', template)
    assert.matches('"types": {"body":"object","n":"integer"}', template)
    assert.same({ ["application/json"] = { schema = { ["$ref"] = "#/components/schemas/Error" } } },
      post.responses["404"].content)
    assert.same({ schema = { type = "string" } },
      post.responses["200"].headers["Access-Control-Allow-Origin"])
    assert.equal("awsSigv4",
      result.document.components.securitySchemes.sigv4["x-amazon-apigateway-authtype"])
    assert.truthy(result.document.paths["/a/{id}"].options)
  end)

  local function content(media, schema)
    return { content = { [media] = { schema = schema } } }
  end

  it("is told of bodies that are no JSON, unless they have a template", function()
    local form = "multipart/form-data"
    local function posting(more)
      return openapi {
        ["/a"] = { post = operation(nil, { requestBody = content(form), [DISPATCH] = more }) },
      }
    end

    assert.equal("paths./a.post.requestBody: a body of 'multipart/form-data' does not reach a "
      .. "function", (problem(posting())))
    assert.truthy(processed(posting {
      ["additional-properties"] = { requestTemplates = { [form] = "{}" } },
    }))
    for _, media in ipairs { "application/json; charset=utf-8", "*/*", "Application/JSON" } do
      local value = openapi {
        ["/a"] = { post = operation(nil, { requestBody = content(media, { type = "array" }) }) },
      }
      value.paths["/a"].post.requestBody.content[media].schema.items = {}
      value.paths["/a"].post.requestBody.content["text/plain"] = {}
      assert.equal("array", processed(value).operations[1].parameters[1].type, media)
    end
  end)

  it("is told of objects that a URL would scatter", function()
    for _, parameter in ipairs {
      { schema = { type = "object" } },
      { schema = { ["$ref"] = "#/components/schemas/A" } },
      { schema = { anyOf = { { type = "integer" }, { type = "object" } } }, style = "deepObject" },
    } do
      parameter.name, parameter["in"] = "p", "query"
      local value = openapi({ ["/a"] = { get = operation { parameter } } },
        { components = { schemas = { A = { properties = { x = {} } } } } })
      assert.equal("paths./a.get.parameters[0]: an object in a URL reaches a function as JSON "
        .. "alone", (problem(value)))
    end
  end)

  it("is told of styles that would leave signs in the value", function()
    for _, style in ipairs { "label", "matrix" } do
      assert.equal(("paths./a/{p}.get.parameters[0].style: '%s' leaves its signs in what reaches a "
        .. "function"):format(style), (problem(openapi { ["/a/{p}"] = { get = operation {
          { name = "p", ["in"] = "path", required = true, style = style,
            schema = { type = "string" } },
        } } })))
    end
  end)

  it("reads parameters that are JSON, and knows types that schemas say by their parts", function()
    local function query(name, more)
      more.name, more["in"] = name, "query"
      return more
    end
    local result = processed(openapi({
      ["/a"] = {
        post = operation({
          query("j", content("application/json", { type = "object", default = { x = "$" } })),
          query("k", content("application/json")),
          query("all", { schema = { allOf = { { ["$ref"] = "#/components/schemas/N" } } } }),
          query("one", { schema = { oneOf = { { type = "number" }, { type = "number" } } } }),
          query("two", { schema = { oneOf = { { type = "number" }, { type = "string" } } } }),
          query("loop", { schema = { ["$ref"] = "#/components/schemas/Loop" } }),
        }, {
          requestBody = content("application/json", {
            allOf = { { ["$ref"] = "#/components/schemas/Loop" }, { properties = { x = {} } } },
          }),
        }),
      },
    }, {
      components = {
        schemas = {
          N = { allOf = { { minimum = 1 }, { type = "integer" } } },
          Loop = { oneOf = { { ["$ref"] = "#/components/schemas/Loop" } } },
        },
      },
    }))
    local template = result.document.paths["/a"].post[INTEGRATION]
      .requestTemplates["application/json"]

    assert.matches('\n  "types": {"all":"integer","body":"object","j":{"json":"object"},'
      .. '"k":{"json":"any"},"one":"number"}\n}$', template)
    assert.matches('#{else}"{\\"x\\":\\"\\u0024\\"}"#end', template)
  end)

  it("warns of lists that are exploded, as they are unless it is said", function()
    local function list(name, more)
      more.name, more["in"] = name, "query"
      more.schema = { type = "array", items = { type = "string" } }
      return more
    end

    assert.same({ "of a list that is sent as a=1&a=2, API Gateway passes on the last item; say "
      .. '"explode": false in a of GET /a' }, processed(openapi {
        ["/a"] = { get = operation {
          list("a", {}), list("b", { explode = false }), list("c", { style = "pipeDelimited" }),
        } },
      }).warnings)
  end)

  it("is told of what it has and is not served", function()
    assert.equal("paths./a.get.parameters[0]: a cookie parameter does not reach a function",
      (problem(openapi {
        ["/a"] = {
          get = operation { { name = "c", ["in"] = "cookie", schema = { type = "string" } } },
        },
      })))
    assert.equal("paths./a.get.requestBody: a GET request has no body", (problem(openapi {
      ["/a"] = {
        get = operation(nil, { requestBody = { content = { ["application/json"] = {} } } }),
      },
    })))
    local newer = openapi {}
    newer.openapi = "3.2.0"
    assert.equal("openapi: is not well formed", (problem(newer)))
  end)
end)
