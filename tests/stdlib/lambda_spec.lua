local cfn = require "laconic.cfn"
local iam = require "laconic.iam"
local laconic = require "laconic"

local service

local function nothing() end

-- Says a function with these fields, on a line of its own: returns what was raised, and that line.
local function say(fields)
  fields.name = fields.name or "hello"
  fields.handler = fields.handler or nothing
  local line = debug.getinfo(1, "l").currentline + 1
  local ok, raised = pcall(service.lambda, service, fields)
  return ok, raised, line
end

local function mistake(text, fields)
  local ok, raised, line = say(fields)
  assert.is_false(ok)
  assert.matches(text, tostring(raised))
  assert.matches("lambda_spec%.lua:" .. line .. "$", raised.where)
end

describe("service:lambda", function()
  before_each(function()
    service = laconic.service { name = "orders" }
  end)

  it("takes everything that Lambda knows", function()
    local ok, handle = say {
      description = "Says hello",
      memory = 10240,
      timeout = 900,
      environment = { TABLE = cfn.ref "Visits", MODE = "fast" },
      architecture = "arm64",
      ephemeral_storage = 512,
      layers = { "arn:aws:lambda:eu-west-1:123456789012:layer:a:1", cfn.ref "Layer" },
      vpc = { subnets = { "subnet-1" }, security_groups = { cfn.ref "Group" } },
      dead_letter = cfn.att("Dead", "Arn"),
      tracing = "active",
      kms_key = cfn.att("Key", "Arn"),
      reserved_concurrency = 0,
      log = { format = "json", level = "debug", system_level = "warn", retention = 14 },
      tags = { team = "blue" },
      role = iam.role { managed_policies = { "arn:aws:iam::aws:policy/X" }, path = "/a/" },
      privileges = { { actions = { "s3:Get*" }, resource = "*", effect = "Deny" } },
      depends_on = "Visits",
      decorators = { nothing },
    }

    assert.is_true(ok)
    assert.equal("HelloFunction", handle.id)
    assert.same({ "Visits" }, service.functions[1].depends_on)
    assert.equal(nothing, service.functions[1].decorators[1].run)
  end)

  it("asks for a name and a handler", function()
    local _, raised = pcall(service.lambda, service, { name = "a" })
    assert.matches("lambda_spec%.lua:%d+: lambda: field 'handler' is missing", tostring(raised))
    mistake("lambda.handler: function expected, got string \"hello\"", { handler = "hello" })
    mistake("lambda.name: 'a b' is not a function's name", { name = "a b" })
    mistake("'orders_a+' has 65 characters, and Lambda takes 64", { name = ("a"):rep(58) })
  end)

  it("names the nearest field", function()
    mistake("lambda: unknown field 'memmory' %(did you mean 'memory'%?%)", { memmory = 128 })
    mistake("lambda.log: unknown field 'retension' %(did you mean 'retention'%?%)",
      { log = { retension = 1 } })
    mistake("lambda.file_system.path: '/data' is not a place for a file system",
      { file_system = { arn = "arn:aws:x", path = "/data" } })
    mistake("lambda.file_system: .* 'vpc' is missing",
      { file_system = { arn = "arn:aws:x", path = "/mnt/data" } })
    mistake("lambda.vpc: unknown field 'subnet' %(did you mean 'subnets'%?%)",
      { vpc = { subnet = {} } })
  end)

  it("knows Lambda's limits", function()
    mistake("lambda.memory: must be from 128 to 10240 MB, got 64", { memory = 64 })
    mistake("lambda.timeout: must be from 1 to 900 seconds, got 0", { timeout = 0 })
    mistake("lambda.timeout: integer expected, got float 1.5", { timeout = 1.5 })
    mistake("lambda.ephemeral_storage: must be from 512 to 10240 MB", { ephemeral_storage = 1 })
    mistake("lambda.layers: must be at most 5, got 6", { layers = { "", "", "", "", "", "" } })
    mistake("lambda.reserved_concurrency: must be at least 0", { reserved_concurrency = -1 })
    mistake("architecture: string \"x86\" is not one of x86_64, arm64 %(did you mean 'x86_64'%?%)",
      { architecture = "x86" })
    mistake("lambda.log.retention: integer 2 is not one of 1, 3, 5", { log = { retention = 2 } })
    mistake("lambda.description: must be at most 256, got 257", { description = ("d"):rep(257) })
    mistake("lambda.vpc.subnets: must be from 1 to 16, got 0",
      { vpc = { subnets = {}, security_groups = { "sg" } } })
    mistake("lambda.vpc: field 'security_groups' is missing", { vpc = { subnets = { "s" } } })
  end)

  it("checks the environment: names, reserved names, values, size", function()
    mistake("environment.AWS_REGION: Lambda sets this one", { environment = { AWS_REGION = "x" } })
    mistake("environment._HANDLER: Lambda sets this one", { environment = { _HANDLER = "x" } })
    mistake("environment.1A: a letter, then", { environment = { ["1A"] = "x" } })
    mistake("environment.A_B: string or intrinsic expected, got integer 3",
      { environment = { A_B = 3 } })
    mistake("environment: 4102 bytes, and Lambda takes 4096",
      { environment = { BIG_ONE = ("x"):rep(4095) } })
    mistake("environment.TABLE: string or intrinsic expected, got a handle",
      { environment = { TABLE = service:resource "Visits" } })
  end)

  it("checks tags", function()
    mistake("lambda.tags.aws:x: 'aws:' is AWS's own", { tags = { ["aws:x"] = "y" } })
    mistake("lambda.tags.a: must be at most 256, got 257", { tags = { a = ("x"):rep(257) } })
    mistake("lambda.tags.1 %(the key%): string expected", { tags = { "x" } })
  end)

  it("checks what levels and retention stand on", function()
    mistake("log.level: Lambda filters by level only with format = \"json\"",
      { log = { level = "info" } })
    mistake("log.retention: belongs to a log group that the stack makes",
      { log = { group = "mine", retention = 1 } })
  end)

  it("checks roles and privileges", function()
    mistake("lambda.role: a role's name expected, not its ARN",
      { role = "arn:aws:iam::123456789012:role/x" })
    mistake("lambda.role: an existing role's name, an intrinsic or iam.role", { role = {} })
    mistake("lambda.privileges: the role exists already",
      { role = "existing", privileges = { { actions = "s3:*", resource = "*" } } })
    mistake("privileges%[1%]: one of 'resource' and 'resources' is needed",
      { privileges = { { actions = "s3:*" } } })
    mistake("privileges%[1%].actions: 'GetItem' is not an action",
      { privileges = { { actions = "GetItem", resource = "*" } } })
    mistake("privileges%[1%].effect: string \"allow\" .* %(did you mean 'Allow'%?%)",
      { privileges = { { actions = "s3:*", resource = "*", effect = "allow" } } })
    mistake("privileges%[1%]: unknown field 'action' %(did you mean 'actions'%?%)",
      { privileges = { { action = "s3:*", resource = "*" } } })
  end)
end)
