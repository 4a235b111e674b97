-- The template's side of laconic.discovery; its text as a whole is tests/flow/discovering.
local discovery = require "engine.generate.discovery"
local failure = require "engine.failure"

local function role()
  return {
    Type = "AWS::IAM::Role",
    Properties = { Policies = { { PolicyDocument = { Statement = {} } } } },
  }
end

local function lambda(name, discovers, more)
  local fn = {
    name = name,
    id = name .. "Function",
    role = { id = name .. "Role" },
    properties = { discovers = discovers, depends_on = {} },
    where = "service.lua:7",
  }
  for key, value in pairs(more or {}) do
    fn[key] = value
  end
  return fn
end

-- The template after discovery, of these functions and resources.
local function discover(functions, resources)
  local template = { Resources = resources }
  for _, fn in ipairs(functions) do
    resources[fn.id] = { Type = "AWS::Lambda::Function", Properties = {} }
    resources[fn.id .. "x"] = nil
    if fn.role.id then
      resources[fn.role.id] = resources[fn.role.id] or role()
    end
  end
  discovery.add(template, { functions = functions, where = {} })
  return resources
end

local function asked(id, count)
  local attributes = {}
  for i = 1, count do
    attributes[i] = ("A%02d"):format(i)
  end
  return { { id = id, attributes = attributes } }
end

local function variable(resource)
  local environment = resource.Properties.Environment
  return environment and environment.Variables.LACONIC_DISCOVERY
end

local function text_of(join)
  local list = {}
  for i, part in ipairs(join["Fn::Join"][2]) do
    list[i] = type(part) == "string" and part or "*"
  end
  return table.concat(list)
end

describe("what a template says for discovery", function()
  it("is nothing when nothing is discovered", function()
    local resources = discover({ lambda("Plain", nil) }, {})

    assert.is_nil(variable(resources.PlainFunction))
  end)

  it("is the type's own attributes, and those asked for", function()
    local resources = discover({ lambda("F", { { id = "Bus", attributes = { "Custom.Part" } } }) },
      { Bus = { Type = "AWS::Events::EventBus" } })

    assert.equal('{"stack":"*","resources":{"Bus":{"type":"AWS::Events::EventBus","ref":"*",'
      .. '"attributes":{"Arn":"*","Custom.Part":"*","Name":"*"}}}}',
      text_of(variable(resources.FFunction)))
  end)

  it("leaves out an attribute whose property is not there", function()
    local resources = discover({ lambda("F", { { id = "T", attributes = {} } }) },
      { T = { Type = "AWS::DynamoDB::Table", Properties = {} } })

    assert.not_matches("StreamArn", text_of(variable(resources.FFunction)))
  end)

  it("moves to parameters of eight values when the environment cannot hold it", function()
    local resources = discover({ lambda("F", asked("Thing", 20)) },
      { Thing = { Type = "AWS::Some::Thing" } })

    assert.equal('{"stack":"*","resources":{"Thing":{"type":"AWS::Some::Thing","parameters":3}}}',
      text_of(variable(resources.FFunction)))
    assert.same({ "ThingFacts", "ThingFacts2", "ThingFacts3" }, resources.FFunction.DependsOn)
    assert.equal('{"ref":"*","attributes":{"A01":"*","A02":"*","A03":"*","A04":"*","A05":"*",'
      .. '"A06":"*","A07":"*"}}', text_of(resources.ThingFacts.Properties.Value))
    assert.matches('^{"attributes":{"A16":', text_of(resources.ThingFacts3.Properties.Value))
    local statement = resources.FRole.Properties.Policies[1].PolicyDocument.Statement[1]
    assert.same({ "ssm:GetParameters" }, statement.Action)
    assert.matches("parameter/laconic/${AWS::StackName}/Thing/%*$",
      statement.Resource[1]["Fn::Sub"])
  end)

  it("leaves a table that holds itself, which a decorator may make, to marshal", function()
    local properties = {}
    properties.Self = { properties }

    local resources = discover({ lambda("F", { { id = "Bus", attributes = {} } }) },
      { Bus = { Type = "AWS::Events::EventBus", Properties = properties } })

    assert.matches('^{"stack":"%*"', text_of(variable(resources.FFunction)))
  end)

  it("counts what the function's other variables take", function()
    local functions = { lambda("F", asked("Thing", 2)) }
    local resources = { Thing = { Type = "AWS::Some::Thing" }, FRole = role() }
    resources.FFunction = {
      Properties = { Environment = { Variables = { BIG = ("x"):rep(3000) } } },
    }
    discovery.add({ Resources = resources }, { functions = functions, where = {} })

    assert.matches('"parameters":1', text_of(variable(resources.FFunction)))
    assert.equal(3000, #resources.FFunction.Properties.Environment.Variables.BIG)
  end)

  it("makes one parameter for several functions, with all that they ask for", function()
    local first, second = asked("Thing", 20), asked("Thing", 20)
    first[1].attributes[20], second[1].attributes[20] = "OnlyFirst", "OnlySecond"
    local resources = discover({ lambda("F", first), lambda("G", second) },
      { Thing = { Type = "AWS::Some::Thing" } })

    local text = text_of(resources.ThingFacts3.Properties.Value)
    assert.matches('"OnlyFirst":"%*","OnlySecond":"%*"', text)
  end)

  it("lets a function discover what comes after it, and does not wait for that", function()
    local resources = discover({ lambda("F", { { id = "Url", attributes = {} } }) }, {
      Url = {
        Type = "AWS::Lambda::Url",
        Properties = { TargetFunctionArn = { ["Fn::Sub"] = "${FFunction.Arn}" } },
      },
    })

    assert.matches('"parameters":1', text_of(variable(resources.FFunction)))
    assert.is_nil(resources.FFunction.DependsOn)
    assert.equal("AWS::SSM::Parameter", resources.UrlFacts.Type)
  end)

  it("speaks of the parameters of what may not be made, and does not depend on them", function()
    local resources = discover({ lambda("F", asked("Thing", 20)) },
      { Thing = { Type = "AWS::Some::Thing", Condition = "IsLive" } })

    local parts = variable(resources.FFunction)["Fn::Join"][2]
    assert.same({ ["Fn::If"] = { "IsLive", { Ref = "ThingFacts" }, "" } }, parts[4])
    assert.matches('"parameters":3,"here":"%*%*%*"}', text_of(variable(resources.FFunction)))
    assert.is_nil(resources.FFunction.DependsOn)
    assert.equal("IsLive", resources.ThingFacts3.Condition)
  end)

  it("says of what may not be made, and comes after the function, only that", function()
    local resources = discover({ lambda("F", { { id = "Url", attributes = {} } }) }, {
      Url = {
        Type = "AWS::Lambda::Url",
        Condition = "IsLive",
        Properties = { TargetFunctionArn = { ["Fn::GetAtt"] = "FFunction.Arn" } },
      },
    })

    assert.matches('"parameters":1,"conditional":true}', text_of(variable(resources.FFunction)))
  end)

  it("leaves an existing role alone", function()
    local resources = discover({ lambda("F", asked("Thing", 20), { role = { name = "theirs" } }) },
      { Thing = { Type = "AWS::Some::Thing" } })

    assert.equal("AWS::SSM::Parameter", resources.ThingFacts.Type)
  end)

  it("refuses a resource that nobody defines, at the function's line", function()
    local ok, problem = pcall(discover, { lambda("F", { { id = "Vists", attributes = {} } }) },
      { Visits = { Type = "AWS::DynamoDB::Table" } })

    assert.is_false(ok)
    assert.is_true(failure.is(problem, "invalid"))
    assert.equal("service.lua:7", problem.where)
    assert.equal("function 'F' discovers an unknown resource 'Vists' (did you mean 'Visits'?)",
      problem.message)
  end)

  it("refuses a name that is taken", function()
    assert.error_matches("'ThingFacts' would be the parameter that tells of Thing", function()
      discover({ lambda("F", asked("Thing", 20)) },
        { Thing = { Type = "AWS::Some::Thing" }, ThingFacts = { Type = "AWS::S3::Bucket" } })
    end)
  end)
end)
