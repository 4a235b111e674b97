local file = require "host.file"
local generate = require "engine.generate"
local laconic = require "laconic"
local marshal = require "engine.marshal"
local model = require "engine.model"

local folder, service

local function here()
  return debug.getinfo(2, "l").currentline
end

local function write()
  local meant = model.build(service, {})
  local build = { code = { key = "s/code-1.zip" }, output_dir = folder .. "/out", role_arns = {} }
  return marshal.write(generate.build(meant, build), meant, build)
end

local function refused(line, code, text)
  local raised = assert.error_matches(text, write)
  assert.equal("invalid", raised.kind)
  assert.equal(code, raised.code)
  assert.matches("marshal_spec%.lua:" .. line .. "$", raised.where or "no place:0")
  return raised
end

describe("engine.marshal", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    service = laconic.service { name = "orders" }
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("writes what it returns, and leaves empty sections out", function()
    service:lambda { name = "take", handler = print }

    local text = write()

    assert.equal(text, assert(file.read(folder .. "/out/template.json")))
    assert.matches('"Resources"', text)
    assert.not_matches('"Outputs"', text)
    assert.not_matches('"Conditions"', text)
  end)

  it("gives the same bytes for the same service", function()
    service:lambda { name = "take", handler = print, tags = { b = "2", a = "1", c = "3" } }

    assert.equal(write(), write())
  end)

  it("points at a reference to nothing, after the text is written", function()
    local line = here() + 1
    service:lambda { name = "take", handler = print, environment = { TABLE = { Ref = "Tabel" } } }

    refused(line, "E301", "Resources%.TakeFunction.*Tabel")
    assert.is_true(file.exists(folder .. "/out/template.json"))
  end)

  it("points at an output, and at a decorator's resource", function()
    service:resource { name = "Queue", type = "AWS::SQS::Queue" }
    local line = here() + 1
    service:output { name = "Lost", value = laconic.cfn.ref "Nothing" }
    refused(line, "E301", "Outputs%.Lost.*Nothing")

    service = laconic.service { name = "orders" }
    line = here() + 1
    service:decorate(function(template)
      template.Resources.Extra = { Type = "AWS::SQS::Queue", DependsOn = "Nowhere" }
    end)
    refused(line, "E301", "Resources%.Extra.*Nowhere")
  end)

  it("lists every problem, each with its place", function()
    service:resource { name = "A", type = "AWS::SQS::Queue", depends_on = "B" }
    service:resource { name = "C", type = "AWS::SQS::Queue", depends_on = "D" }
    local line = here() - 1

    local raised = assert.error_matches("the template has 2 problems", write)

    assert.matches("marshal_spec%.lua:" .. line - 1 .. ": Resources%.A", tostring(raised))
    assert.matches("marshal_spec%.lua:" .. line .. ": Resources%.C", tostring(raised))
    assert.equal(2, #raised.problems)
  end)

  it("refuses more resources than CloudFormation takes, the text being there", function()
    for i = 1, 501 do
      service:resource { name = "Queue" .. i, type = "AWS::SQS::Queue" }
    end

    local raised = assert.error_matches("500", write)

    assert.equal("E302", raised.code)
    assert.is_true(file.exists(folder .. "/out/template.json"))
  end)

  it("refuses more policies than a role takes", function()
    local privileges = {}
    for i = 1, 200 do
      local arn = ("arn:aws:s3:::bucket-with-a-long-name-%03d/*"):format(i)
      table.insert(privileges, { actions = "s3:GetObject", resource = arn })
    end
    local line = here() + 1
    service:lambda { name = "take", handler = print, privileges = privileges }

    refused(line, "E302", "TakeRole.*bytes of policies, and a role takes 10240")
  end)

  it("points at what cannot be written as JSON", function()
    local line = here() + 1
    service:decorate(function(template)
      template.Resources.Extra = { Type = "AWS::SQS::Queue", Properties = { A = print } }
    end)

    refused(line, "E306", "Resources%.Extra%.Properties%.A")
  end)
end)
