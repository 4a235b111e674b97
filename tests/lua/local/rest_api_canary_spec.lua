-- Canaries of REST APIs' stages: made by stacks, and asked over HTTP. The lots are the test's.
local canary = require "engine.local.services.apigateway.canary"
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"

local deploy, send = rest.deploy, rest.send

-- Draws those lots in turn while `body` runs.
local function with_lots(lots, body)
  local draw, place = canary.draw, 0
  function canary.draw()
    place = place % #lots + 1
    return lots[place]
  end
  local ok, problem = pcall(body)
  canary.draw = draw
  assert(ok, problem)
end

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

-- A stage of one deployment, and the API as it is now in another: answers of `words`.
local function template_of(words, stage)
  stage.Variables = { colour = "blue", shape = "round" }
  local method = rest.reply("/a", "GET", words .. " $stageVariables.colour $stageVariables.shape "
    .. "$context.isCanaryRequest $context.deploymentId")
  return rest.template_of({ method }, { stage = stage })
end

-- The same with another word deployed beside; `make` is given the template before it is deployed.
local function deploy_two(stage, make)
  local url, id = deploy(template_of("old", stage))
  local template = template_of("new", stage)
  template.Resources.Second = {
    Type = "AWS::ApiGateway::Deployment", DependsOn = json.array { "Method1" },
    Properties = { RestApiId = { Ref = "Api" } },
  }
  make(template.Resources)
  deploy(template, "UpdateStack")
  return url, id, template
end

local function shown_stage(id)
  return rest.cloud:call("apigateway", "GetStage", { restApiId = id, stageName = "dev" })
end

describe("the canary of a stage", function()
  cloudy("gets its share of the requests, with variables of its own", function()
    local url, id, template = deploy_two({}, function(resources)
      resources.Stage.Properties.CanarySetting = {
        DeploymentId = { Ref = "Second" }, PercentTraffic = "25",
        StageVariableOverrides = { colour = "red" },
      }
    end)
    local told = shown_stage(id).canarySettings
    assert.equal(25, told.percentTraffic)
    assert.same({ colour = "red" }, told.stageVariableOverrides)
    assert.is_false(told.useStageCache)
    with_lots({ 0.2499, 0.25, 0, 0.999 }, function()
      for _ = 1, 2 do
        assert.equal("new red round true " .. told.deploymentId, send(url .. "/a").body)
        assert.equal("old blue round false " .. shown_stage(id).deploymentId,
          send(url .. "/a").body)
      end
    end)
    template.Resources.Stage.Properties.CanarySetting = nil
    deploy(template, "UpdateStack")
    assert.is_nil(shown_stage(id).canarySettings)
    assert.matches("^old blue round  ", send(url .. "/a").body)
  end)

  cloudy("gets none of them at 0, and all at 100", function()
    local url, _, template = deploy_two({}, function(resources)
      resources.Stage.Properties.CanarySetting = { DeploymentId = { Ref = "Second" } }
    end)
    with_lots({ 0 }, function()
      assert.matches("^old .* false", send(url .. "/a").body)
    end)
    template.Resources.Stage.Properties.CanarySetting.PercentTraffic = 100
    deploy(template, "UpdateStack")
    with_lots({ 0.9999 }, function()
      assert.matches("^new .* true", send(url .. "/a").body)
    end)
    template.Resources.Stage.Properties.CanarySetting.PercentTraffic = 101
    local ok, problem = pcall(deploy, template, "UpdateStack")
    assert.is_false(ok)
    assert.matches("between 0 and 100", tostring(problem))
  end)

  cloudy("may be what a deployment says, and goes with it", function()
    local url, id, template = deploy_two({}, function(resources)
      resources.Second.DependsOn = json.array { "Method1", "Stage" }
      resources.Second.Properties.StageName = "dev"
      resources.Second.Properties.DeploymentCanarySettings = { PercentTraffic = 50 }
    end)
    with_lots({ 0.1, 0.6 }, function()
      assert.matches("^new blue", send(url .. "/a").body)
      assert.matches("^old blue", send(url .. "/a").body)
    end)
    assert.equal(50, shown_stage(id).canarySettings.percentTraffic)
    assert.is_nil(shown_stage(id).canarySettings.byDeployment)
    template.Resources.Second = nil
    deploy(template, "UpdateStack")
    assert.is_nil(shown_stage(id).canarySettings)
    assert.matches("^old blue", send(url .. "/a").body)
  end)

  cloudy("has a cache of its own, or the stage's", function()
    local function kept(shares)
      local url, _, template = deploy_two({
        CacheClusterEnabled = true,
        MethodSettings = { { ResourcePath = "/*", HttpMethod = "*", CachingEnabled = true } },
      }, function(resources)
        resources.Stage.Properties.CanarySetting = {
          DeploymentId = { Ref = "Second" }, PercentTraffic = 50, UseStageCache = shares,
        }
      end)
      local answers = {}
      with_lots({ 0.6, 0.1, 0.6, 0.1 }, function()
        for i = 1, 4 do
          answers[i] = send(url .. "/a").body:match "^%l+"
        end
      end)
      return table.concat(answers, " "), template
    end
    assert.equal("old new old new", kept(false))
    rest.cloud:call("cloudformation", "DeleteStack", { StackName = "s" })
    rest.settled "s"
    assert.equal("old old old old", kept("true"))
  end)
end)
