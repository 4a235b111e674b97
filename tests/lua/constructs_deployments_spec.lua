-- What a deployment's id tells of: the API as the template has it in the end, after every decorator
-- and hook; and that whatever spoke of the deployment follows.
local description = require "engine.constructs.parts.description"
local file = require "host.file"
local json = require "host.json"
local provision = require "engine.provision"

local SERVICE <const> = [[
local laconic = require "laconic"
local cfn = require "laconic.cfn"
local service = laconic.service { name = "shop" }
service:hook("pre_build", function(build)
  build.runtime = { name = "bootstrap", data = "#!", executable = true }
end)
local hello = service:lambda { name = "hello", handler = print }
%s
service:hook("%s", function(build)
  local template = build.template
  local resources = template.Resources
  %s
end)
return service
]]

local REST <const> = [[
local api = service:rest_api { name = "shop" }
api:method { path = "/", verb = "GET", lambda = hello, proxy = true }
]]

local HTTP <const> = [[
local api = service:http_api { name = "shop", stage = { auto_deploy = false } }
api:route { key = "GET /", lambda = hello }
]]

local WEBSOCKET <const> = [[
local api = service:websocket_api { name = "shop" }
api:route { key = "say", lambda = hello }
]]

local DESCRIBED <const> = [[service:api { name = "shop", swagger = "swagger.json" }]]

local MODULE <const> = [[
local service = require "laconic.service_api"
return { get = service.api(function() end) }
]]

local folder

local function write(name, text)
  local path = folder .. "/" .. name
  assert(file.make_folder(path:match "^(.*)/"))
  assert(file.write(path, text))
end

local function write_description(bytes)
  write("api/player.lua", MODULE)
  write("swagger.json", assert(json.encode {
    swagger = "2.0",
    info = { title = "shop", version = "1", description = ("x"):rep(bytes) },
    paths = { ["/player"] = { get = { responses = { ["200"] = { description = "ok" } } } } },
  }))
end

-- What is sent of a service with these words and this hook: read from the text.
local function sent(words, change, hook)
  write("service.lua", SERVICE:format(words, hook or "post_marshal", change or ""))
  local build = provision.build(folder .. "/service.lua", { params = {}, tags = {} })
  return assert(json.decode(build.template_text)), build
end

-- The id of the one deployment, which the stage refers to.
local function deployment_of(template)
  local found
  for id, resource in pairs(template.Resources) do
    if resource.Type:find "::Deployment$" then
      assert.is_nil(found)
      found = id
    end
  end
  assert.same({ Ref = found }, template.Resources.ShopApiStage.Properties.DeploymentId)
  assert.matches("^ShopApiDeployment%x%x%x%x%x%x%x%x%x%x%x%x$", found)
  return found, template.Resources[found]
end

local function deployed(...)
  return deployment_of((sent(...)))
end

-- Each of the changes makes an id of its own.
local function told_apart(words, changes)
  local seen = { [deployed(words)] = "none" }
  for _, change in ipairs(changes) do
    local id = deployed(words, change)
    assert.is_nil(seen[id], change)
    assert.equal(id, (deployed(words, change)))
    seen[id] = change
  end
end

-- None of them makes another.
local function told_alike(words, changes)
  local id = deployed(words)
  for _, change in ipairs(changes) do
    assert.equal(id, (deployed(words, change)), change)
  end
end

-- A resource of the API, as a hook or a decorator says it.
local function part(type, properties)
  return ("resources.More = { Type = 'AWS::%s', Properties = { %s } }"):format(type, properties)
end

describe("an API's deployment", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("is another one for each change that a hook makes in a REST API", function()
    local own = "RestApiId = { Ref = 'ShopApi' }, "
    told_apart(REST, {
      "resources.ShopApiGetMethod.Properties.ApiKeyRequired = true",
      "resources.ShopApiGetMethod.Properties.Integration.TimeoutInMillis = 1000",
      "resources.ShopApi.Properties.BinaryMediaTypes = { 'image/png' }",
      part("ApiGateway::Method", own .. "HttpMethod = 'PUT'"),
      part("ApiGateway::Resource", own .. "PathPart = 'x'"),
      part("ApiGateway::Model", own .. "ContentType = 'a/b'"),
      part("ApiGateway::RequestValidator", own .. "ValidateRequestBody = true"),
      part("ApiGateway::Authorizer", own .. "Name = 'a', Type = 'TOKEN'"),
      part("ApiGateway::GatewayResponse", own .. "ResponseType = 'THROTTLED'"),
    })
  end)

  it("is the same one when a hook changes what is not the API's", function()
    local other = "RestApiId = { Ref = 'Other' }, "
    told_alike(REST, {
      "resources.HelloFunction.Properties.MemorySize = 256",
      "resources.ShopApiStage.Properties.Description = 'changed'",
      "template.Outputs.More = { Value = 'x' }",
      "template.Mappings.Unused = { a = { b = 'c' } }",
      part("ApiGateway::Model", other .. "ContentType = 'a/b'")
        .. " resources.Other = { Type = 'AWS::ApiGateway::RestApi', Properties = { Name = 'o' } }",
    })
  end)

  it("is told by the definition, whoever said it", function()
    local change = "build.template.Resources.ShopApiGetMethod.Properties.ApiKeyRequired = true"
    local decorated = REST .. "service:decorate(function(_, build) " .. change .. " end)"

    assert.equal(deployed(REST, change), (deployed(decorated)))
  end)

  it("finds what is the API's however it names it", function()
    local model = "ContentType = 'a/b', RestApiId = "
    told_apart(REST, {
      part("ApiGateway::Model", model .. "cfn.sub '${ShopApi}'"),
      part("ApiGateway::Model", model .. "{ ['Fn::GetAtt'] = { 'ShopApi', 'RestApiId' } }"),
      part("ApiGateway::Model", model .. "{ ['Fn::GetAtt'] = 'ShopApi.RestApiId' }"),
    })
  end)

  it("shows mappings and conditions that the API speaks of", function()
    local words = REST .. [[
      service:mapping { name = "Texts", value = { a = { b = "%s" } } }
      service:parameter { name = "Stage", type = "String", default = "x" }
      service:condition { name = "Inner", value = cfn.equals(cfn.ref "Stage", "%s") }
      service:condition { name = "Outer", value = cfn.not_(cfn.condition "Inner") }
    ]]
    local change = [[
      resources.ShopApiGetMethod.Properties.OperationName = cfn.find_in_map("Texts", "a", "b")
      resources.ShopApiGetMethod.Condition = "Outer"
    ]]
    local first = deployed(words:format("x", "y"), change)

    assert.equal(first, (deployed(words:format("x", "y"), change)))
    assert.not_equal(first, (deployed(words:format("z", "y"), change)))
    assert.not_equal(first, (deployed(words:format("x", "z"), change)))
  end)

  it("is waited for, shown and named under its first name, by hooks too", function()
    local template = sent(REST, [[
      resources.ShopApiDeployment.DependsOn = { "HelloRole" }
      resources.ShopApiStage.Metadata = { Is = cfn.sub "${ShopApiDeployment.DeploymentId}" }
      resources.Second = {
        Type = "AWS::ApiGateway::Stage",
        DependsOn = "ShopApiDeployment",
        Properties = {
          DeploymentId = { Ref = "ShopApiDeployment" },
          Description = { ["Fn::Sub"] = { "${ShopApiDeployment} ${Is}", {
            Is = { ["Fn::GetAtt"] = "ShopApiDeployment.DeploymentId" },
          } } },
          DocumentationVersion = { ["Fn::Sub"] = { "${ShopApiDeployment}", {
            ShopApiDeployment = "of its own",
          } } },
          RestApiId = { Ref = "ShopApi" },
          StageName = "second",
        },
      }
      template.Outputs.Shown = { Value = cfn.sub "${!ShopApiDeployment} ${ShopApiDeployment}" }
    ]])
    local id, deployment = deployment_of(template)
    local second = template.Resources.Second

    assert.same({ "HelloRole", "ShopApiGetMethod" }, deployment.DependsOn)
    assert.same({ ["Fn::Sub"] = "${" .. id .. ".DeploymentId}" },
      template.Resources.ShopApiStage.Metadata.Is)
    assert.equal(id, second.DependsOn)
    assert.same({ Ref = id }, second.Properties.DeploymentId)
    assert.same({ "${" .. id .. "} ${Is}", {
      Is = { ["Fn::GetAtt"] = id .. ".DeploymentId" },
    } }, second.Properties.Description["Fn::Sub"])
    assert.equal("${ShopApiDeployment}", second.Properties.DocumentationVersion["Fn::Sub"][1])
    assert.same({ ["Fn::Sub"] = "${!ShopApiDeployment} ${" .. id .. "}" },
      template.Outputs.Shown.Value)
  end)

  it("of an HTTP API tells of all of it; a stage that deploys by itself has none", function()
    local own = "ApiId = { Ref = 'ShopApi' }, "
    told_apart(HTTP, {
      "resources.ShopApiGetRoute.Properties.OperationName = 'get'",
      "resources.ShopApiHelloIntegration.Properties.TimeoutInMillis = 1000",
      part("ApiGatewayV2::Route", own .. "RouteKey = 'PUT /'"),
      part("ApiGatewayV2::Authorizer", own .. "AuthorizerType = 'JWT', Name = 'a'"),
    })
    told_alike(HTTP, { "resources.ShopApiStage.Properties.Description = 'changed'" })

    local own_way = HTTP:gsub("stage = .-} ", "")
    for _, resource in pairs(sent(own_way).Resources) do
      assert.not_matches("::Deployment$", resource.Type)
    end
  end)

  it("of a WebSocket API tells of all of it", function()
    local own = "ApiId = { Ref = 'ShopApi' }, "
    told_apart(WEBSOCKET, {
      "resources.ShopApiSayRoute.Properties.ApiKeyRequired = true",
      "resources.ShopApi.Properties.RouteSelectionExpression = '$request.body.do'",
      part("ApiGatewayV2::Route", own .. "RouteKey = '$connect'"),
      part("ApiGatewayV2::Model", own .. "Name = 'M', Schema = {}"),
    })
    local change = part("ApiGatewayV2::Route", own .. "RouteKey = '$connect'")
    local _, deployment = deployed(WEBSOCKET, change)
    assert.same({ "More", "ShopApiSayRoute" }, deployment.DependsOn)
  end)

  it("of a service API tells of its description, and of what else it was given", function()
    write_description(10)
    local own = "RestApiId = { Ref = 'ShopApi' }, "
    local answer = part("ApiGateway::GatewayResponse", own .. "ResponseType = 'THROTTLED'")
    told_apart(DESCRIBED, {
      "resources.ShopApi.Properties.Body.info.title = 'changed'",
      part("ApiGateway::Method", own .. "HttpMethod = 'PUT'"),
      answer,
    })

    assert.is_nil(select(2, deployed(DESCRIBED)).DependsOn)
    assert.same({ "More" }, select(2, deployed(DESCRIBED, answer)).DependsOn)
  end)

  it("tells of a large description that a hook changed, and so does what is uploaded", function()
    write_description(description.INLINE_BYTES)
    local first, before = sent(DESCRIBED)
    local changed, after = sent(DESCRIBED,
      "resources.ShopApi.Properties.Body.info.title = 'changed'")

    assert.equal("shop", before.descriptions.ShopApi.value.info.title)
    assert.equal("changed", after.descriptions.ShopApi.value.info.title)
    assert.is_nil(changed.Resources.ShopApi.Properties.Body)
    assert.not_equal(deployment_of(first), (deployment_of(changed)))
    assert.equal(deployment_of(first), (deployed(DESCRIBED)))
  end)

  it("has its name before validators look, who change nothing of it", function()
    local template, build = sent(REST, [[
      assert(resources.ShopApiStage.Properties.DeploymentId.Ref:find "Deployment%x+$")
      resources.ShopApiGetMethod.Properties.ApiKeyRequired = true
    ]], "validate")

    assert.equal(deployed(REST), (deployment_of(template)))
    assert.is_false(template.Resources.ShopApiGetMethod.Properties.ApiKeyRequired)
    assert.is_false(build.template.Resources.ShopApiGetMethod.Properties.ApiKeyRequired)
  end)

  it("goes when a hook takes it away", function()
    local template = sent(REST, "resources.ShopApiDeployment, resources.ShopApiStage = nil, nil")

    for id in pairs(template.Resources) do
      assert.not_matches("Deployment", id)
    end
  end)

  it("leaves it to the checks to tell of a template that a hook has broken", function()
    for change, problem in pairs {
      ["table.insert(resources, {})"] = "Resources",
      ["template.Resources = 1"] = "Resources",
      ["template.Mappings, template.Outputs = 1, 2"] = "Outputs",
      ["resources.ShopApi.Properties.Loop = resources.ShopApi"] = "ShopApi",
      ["resources.Loop = resources resources.ShopApi.Properties.All = resources"] = "Loop",
    } do
      local ok, raised = pcall(sent, REST, change)
      assert.is_false(ok, change)
      assert.equal("invalid", raised.kind, change .. ": " .. tostring(raised))
      assert.matches(problem, tostring(raised))
    end
  end)
end)
