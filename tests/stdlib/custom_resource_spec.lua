local generate = require "engine.generate"
local laconic = require "laconic"
local model = require "engine.model"

local service

local function nothing() end

local HANDLER = { create = nothing, update = nothing, delete = nothing }

-- Says a custom resource with these fields, on a line of its own.
local function say(fields, word)
  fields.name = fields.name or "Token"
  local line = debug.getinfo(1, "l").currentline + 1
  local ok, result = pcall(service[word or "custom_resource"], service, fields)
  return ok, result, line
end

local function mistake(text, fields, word)
  local ok, raised, line = say(fields, word)
  assert.is_false(ok)
  assert.matches(text, tostring(raised))
  assert.matches("custom_resource_spec%.lua:" .. line .. "$", raised.where)
end

local function template()
  local meant = model.build(service, {})
  return generate.build(meant, { code = { key = "k" }, role_arns = {}, model = meant }), meant
end

describe("service:custom_resource", function()
  before_each(function()
    service = laconic.service { name = "my-shop" }
  end)

  it("makes a resource and the function that answers for it", function()
    local ok, token, line = say {
      handler = HANDLER,
      properties = { Length = 32, Bucket = laconic.cfn.ref "Bucket" },
      depends_on = "Bucket",
      memory = 256,
      environment = { MODE = "fast" },
      privileges = { { actions = "s3:PutObject", resource = "*" } },
      tags = { team = "blue" },
    }

    assert.is_true(ok)
    local made, meant = template()
    assert.same({
      Type = "Custom::MyShopToken",
      DependsOn = { "Bucket" },
      Properties = {
        ServiceToken = { ["Fn::GetAtt"] = { "TokenFunction", "Arn" } },
        ServiceTimeout = 420,
        Length = 32,
        Bucket = { Ref = "Bucket" },
      },
    }, made.Resources.Token)
    local fn = made.Resources.TokenFunction.Properties
    assert.equal(60, fn.Timeout)
    assert.equal(256, fn.MemorySize)
    assert.equal("Token", fn.Handler)
    assert.equal("my-shop: answers for Custom::MyShopToken", fn.Description)
    assert.same({ { Key = "team", Value = "blue" } }, fn.Tags)
    assert.same({ "s3:PutObject" },
      made.Resources.TokenRole.Properties.Policies[1].PolicyDocument.Statement[2].Action)
    for _, id in ipairs { "Token", "TokenFunction", "TokenRole", "TokenLogs" } do
      assert.matches("custom_resource_spec%.lua:" .. line .. "$", meant.where[id])
    end
    assert.same({ Ref = "Token" }, token.ref)
    assert.same({ ["Fn::GetAtt"] = { "Token", "Value" } }, token:att "Value")
  end)

  it("gives its attributes to functions, which may depend on it", function()
    local _, token = say { handler = HANDLER }
    service:lambda {
      name = "call",
      environment = { TOKEN = token:att "Value" },
      depends_on = token,
      handler = nothing,
    }

    local fn = template().Resources.CallFunction
    assert.same({ TOKEN = { ["Fn::GetAtt"] = { "Token", "Value" } } },
      fn.Properties.Environment.Variables)
    assert.same({ "Token" }, fn.DependsOn)
  end)

  it("leaves the author's own table of properties alone", function()
    local properties = { Length = 32 }
    say { handler = HANDLER, properties = properties }
    assert.same({ Length = 32 }, properties)
  end)

  it("is waited for while its function may be run again", function()
    say { handler = HANDLER, timeout = 10 }
    say { name = "Slow", handler = HANDLER, timeout = 900 }
    say { name = "Slowest", handler = HANDLER, timeout = 900, service_timeout = 3600 }

    local made = template().Resources
    assert.equal(270, made.Token.Properties.ServiceTimeout)
    assert.equal(2940, made.Slow.Properties.ServiceTimeout)
    assert.equal(3600, made.Slowest.Properties.ServiceTimeout)
  end)

  it("is refused with its mistakes, at the author's line", function()
    mistake("custom_resource: field 'handler' is missing", {})
    mistake("custom_resource.handler: field 'create' is missing", { handler = {} })
    mistake("unknown field 'remove'", { handler = { create = nothing, remove = nothing } })
    mistake("custom_resource.handler.update: function expected, got integer 1",
      { handler = { create = nothing, update = 1 } })
    mistake("unknown field 'memmory' %(did you mean 'memory'%?%)",
      { handler = HANDLER, memmory = 1 })
    mistake("custom_resource.timeout: must be from 1 to 900 seconds",
      { handler = HANDLER, timeout = 901 })
    mistake("letters and digits expected", { name = "api-token", handler = HANDLER })
    mistake("is not a type such as", { handler = HANDLER, type = "AWS::S3::Bucket" })
    mistake("ServiceToken: it is said for you",
      { handler = HANDLER, properties = { ServiceToken = "arn" } })
    mistake("a handle %(resource Bucket%) is no value",
      { handler = HANDLER, properties = { Bucket = service:resource "Bucket" } })
    mistake("identity: the handler has no 'update'",
      { handler = { create = nothing }, identity = { "Name" } })
    mistake("unknown field 'condition'", { handler = HANDLER, condition = "IsLive" })
  end)

  it("needs a shorter type when service and name make too long a one", function()
    mistake("the type 'Custom::MyShopT+' has 65 characters, and CloudFormation takes 60",
      { name = ("T"):rep(51), handler = HANDLER })
    assert.is_true((say { name = ("T"):rep(51), type = "Custom::Short", handler = HANDLER }))
  end)

  it("has a name of its own", function()
    say { handler = HANDLER }
    mistake("custom_resource: the name 'Token' is taken", { handler = HANDLER })

    service:resource { name = "Shelf", type = "AWS::SNS::Topic" }
    mistake("custom_resource: the name 'Shelf' is taken", { name = "Shelf", handler = HANDLER })
    assert.equal(1, #service.functions)
  end)
end)

describe("service:custom_resource_type", function()
  before_each(function()
    service = laconic.service { name = "my-shop" }
  end)

  it("makes one function for several resources", function()
    local ok, object = say({ name = "Object", handler = HANDLER, timeout = 20 },
      "custom_resource_type")
    assert.is_true(ok)
    say { name = "Index", type = object, properties = { Key = "index.html" } }
    say { name = "Logo", type = object, properties = { Key = "logo.png" }, depends_on = "Index" }

    local made = template().Resources
    assert.is_nil(made.Object)
    assert.equal("Custom::MyShopObject", made.Index.Type)
    assert.same({
      Type = "Custom::MyShopObject",
      DependsOn = { "Index" },
      Properties = {
        ServiceToken = { ["Fn::GetAtt"] = { "ObjectFunction", "Arn" } },
        ServiceTimeout = 300,
        Key = "logo.png",
      },
    }, made.Logo)
    assert.same({ ["Fn::GetAtt"] = { "ObjectFunction", "Arn" } }, object.arn)
  end)

  it("belongs to its service, and takes what belongs to a type", function()
    local _, object = say({ name = "Object", handler = HANDLER }, "custom_resource_type")
    local fn = service:lambda { name = "f", handler = nothing }
    mistake("custom_resource: unknown field 'handler'", { type = object, handler = HANDLER })
    mistake("custom_resource: unknown field 'timeout'", { type = object, timeout = 3 })
    mistake("what service:custom_resource_type returned, expected", { type = fn })
    mistake("unknown field 'properties'", { handler = HANDLER, properties = {} },
      "custom_resource_type")
    service = laconic.service { name = "other" }
    mistake("'Object' belongs to another service", { type = object })
  end)
end)

describe("a custom resource's function", function()
  it("knows at run time what was said of the resource", function()
    service = laconic.service { name = "my-shop" }
    local seen
    local function reveal(request)
      seen = request
      error "seen"
    end
    say { handler = { create = reveal }, properties = { Length = 32, Deep = { On = true } } }

    local ok = pcall(service.functions[1].handler, {
      RequestType = "Create", StackId = "arn:aws:cloudformation:r:1:stack/s/1", RequestId = "r",
      ResourceType = "Custom::MyShopToken", LogicalResourceId = "Token",
      ResponseURL = "http://127.0.0.1:1/",
      ResourceProperties = { ServiceToken = "a", Length = "32", Deep = { On = "true" } },
    }, { deadline = 0, log = { error = nothing } })

    assert.is_false(ok) -- nobody listens at that URL
    assert.same({ Length = 32, Deep = { On = true } }, seen.properties)
  end)
end)
