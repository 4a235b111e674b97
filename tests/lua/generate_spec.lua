local generate = require "engine.generate"
local laconic = require "laconic"
local model = require "engine.model"

local service

local function nothing() end

local function here()
  return debug.getinfo(2, "l").currentline
end

local function build()
  local meant = model.build(service, {})
  local made = { code = { key = "orders/code-1.zip" }, role_arns = { known = "arn:known" } }
  return generate.build(meant, made), meant, made
end

local function refused(line, text)
  local raised = assert.error_matches(text, build)
  assert.matches("generate_spec%.lua:" .. line .. "$", raised.where)
  assert.equal("invalid", raised.kind)
  return raised
end

describe("engine.generate", function()
  before_each(function()
    service = laconic.service { name = "orders" }
    service:lambda { name = "take", handler = nothing }
  end)

  it("takes the bucket by parameter, the key as it is", function()
    local template = build()

    assert.same({ S3Bucket = { Ref = "ArtifactBucket" }, S3Key = "orders/code-1.zip" },
      template.Resources.TakeFunction.Properties.Code)
    assert.equal("String", template.Parameters.ArtifactBucket.Type)
  end)

  it("names functions after the stack, so that one template serves several", function()
    local properties = build().Resources.TakeFunction.Properties

    assert.same({ ["Fn::Join"] = { "", { { Ref = "AWS::StackName" }, "_take" } } },
      properties.FunctionName)
    assert.equal("take", properties.Handler)
    assert.equal("provided.al2023", properties.Runtime)
  end)

  it("takes the verified ARN of an existing role, else its usual one", function()
    service:lambda { name = "a", role = "known", handler = nothing }
    service:lambda { name = "b", role = "other", handler = nothing }

    local resources = build().Resources

    assert.equal("arn:known", resources.AFunction.Properties.Role)
    assert.equal(":role/other", resources.BFunction.Properties.Role["Fn::Join"][2][5])
    assert.is_nil(resources.ARole)
  end)

  it("says a role without a path alike, verified or not", function()
    service:lambda { name = "a", role = "reporter", handler = nothing }
    local meant = model.build(service, {})
    local arn = "arn:aws:iam::123456789012:role/reporter"

    local function role_of(role_arns)
      local made = { code = { key = "k" }, role_arns = role_arns }
      return generate.build(meant, made).Resources.AFunction.Properties.Role
    end

    assert.same(role_of {}, role_of { reporter = arn })
    assert.equal("arn:aws:iam::123456789012:role/teams/reporter",
      role_of { reporter = "arn:aws:iam::123456789012:role/teams/reporter" })
  end)

  it("names a decorator that fails, at its line", function()
    local line = here() + 2
    service:decorate(function()
      error "nothing doing"
    end)

    assert.equal("E111", refused(line, "the decorator failed: nothing doing").code)
  end)

  it("refuses a decorator that makes something else of a section", function()
    local line = here() + 1
    service:decorate(function(template)
      template.Resources = 7
    end)

    assert.equal("E304", refused(line, "made a number of the section 'Resources'").code)
  end)

  it("names the function whose decorator fails", function()
    local line = here() + 1
    service:lambda { name = "a", handler = nothing, decorators = { function() error("no", 0) end } }

    refused(line, "a decorator of the function 'a' failed: no")
  end)

  it("gives every role a trust of its own, in lambda alone", function()
    service:lambda { name = "b", handler = nothing }

    local resources = build().Resources
    local first = resources.TakeRole.Properties.AssumeRolePolicyDocument
    local second = resources.BRole.Properties.AssumeRolePolicyDocument

    assert.same(first, second)
    assert.is_false(rawequal(first, second))
    assert.equal("lambda.amazonaws.com", first.Statement[1].Principal.Service)
  end)

  it("gives a decorator a fresh template, and its function's facts", function()
    local seen
    service:lambda {
      name = "b",
      handler = nothing,
      decorators = {
        function(template, lambda, made)
          seen = { template = next(template.Resources), lambda = lambda, made = made }
          template.Resources.Extra = { Type = "AWS::SQS::Queue" }
          lambda.resource.Properties.Timeout = 7
        end,
      },
    }

    local template, _, made = build()

    assert.is_nil(seen.template)
    assert.equal("BFunction", seen.lambda.id)
    assert.equal("BRole", seen.lambda.role_id)
    assert.equal(made, seen.made)
    assert.equal("AWS::SQS::Queue", template.Resources.Extra.Type)
    assert.equal(7, template.Resources.BFunction.Properties.Timeout)
  end)

  it("runs service decorators after, in order, on what is there so far", function()
    service:decorate(function(template, made)
      template.Outputs.Count = { Value = made.template.Resources.TakeFunction.Type }
    end)
    service:decorate(function(_, made)
      made.template.Outputs.Count.Value = made.template.Outputs.Count.Value .. "!"
    end)

    assert.equal("AWS::Lambda::Function!", build().Outputs.Count.Value)
  end)

  it("remembers which decorator declared what", function()
    local line = here() + 1
    service:decorate(function(template)
      template.Resources.Extra = { Type = "AWS::SQS::Queue" }
    end)

    local _, meant = build()

    assert.matches("generate_spec%.lua:" .. line .. "$", meant.where.Extra)
  end)

  it("refuses a collision, and names both places", function()
    service:resource { name = "Extra", type = "AWS::SQS::Queue" }
    local line = here() + 1
    service:decorate(function(template)
      template.Resources.Extra = { Type = "AWS::SNS::Topic" }
    end)

    refused(line, "adds the resource 'Extra', which is there already: .*generate_spec%.lua:"
      .. line - 2)
  end)

  it("refuses a section that templates do not have", function()
    local line = here() + 1
    service:decorate(function(template)
      template.Resource = { Extra = { Type = "AWS::SNS::Topic" } }
    end)

    refused(line, "unknown section 'Resource' %(did you mean 'Resources'%?%)")
  end)
end)
