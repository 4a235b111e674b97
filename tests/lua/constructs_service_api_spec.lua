-- service:api: what it becomes in the template and in the archive, and what it refuses.
local compile = require "engine.compile"
local definition = require "engine.definition"
local file = require "host.file"
local generate = require "engine.generate"
local json = require "host.json"
local model = require "engine.model"

local folder

local SERVICE <const> = [[
local laconic = require "laconic"
local service = laconic.service { name = "players" }
%s
return service
]]

local MODULE <const> = [[
local service = require "laconic.service_api"
return { get = service.api(function() return require("words").hello end) }
]]

local function write(name, text)
  local path = folder .. "/" .. name
  assert(file.make_folder(path:match "^(.*)/"))
  assert(file.write(path, text))
end

local function write_swagger(change)
  local document = {
    swagger = "2.0",
    info = { title = "players", version = "1" },
    paths = {
      ["/player"] = { get = { responses = { ["200"] = { description = "ok" } } } },
    },
  }
  if change then
    change(document)
  end
  write("swagger.json", assert(json.encode(document)))
end

local function model_of(body)
  write("service.lua", SERVICE:format(body))
  return model.build(definition.load(folder .. "/service.lua"), {})
end

local function template_of(body)
  local meant, build = model_of(body), { code = { key = "k" }, role_arns = {} }
  local template = generate.build(meant, build)
  generate.settle(meant, build)
  return template
end

local function ids_of(template, pattern)
  local list = {}
  for id in pairs(template.Resources) do
    table.insert(list, id:match(pattern))
  end
  table.sort(list)
  return list
end

local function names_of(files)
  local names = {}
  for _, entry in ipairs(files) do
    if entry.name:find "%.lua$" then
      table.insert(names, entry.name)
    end
  end
  return names
end

-- What the archive holds; the runtime is none of this test's.
local function travelling(body)
  local build = { runtime = { name = "bootstrap", data = "" } }
  return names_of(compile.run(model_of(body), build))
end

local function refused(body, fn)
  local ok, raised = pcall(fn or model_of, body)
  assert.is_false(ok, "nothing was refused")
  return tostring(raised), type(raised) == "table" and raised.code
end

local API <const> = [[service:api { swagger = "swagger.json" }]]

local function integration_of(template)
  return template.Resources.ApiApi.Properties.Body.paths["/player"].get
    ["x-amazon-apigateway-integration"]
end

describe("service:api", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    write_swagger()
    write("api/player.lua", MODULE)
    write("api/player_spec.lua", "undeclared()")
    write("api/admin/root.lua", "return {}")
    write("words.lua", "return { hello = 'hello' }")
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("becomes an API, its function, deployment, stage, permission and output", function()
    local template = template_of(API)

    assert.same({
      "ApiApi", "ApiApiPermission", "ApiApiStage", "ApiFunction", "ApiLogs", "ApiRole",
    }, ids_of(template, "^%u%a+$"))
    local deployment = ids_of(template, "^ApiApiDeployment%x+$")
    assert.equal(1, #deployment)
    assert.same({ Ref = deployment[1] }, template.Resources.ApiApiStage.Properties.DeploymentId)
    assert.equal("api", template.Resources.ApiApiStage.Properties.StageName)
    assert.equal("The URL of the service API 'api'", template.Outputs.ApiUrl.Description)
    assert.equal("api", template.Resources.ApiFunction.Properties.Handler)
  end)

  it("is the same of a description in YAML", function()
    write("swagger.yaml", [[
swagger: "2.0"
info: { title: players, version: "1" }
paths:
  /player:   # answered by api/player.lua
    get: { responses: { 200: { description: ok } } }
]])
    local by_yaml = template_of [[service:api { swagger = "swagger.yaml" }]]

    assert.equal(json.encode(template_of(API)), json.encode(by_yaml))
    write("swagger.yaml", "a: 1\na: 2\n")
    assert.matches("swagger%.yaml:2: the API description is not YAML",
      refused([[service:api { swagger = "swagger.yaml" }]], template_of))
  end)

  it("takes the definitions of interfaces in JSON and in YAML", function()
    write_swagger(function(document)
      for path, id in pairs { ["/game"] = "Games_Scores_1_0_0", ["/chat"] = "Games_Talk_2_1_0" } do
        document.paths[path] = {
          ["x-cloud-gem-framework-interface-implementation"] = { interface = id },
        }
      end
    end)
    local text = [[
swagger: "2.0"
info: { title: %s, version: "1" }
paths:
  /%s: { get: { responses: { 200: { description: ok } } } }
]]
    write("Games/api-definition/Talk_2_1_0.yaml", text:format("talk", "words"))
    write("Games/api-definition/Scores_1_0_0.json", [[{
      "swagger": "2.0", "info": { "title": "scores", "version": "1" },
      "paths": { "/best": { "get": { "responses": { "200": { "description": "ok" } } } } }
    }]])
    write("api/game_best.lua", MODULE)
    write("api/chat_words.lua", MODULE)
    local paths = template_of(API).Resources.ApiApi.Properties.Body.paths

    assert.truthy(paths["/game/best"].get)
    assert.truthy(paths["/chat/words"].get)
  end)

  it("fills in what the stack knows, and takes no role", function()
    local integration = integration_of(template_of(API))

    assert.is_nil(integration.credentials)
    assert.same({
      ["Fn::Join"] = {
        "",
        {
          "arn:", { Ref = "AWS::Partition" }, ":apigateway:", { Ref = "AWS::Region" },
          ":lambda:path/2015-03-31/functions/", { ["Fn::GetAtt"] = { "ApiFunction", "Arn" } },
          "/invocations",
        },
      },
    }, integration.uri)
  end)

  it("says its options", function()
    write_swagger(function(document)
      document.info.description = "by $Author$ in $Region$"
    end)
    local template = template_of [[
      local api = service:api {
        swagger = "swagger.json", name = "front", folder = "api", stage = "v1", output = "Address",
        role = "arn:aws:iam::1:role/x", settings = { Author = "Ada" },
        stage_variables = { mood = "bold" }, lambda = { memory = 512, environment = { AB = "c" } },
      }
      service:output { name = "Same", value = api.url }
      service:output { name = "Id", value = api.id }
      service:output { name = "Fn", value = api.lambda.arn }
    ]]
    local resources = template.Resources

    assert.equal(512, resources.FrontFunction.Properties.MemorySize)
    assert.same({ mood = "bold" }, resources.FrontApiStage.Properties.Variables)
    assert.equal("v1", resources.FrontApiStage.Properties.StageName)
    local body = resources.FrontApi.Properties.Body
    assert.same({ "by ", "Ada", " in ", { Ref = "AWS::Region" } },
      body.info.description["Fn::Join"][2])
    assert.equal("arn:aws:iam::1:role/x",
      body.paths["/player"].get["x-amazon-apigateway-integration"].credentials)
    assert.same(template.Outputs.Address.Value, template.Outputs.Same.Value)
    assert.is_nil(template.Outputs.FrontUrl)
    assert.same({ Ref = "FrontApi" }, template.Outputs.Id.Value)
    assert.same({ ["Fn::GetAtt"] = { "FrontFunction", "Arn" } }, template.Outputs.Fn.Value)
    local silent = template_of [[service:api { swagger = "swagger.json", output = false }]]
    assert.is_nil(silent.Outputs.ApiUrl)
  end)

  it("calls another function of the service where the description names it", function()
    write_swagger(function(document)
      document.paths["/player"]["x-amazon-cloud-canvas-lambda-dispatch"] = { lambda = "other" }
    end)
    assert(file.remove(folder .. "/api/player.lua"))
    local template = template_of(API
      .. [[ service:lambda { name = "other", handler = function() end }]])

    assert.same({ ["Fn::GetAtt"] = { "OtherFunction", "Arn" } },
      integration_of(template).uri["Fn::Join"][2][6])
    assert.same({ "ApiApiOtherFunctionPermission" }, ids_of(template, "^%a+Permission$"))
  end)

  it("lets an integration of the author's own call the function", function()
    write_swagger(function(document)
      document.paths["/player"].get["x-amazon-apigateway-integration"] = {
        type = "AWS_PROXY",
        httpMethod = "POST",
        uri = "arn:aws:apigateway:$Region$:lambda:path/2015-03-31/functions/"
          .. "$ServiceLambdaArn$/invocations",
      }
    end)
    local template = template_of(API)

    assert.same({ "ApiApiPermission" }, ids_of(template, "^%a+Permission$"))
    assert.same({ ["Fn::GetAtt"] = { "ApiFunction", "Arn" } },
      integration_of(template).uri["Fn::Join"][2][6])
  end)

  it("deploys again when the description changes, and only then", function()
    local function deployment()
      return ids_of(template_of(API), "^ApiApiDeployment%x+$")[1]
    end
    local first = deployment()
    assert.equal(first, deployment())
    write_swagger(function(document)
      document.info.title = "others"
    end)
    assert.not_equal(first, deployment())
  end)

  it("lets its modules travel, with what they require, and no tests", function()
    assert.same({ "api/admin/root.lua", "api/player.lua", "service.lua", "words.lua" },
      travelling(API))
  end)

  it("looks at its modules as at the service file", function()
    local function compiled(body)
      return refused(body, travelling)
    end
    write("api/player.lua", "return undeclared")
    assert.matches("api/player%.lua:1: unknown global 'undeclared'", compiled(API))
    write("api/player.lua", "return {")
    assert.matches("api/player%.lua:1: ", compiled(API))
    write("api/player.lua", "return { get = function() return require 'host.process' end }")
    assert.matches("api/player%.lua:1: the module 'host%.process' is not part of the runtime",
      compiled(API))
    write("api/player.lua", "return require 'nowhere'")
    assert.matches("the module 'nowhere' cannot be found", compiled(API))
  end)

  it("refuses an operation of a function that is not there", function()
    local function said(lambda)
      write_swagger(function(document)
        document.paths["/player"]["x-amazon-cloud-canvas-lambda-dispatch"] = { lambda = lambda }
      end)
      return API:gsub("}$", ", settings = { Mine = 'arn:aws:lambda:us-east-1:1:function:x' } }")
        .. [[ service:lambda { name = "other", handler = function() end }]]
    end

    assert.matches("swagger%.json: paths%./player%.get: 'othr' is no function of the service "
      .. "%(did you mean 'other'%?%); name one, or write an ARN", refused(said "othr"))
    assert.matches("'%$Other%$' is no function of the service", refused(said "$Other$"))
    for _, lambda in ipairs { "$Mine$", "arn:aws:lambda:$Region$:123456789012:function:x" } do
      assert.truthy(template_of(said(lambda)))
    end
  end)

  it("refuses an operation without its module, and a description that is not valid", function()
    write_swagger(function(document)
      document.paths["/a/b.c"] = document.paths["/player"]
      document.paths["/sp ace"] = document.paths["/player"]
    end)
    local text, code = refused(API)
    assert.equal("E221", code)
    assert.matches("swagger%.json: paths%./a/b%.c%.get: there is no api/a_b/c%.lua; write it, "
      .. "with a function 'get'", text)
    assert.matches("paths%./sp ace%.get: 'sp ace' cannot be a module's name", text)
    write("swagger.json", "{}")
    assert.matches("swagger%.json: the document: says neither 'swagger' nor 'openapi'",
      refused(API))
    assert.matches("service%.lua:%d+: there is no API description '.*nowhere%.json'",
      refused [[service:api { swagger = "nowhere.json" }]])
  end)

  for text, message in pairs {
    ["{}"] = "api: field 'swagger' is missing",
    ["{ swagger = '/etc/swagger.json' }"] = "api%.swagger: '/etc/swagger%.json' leaves",
    ["{ swagger = '../swagger.json' }"] = "leaves the service's folder",
    ["{ swagger = 'a', folder = '..' }"] = "api%.folder: '%.%.' is not a folder of modules",
    ["{ swagger = 'a', stage = '$default' }"] = "api%.stage: '%$default' is not a stage's name",
    ["{ swagger = 'a', settings = { ['a-b'] = 'x' } }"] = "api%.settings%.a%-b: a letter",
    ["{ swagger = 'a', settings = { a = 7 } }"] = "api%.settings%.a: string or intrinsic expected",
    ["{ swagger = 'a', lambda = { name = 'x' } }"] = "api%.lambda%.name: the API has one",
    ["{ swagger = 'a', lambda = { memmory = 1 } }"] = "unknown field 'memmory'",
    ["{ swagger = 'a', output = true }"] = "api%.output: a name of letters and digits, or false",
  } do
    it("refuses " .. text, function()
      local got = refused("service:api " .. text)
      assert.matches("service%.lua:3: ", got)
      assert.matches(message, got)
    end)
  end
end)
