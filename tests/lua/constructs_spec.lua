local constructs = require "engine.constructs"
local generate = require "engine.generate"
local laconic = require "laconic"
local model = require "engine.model"

local words_of = require "laconic.service"
local handle = require "laconic.handle"

local service

local function nothing() end

-- A kind of the test's own: what files of the two folders would hold.
local function plays(kind)
  package.loaded["engine.constructs.gate"] = kind
  package.loaded["laconic.constructs.gate"] = function(self, options)
    return words_of.add_construct(self, "gate", { name = options.name, routes = {} })
  end
  handle.define("gate", {
    url = function(facts)
      return { Ref = facts.id .. "Gate" }
    end,
  }, {
    route = function(said, key)
      table.insert(said.routes, key)
    end,
  })
end

local function template_of()
  return generate.build(model.build(service, {}), { code = { key = "k" }, role_arns = {} })
end

describe("constructs", function()
  before_each(function()
    service = laconic.service { name = "doors" }
  end)

  after_each(function()
    package.loaded["engine.constructs.gate"] = nil
    package.loaded["laconic.constructs.gate"] = nil
  end)

  it("are words of the service, and become resources and outputs at their author's line", function()
    plays {
      expand = function(said)
        return {
          resources = {
            { id = said.stem .. "Gate", resource = { Type = "A::B::C" }, where = "other.lua:1" },
            { id = said.stem .. "Stage", resource = { Type = "A::B::D", Keys = said.routes } },
          },
          outputs = { { name = said.stem .. "Url", value = "x", description = "Where" } },
        }
      end,
    }
    local gate = service:gate { name = "front-door" }
    local place = "constructs_spec%.lua:" .. debug.getinfo(1, "l").currentline - 1 .. "$"
    gate:route "a"

    local built = model.build(service, {})
    local template = generate.build(built, { code = { key = "k" }, role_arns = {} })

    assert.same({ Ref = "FrontDoorGate" }, gate.url)
    assert.equal("front-door", gate.name)
    assert.same({ Type = "A::B::C" }, template.Resources.FrontDoorGate)
    assert.same({ "a" }, template.Resources.FrontDoorStage.Keys)
    assert.same({ Description = "Where", Value = "x" }, template.Outputs.FrontDoorUrl)
    assert.equal("other.lua:1", built.where.FrontDoorGate)
    assert.matches(place, built.where.FrontDoorStage)
    assert.matches(place, built.where["Outputs.FrontDoorUrl"])
  end)

  it("give functions privileges and variables", function()
    plays {
      grants = function()
        local privileges = { { actions = { "s3:GetObject" }, resource = "*" } }
        return { open = { privileges = privileges, environment = { GATE = "g" } } }
      end,
      expand = function()
        return { resources = {} }
      end,
    }
    service:lambda { name = "open", handler = nothing }
    service:lambda { name = "shut", handler = nothing }
    service:gate { name = "front" }

    local resources = template_of().Resources

    assert.same({ GATE = "g" }, resources.OpenFunction.Properties.Environment.Variables)
    assert.is_nil(resources.ShutFunction.Properties.Environment)
    local function statements(id)
      return #resources[id].Properties.Policies[1].PolicyDocument.Statement
    end
    assert.equal(statements "ShutRole" + 1, statements "OpenRole")
  end)

  it("refuse a variable that the author has set", function()
    plays {
      grants = function()
        return { open = { environment = { GATE = "g" } } }
      end,
    }
    service:lambda { name = "open", handler = nothing, environment = { GATE = "mine" } }
    service:gate { name = "front" }

    assert.error_matches("variable 'GATE' is set by .*constructs_spec%.lua:%d+", template_of)
  end)

  it("refuse a name that is taken, telling where", function()
    plays {
      expand = function()
        return { resources = { { id = "Table", resource = {} } } }
      end,
    }
    service:resource { name = "Table", type = "AWS::DynamoDB::Table" }
    service:gate { name = "front" }

    assert.error_matches("gate 'front': it makes the resource 'Table', and that name is taken: "
      .. ".*constructs_spec%.lua:%d+", template_of)
  end)

  it("are checked once the whole file is read, and add files to the archive", function()
    local checked
    plays {
      check = function(said)
        checked = said.name
      end,
      files = function(said)
        return { { name = said.name .. ".json", data = "{}" } }
      end,
    }
    service:gate { name = "front" }
    local built = model.build(service, {})
    local added = {}
    constructs.add_files({
      add = function(_, entry, where)
        table.insert(added, entry.name .. " " .. where:match "[%w_]+%.lua")
      end,
    }, built)

    assert.equal("front", checked)
    assert.same({ "front.json constructs_spec.lua" }, added)
  end)

  it("say what is misspelt, or lacks its colon", function()
    plays {}
    local gate = service:gate { name = "front" }

    assert.error_matches("service: unknown word 'gatf'", function()
      service:gatf {}
    end)
    assert.error_matches("gate: a colon is missing: say service:gate", function()
      service.gate { name = "back" }
    end)
    assert.error_matches("route: a colon is missing: say :route", function()
      gate.route "a"
    end)
    assert.error_matches("unknown field 'uri' %(did you mean 'url'%?%)", function()
      return gate.uri
    end)
    assert.error_matches("gate: the name 'front' is taken", function()
      service:gate { name = "front" }
    end)
  end)
end)
