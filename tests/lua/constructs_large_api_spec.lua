-- Where the description of service:api stands: in the template, or beside it.
local definition = require "engine.definition"
local description = require "engine.constructs.parts.description"
local failure = require "engine.failure"
local file = require "host.file"
local generate = require "engine.generate"
local json = require "host.json"
local model = require "engine.model"

local SERVICE <const> = [[
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:api { swagger = "swagger.json", settings = %s }
service:decorate(function(_, build)
  local template = build.template
  local properties = template.Resources.ApiApi.Properties
  %s
end)
return service
]]

local MODULE <const> = [[
local service = require "laconic.service_api"
return { get = service.api(function() end) }
]]

local folder

local function write(name, text)
  assert(file.make_folder((folder .. "/" .. name):match "^(.*)/"))
  assert(file.write(folder .. "/" .. name, text))
end

-- What becomes of a description with a text of so many bytes in it.
local function made(bytes, decoration, settings)
  write("service.lua", SERVICE:format(settings or "{}", decoration or ""))
  write("swagger.json", assert(json.encode {
    swagger = "2.0",
    info = { title = "$Title$", version = "1", description = ("x"):rep(bytes) },
    paths = { ["/player"] = { get = { responses = { ["200"] = { description = "ok" } } } } },
  }))
  local build = { code = { key = "k" }, role_arns = {}, output_dir = folder .. "/out" }
  local meant = model.build(definition.load(folder .. "/service.lua"), {})
  local template = generate.build(meant, build)
  generate.settle(meant, build)
  return template, build.descriptions and build.descriptions.ApiApi, template.Resources.ApiApi
end

local function deployment_of(template)
  return template.Resources.ApiApiStage.Properties.DeploymentId.Ref
end

local function refusal(...)
  local ok, raised = pcall(made, ...)
  assert.is_false(ok, "nothing was refused")
  return failure.explain(raised)
end

local LARGE <const> = description.INLINE_BYTES

describe("a service API's description", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    write("api/player.lua", MODULE)
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("stands in the template when it is small", function()
    local template, artifact, api = made(10)

    assert.is_nil(artifact)
    assert.is_nil(api.DependsOn)
    local room = description.INLINE_BYTES - #json.encode(api.Properties.Body) + 10
    assert.is_not_nil(select(3, made(room)).Properties.Body)
    assert.is_nil(select(3, made(room + 1)).Properties.Body)
    assert.is_not_nil(template.Resources[deployment_of(template)])
  end)

  it("is an object in S3 when it is large, of this text and this stack", function()
    local _, artifact, api = made(LARGE)

    assert.same({
      Bucket = { Ref = "ArtifactBucket" },
      Key = { ["Fn::Sub"] = artifact.key },
    }, api.Properties.BodyS3Location)
    assert.matches("^%${AWS::StackName}/ApiApi%-%x+%.%${AWS::AccountId}%.%${AWS::Region}%.json$",
      artifact.key)
    assert.same({ "ApiFunction" }, api.DependsOn)
    local text = assert(file.read(folder .. "/out/ApiApi.json"))
    assert.not_matches("GetAtt", text)
    assert.same(json.decode(text), json.decode(json.encode(artifact.value)))
    assert.equal(artifact.key, select(2, made(LARGE)).key)
    assert.not_equal(artifact.key, select(2, made(LARGE + 1)).key)
  end)

  it("is decorated as if it stood in the template, and deployed under the same name", function()
    local decoration = [[properties.Body.info.title = "decorated"]]
    local template, artifact, api = made(LARGE, decoration .. [[
      template.Resources.ApiApi.DependsOn = "ApiRole"
    ]])

    assert.equal("decorated", artifact.value.info.title)
    assert.same({ "ApiRole", "ApiFunction" }, api.DependsOn)
    local _, _, waiting = made(LARGE, [[template.Resources.ApiApi.DependsOn = { "ApiFunction" }]])
    assert.same({ "ApiFunction" }, waiting.DependsOn)
    assert.not_equal(deployment_of((made(LARGE))), deployment_of(template))
    local inline = description.INLINE_BYTES
    description.INLINE_BYTES = 10 * LARGE
    local ok, stands = pcall(made, LARGE)
    description.INLINE_BYTES = inline
    assert.is_true(ok, stands)
    assert.is_not_nil(stands.Resources.ApiApi.Properties.Body)
    assert.equal(deployment_of((made(LARGE))), deployment_of(stands))
  end)

  it("stays in the template when only the stack knows what it says", function()
    local _, artifact, api = made(LARGE, nil, [[{ Title = laconic.cfn.import_value "Title" }]])

    assert.is_nil(artifact)
    assert.is_nil(api.DependsOn)
    assert.same({ ["Fn::ImportValue"] = "Title" }, api.Properties.Body.info.title)
  end)

  it("is refused when neither has room for it", function()
    local said = refusal(1000000, nil, [[{ Title = laconic.cfn.import_value "Title" }]])
    assert.matches("service%.lua:3", said)
    assert.matches("E224", said)
    assert.matches("too many for the template; .*only the stack knows: info%.title", said)

    said = refusal(10, [[properties.Body.info.description = ("x"):rep(6 * 1024 * 1024)]])
    assert.matches("service%.lua:3", said)
    assert.matches("API Gateway imports 6 MB", said)
  end)

  it("is left alone when a decorator put something else there", function()
    for _, decoration in ipairs {
      "properties.Body = nil", "properties.Body = 'text'", "template.Resources.ApiApi = nil",
      "template.Resources.ApiApi.Properties = nil",
      "properties.Body = nil properties.BodyS3Location = { Bucket = 'b', Key = 'k' }",
    } do
      assert.is_nil((select(2, made(LARGE, decoration))), decoration)
    end
  end)
end)
