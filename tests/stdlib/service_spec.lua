local laconic = require "laconic"

local service

local function nothing() end

-- The line of the caller.
local function here()
  return debug.getinfo(2, "l").currentline
end

-- `fn` makes a mistake on that line, and is told so.
local function blames(line, text, fn)
  local raised = assert.error_matches(text, fn)
  assert.matches("service_spec%.lua:" .. line .. "$", raised.where)
  assert.equal("invalid", raised.kind)
end


describe("laconic.service", function()
  before_each(function()
    service = laconic.service { name = "orders", description = "Takes orders" }
  end)

  it("keeps what was said, in order, with its line", function()
    local line = here() + 1
    service:lambda { name = "take", handler = nothing, memory = 256 }
    service:lambda { name = "ship", handler = nothing }

    assert.equal("take", service.functions[1].name)
    assert.equal("ship", service.functions[2].name)
    assert.matches("service_spec%.lua:" .. line .. "$", service.functions[1].where)
    assert.equal(256, service.functions[1].memory)
    assert.equal("Takes orders", service.description)
  end)

  it("obeys the rule for stack names", function()
    blames(here() + 1, "'a_b' cannot name a stack", function()
      laconic.service { name = "a_b" }
    end)
    blames(here() + 1, "service.name: must be from 1 to 128, got 129", function()
      laconic.service { name = ("a"):rep(129) }
    end)
  end)

  it("says how its files travel", function()
    assert.is_nil(service.bytecode)
    assert.is_true(laconic.service({ name = "s", bytecode = true }).bytecode)
    assert.is_nil(laconic.service({ name = "s", bytecode = false }).bytecode)
    assert.equal("stripped", laconic.service({ name = "s", bytecode = "stripped" }).bytecode)
    local text = 'service.bytecode: string "striped" is not one of true, false, stripped'
    blames(here() + 1, text, function()
      laconic.service { name = "s", bytecode = "striped" }
    end)
  end)

  it("names the word that was meant", function()
    blames(here() + 1, "unknown word 'lamda' %(did you mean 'lambda'%?%)", function()
      service:lamda { name = "x" }
    end)
    blames(here() + 1, "laconic: unknown field 'servise' %(did you mean 'service'%?%)", function()
      return laconic.servise
    end)
  end)

  it("knows a dot that should be a colon", function()
    blames(here() + 1, "lambda: a colon is missing: say service:lambda", function()
      service.lambda { name = "a", handler = nothing }
    end)
  end)

  it("refuses two functions that would have one logical id, in either order", function()
    for _, names in ipairs { { "send-mail", "send_mail" }, { "send_mail", "send-mail" } } do
      service = laconic.service { name = "orders" }
      service:lambda { name = names[1], handler = nothing }
      local first = here() - 1
      blames(here() + 1, "both be SendMailFunction in the template: .*:" .. first, function()
        service:lambda { name = names[2], handler = nothing }
      end)
    end
  end)

  it("says plainly that event sources are not there yet", function()
    blames(here() + 1, "lambda.events: event sources are not there yet", function()
      service:lambda { name = "a", handler = nothing, events = {} }
    end)
  end)

  it("refuses a name that is taken, and says by whom", function()
    service:lambda { name = "take", handler = nothing }
    local first = here() - 1
    blames(here() + 1, "the name 'take' is taken: .*service_spec%.lua:" .. first, function()
      service:lambda { name = "take", handler = nothing }
    end)
  end)

  it("takes hooks by name, several of a kind in order", function()
    service:hook("pre_build", nothing):hook("pre_build", print)

    assert.equal(nothing, service.hooks.pre_build[1].run)
    assert.equal(print, service.hooks.pre_build[2].run)
    blames(here() + 1, "unknown hook 'prebuild' %(did you mean 'pre_build'%?%)", function()
      service:hook("prebuild", nothing)
    end)
    blames(here() + 1, "hook validate: function expected, got nothing", function()
      service:hook "validate"
    end)
  end)

  it("takes commands with their flags", function()
    service:command {
      name = "seed",
      summary = "Loads sample data",
      flags = { { name = "count", type = "integer", default = 3, summary = "How many" } },
      run = nothing,
    }

    assert.equal("seed", service.commands[1].name)
    assert.equal(3, service.commands[1].flags[1].default)
    local bad = { name = "n", type = "integer", default = "3", summary = "s" }
    blames(here() + 1, "command.flags%[1%].default: does not fit", function()
      service:command { name = "x", summary = "s", run = nothing, flags = { bad } }
    end)
  end)

  it("adds flags to built-in commands", function()
    service:flag { command = "provision", name = "stage", summary = "Which stage" }

    assert.equal("stage", service.flags[1].name)
    blames(here() + 1, "flag: 'stage' is taken", function()
      service:flag { command = "provision", name = "stage", summary = "Which stage" }
    end)
  end)

  it("takes includes: a path, a list, another name in the archive", function()
    service:include("words.txt"):include { "a/*.html", { path = "b.png", as = "logo.png" } }

    assert.equal("words.txt", service.includes[1].path)
    assert.equal("logo.png", service.includes[3].as)
  end)
end)

describe("service:resource", function()
  before_each(function()
    service = laconic.service { name = "orders" }
  end)

  it("returns a handle: name, ref, arn, any attribute", function()
    local visits = service:resource { name = "Visits", type = "AWS::DynamoDB::Table" }

    assert.equal("Visits", visits.name)
    assert.equal("Visits", visits.ref.Ref)
    assert.equal("Arn", visits.arn["Fn::GetAtt"][2])
    assert.equal("StreamArn", visits:att("StreamArn")["Fn::GetAtt"][2])
  end)

  it("gives the handle of what is said later, by its name alone", function()
    assert.equal("Queue", service:resource("Queue").ref.Ref)
    assert.equal("TakeOrderFunction", service:lambda("take-order").id)
  end)

  it("refuses unknown fields of a handle, and a handle as a value", function()
    local visits = service:resource { name = "Visits", type = "AWS::DynamoDB::Table" }
    blames(here() + 1, "resource 'Visits': unknown field 'arm' %(did you mean 'arn'%?%)", function()
      return visits.arm
    end)
    blames(here() + 1, "properties.Table: a handle %(resource Visits%) is no value", function()
      service:resource { name = "B", type = "AWS::X::Y", properties = { Table = visits } }
    end)
    blames(here() + 1, "a handle cannot be joined", function()
      return visits .. "/*"
    end)
    blames(here() + 1, "a handle is not changed", function()
      visits.name = "Other"
    end)
  end)

  it("checks name, type, policies and values", function()
    blames(here() + 1, "resource.name: 'my%-table' is not a logical id", function()
      service:resource { name = "my-table", type = "AWS::DynamoDB::Table" }
    end)
    blames(here() + 1, "resource.type: 'Table' is not a resource type", function()
      service:resource { name = "T", type = "Table" }
    end)
    blames(here() + 1, "deletion_policy: string .* %(did you mean 'Retain'%?%)", function()
      service:resource { name = "T", type = "AWS::A::B", deletion_policy = "Retian" }
    end)
    blames(here() + 1, "resource.properties.F: a function cannot be written", function()
      service:resource { name = "T", type = "AWS::A::B", properties = { F = nothing } }
    end)
  end)

  it("notes dependencies by name or by handle", function()
    local a = service:resource { name = "A", type = "AWS::X::Y" }
    service:resource { name = "B", type = "AWS::X::Y", depends_on = { a, "C" } }

    assert.same({ "A", "C" }, service.resources[2].depends_on)
  end)
end)

describe("service: parameters, outputs, conditions, mappings", function()
  before_each(function()
    service = laconic.service { name = "orders" }
  end)

  it("gives handles that have a ref, or only a name", function()
    local size = service:parameter { name = "Size", default = "small" }
    local big = service:condition { name = "Big", value = laconic.cfn.equals(size.ref, "big") }
    service:mapping { name = "Prices", value = { small = { eur = 1 } } }
    service:output { name = "Chosen", value = size.ref, condition = big }

    assert.equal("String", service.parameters[1].type)
    assert.equal("Big", service.outputs[1].condition)
    blames(here() + 1, "condition 'Big': unknown field 'ref'", function()
      return big.ref
    end)
  end)

  it("refuses what cannot be a value", function()
    blames(here() + 1, "output.value: a handle", function()
      service:output { name = "A", value = service:resource "Visits" }
    end)
    blames(here() + 1, "output: field 'value' is missing", function()
      service:output { name = "A" }
    end)
    blames(here() + 1, "parameter: unknown field 'defualt' %(did you mean 'default'%?%)", function()
      service:parameter { name = "A", defualt = 1 }
    end)
    blames(here() + 1, "mapping.value.a: table expected", function()
      service:mapping { name = "M", value = { a = "b" } }
    end)
  end)
end)
