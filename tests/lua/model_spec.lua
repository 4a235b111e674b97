local laconic = require "laconic"
local model = require "engine.model"

local service

local function nothing() end

-- Blames the line that many lines above the caller.
local function refused(text, back)
  local line = debug.getinfo(2, "l").currentline - back
  local raised = assert.error_matches(text, function()
    model.build(service, {})
  end)
  assert.matches("model_spec%.lua:" .. line .. "$", raised.where)
  assert.equal("invalid", raised.kind)
end

local function actions_of(role)
  local list = {}
  for _, statement in ipairs(role.statements) do
    table.insert(list, table.concat(statement.Action, ","))
  end
  return table.concat(list, " ")
end

describe("engine.model", function()
  before_each(function()
    service = laconic.service { name = "orders", tags = { team = "blue" } }
  end)

  it("completes what was not said", function()
    service:lambda { name = "take-order", handler = nothing }

    local fn = model.build(service, {}).functions[1]

    assert.equal("TakeOrderFunction", fn.id)
    assert.equal("TakeOrderLogs", fn.log_group_id)
    assert.equal("TakeOrderRole", fn.role.id)
    assert.equal(128, fn.properties.memory)
    assert.equal(3, fn.properties.timeout)
    assert.equal(30, fn.properties.log.retention)
    assert.equal("x86_64", fn.properties.architecture)
    assert.equal("orders: take-order", fn.properties.description)
  end)

  it("leaves what was said as it was", function()
    local environment = { A_B = "c" }
    service:lambda { name = "take", handler = nothing, environment = environment }

    local fn = model.build(service, { env = "staging" }).functions[1]

    assert.same({ A_B = "c", LACONIC_ENV = "staging" }, fn.properties.environment)
    assert.same({ A_B = "c" }, environment)
  end)

  it("gives each function a role of its own, that allows its own logs and no more", function()
    service:lambda { name = "a", handler = nothing }
    service:lambda { name = "b", handler = nothing }

    local roles = model.build(service, {}).roles

    assert.equal(2, #roles)
    assert.equal("logs:CreateLogStream,logs:PutLogEvents", actions_of(roles[1]))
    assert.same({ { ["Fn::GetAtt"] = { "ALogs", "Arn" } } }, roles[1].statements[1].Resource)
  end)

  it("adds X-Ray, VPC and dead letter statements only where they are used", function()
    local dead = service:resource { name = "Dead", type = "AWS::SNS::Topic" }
    service:lambda { name = "a", handler = nothing, tracing = "active" }
    service:lambda { name = "b", handler = nothing, dead_letter = dead.ref }
    service:lambda { name = "c", handler = nothing, dead_letter = "arn:aws:sqs:eu-west-1:1:q" }
    service:lambda {
      name = "d",
      handler = nothing,
      vpc = { subnets = { "s" }, security_groups = { "g" } },
    }

    local roles = model.build(service, {}).roles

    assert.matches(" xray:PutTelemetryRecords,xray:PutTraceSegments$", actions_of(roles[1]))
    assert.matches("PutLogEvents sns:Publish$", actions_of(roles[2]))
    assert.matches("PutLogEvents sqs:SendMessage$", actions_of(roles[3]))
    assert.matches("ec2:CreateNetworkInterface", actions_of(roles[4]))
  end)

  it("makes a shared definition once, with what all its functions need", function()
    local role = laconic.iam.role {
      name = "reader",
      privileges = { { actions = "s3:GetObject", resource = "*" } },
    }
    service:lambda { name = "a", handler = nothing, role = role }
    service:lambda { name = "b", handler = nothing, role = role }

    local built = model.build(service, {})

    assert.equal(1, #built.roles)
    assert.equal("ReaderRole", built.roles[1].id)
    assert.equal(3, #built.roles[1].statements)
    assert.equal("ReaderRole", built.functions[2].role.id)
  end)

  it("collects the names of existing roles, each once, sorted", function()
    service:lambda { name = "a", handler = nothing, role = "zeta" }
    service:lambda { name = "b", handler = nothing, role = "alpha" }
    service:lambda { name = "c", handler = nothing, role = "zeta" }

    local built = model.build(service, {})

    assert.same({ "alpha", "zeta" }, built.role_names)
    assert.same({ name = "zeta" }, built.functions[1].role)
    assert.same({}, built.roles)
  end)

  it("adds the command line's tags to the service's", function()
    local built = model.build(service, { tags = { team = "red", cost = "1" } })

    assert.same({ team = "red", cost = "1" }, built.tags)
    assert.same({ team = "blue" }, service.tags)
  end)

  it("remembers who declared each logical id", function()
    service:lambda { name = "a", handler = nothing }
    local line = debug.getinfo(1, "l").currentline - 1

    local where = model.build(service, {}).where

    assert.matches("model_spec%.lua:" .. line .. "$", where.AFunction)
    assert.equal(where.AFunction, where.ALogs)
    assert.equal(where.AFunction, where.ARole)
  end)

  it("refuses a logical id that is taken, or ours", function()
    service:resource { name = "HelloFunction", type = "AWS::SQS::Queue" }
    service:lambda { name = "hello", handler = nothing }
    refused("function 'HelloFunction': that name is taken: .*model_spec%.lua:%d+", 1)

    service = laconic.service { name = "orders" }
    service:parameter { name = "ArtifactBucket" }
    refused("parameter 'ArtifactBucket': that name is kept for", 1)
  end)

  it("refuses the handle of a function that nobody defines", function()
    service:lambda "nobody"
    refused("there is no function 'nobody'", 1)
  end)

  it("refuses two architectures in one archive", function()
    service:lambda { name = "a", handler = nothing }
    service:lambda { name = "b", handler = nothing, architecture = "arm64" }
    refused("function 'b' is for arm64, and 'a' .* for x86_64: a service has one", 1)
  end)
end)
