-- What a handler is told, by the environment and by parameters; tests/flow/discovery_spec.lua has the
-- template that brings both.
local clock = require "host.clock"
local digest = require "host.digest"
local handle = require "laconic.handle"
local json = require "host.json"

local STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/5c1f0c10-0000"

local function encoded(value)
  if type(value) ~= "table" then
    return digest.to_base64(value)
  end
  local copy = {}
  for name, item in pairs(value) do
    copy[name] = encoded(item)
  end
  return copy
end

describe("laconic.discovery", function()
  local getenv, aws = os.getenv, package.loaded["laconic.aws"]
  local parameters, asked

  -- The module as a new process has it, in an environment that holds these resources.
  local function load_with(resources)
    local text = resources and json.encode { stack = STACK, resources = json.object(resources) }
    rawset(os, "getenv", function(name)
      if name == "LACONIC_DISCOVERY" then
        return text
      end
      return getenv(name)
    end)
    package.loaded["laconic.discovery"] = nil
    return require "laconic.discovery"
  end

  before_each(function()
    parameters, asked = {}, {}
    clock.set(1000)
    package.loaded["laconic.aws"] = {
      client = function()
        return {
          call = function(_, action, params)
            assert.equal("GetParameters", action)
            table.insert(asked, params.Names)
            local found = {}
            for _, name in ipairs(params.Names) do
              if parameters[name] then
                table.insert(found, { Name = name, Value = json.encode(parameters[name]) })
              end
            end
            return { Parameters = found }
          end,
        }
      end,
    }
  end)

  after_each(function()
    clock.set(nil)
    rawset(os, "getenv", getenv)
    package.loaded["laconic.aws"], package.loaded["laconic.discovery"] = aws, nil
  end)

  it("knows the stack", function()
    local discovery = load_with {}

    assert.same({ name = "shop", id = STACK, region = "eu-west-1", account = "123456789012" },
      discovery.stack())
    assert.same({}, discovery.resources())
  end)

  it("finds resources in the environment, by name and by handle", function()
    local discovery = load_with {
      Visits = {
        type = "AWS::DynamoDB::Table",
        ref = encoded 'a "quoted" name',
        attributes = encoded { Arn = "arn:aws:dynamodb:table", StreamArn = "arn:stream" },
      },
      Topic = { type = "AWS::SNS::Topic", ref = encoded "arn:aws:sns:topic" },
    }

    local visits = discovery.resource "Visits"
    assert.equal('a "quoted" name', visits.ref)
    assert.equal("AWS::DynamoDB::Table", visits.type)
    assert.equal("arn:aws:dynamodb:table", visits.arn)
    assert.equal("arn:stream", visits.attributes.StreamArn)
    assert.equal(visits, discovery.resource(handle.new("resource", "Visits")))
    assert.equal("arn:aws:sns:topic", discovery.resource("Topic").arn)
    assert.error_matches("'Visits': unknown field 'StreamArn': attributes are in", function()
      return visits.StreamArn
    end)
    assert.same({ "Topic", "Visits" }, discovery.resources())
    assert.equal(0, #asked)
  end)

  it("finds them in parameters, fetched once for all", function()
    local resources = {}
    for i = 1, 12 do
      local id = ("R%02d"):format(i)
      resources[id] = { type = "AWS::SQS::Queue", parameters = 1 }
      parameters["/laconic/shop/" .. id .. "/1"] = { ref = encoded("queue " .. i) }
    end
    resources.R12.parameters = 2
    parameters["/laconic/shop/R12/1"].attributes = encoded { A = "a" }
    parameters["/laconic/shop/R12/2"] = { attributes = encoded { B = "b" } }
    local discovery = load_with(resources)
    assert.equal(12, #discovery.resources())
    assert.equal(0, #asked)

    assert.equal("queue 7", discovery.resource("R07").ref)
    assert.equal("queue 12", discovery.resource("R12").ref)
    local attributes = discovery.resource("R12").attributes
    assert.equal("ab", attributes.A .. attributes.B)
    assert.equal(2, #asked)
    assert.equal(10, #asked[1])
    assert.equal(3, #asked[2])
  end)

  it("fetches again after five minutes, and does with old values when that fails", function()
    parameters["/laconic/shop/Visits/1"] = { ref = encoded "old" }
    local discovery = load_with { Visits = { type = "AWS::DynamoDB::Table", parameters = 1 } }
    assert.equal("old", discovery.resource("Visits").ref)

    parameters["/laconic/shop/Visits/1"] = nil
    clock.set(1301)
    assert.equal("old", discovery.resource("Visits").ref)

    parameters["/laconic/shop/Visits/1"] = { ref = encoded "new" }
    clock.set(1400)
    assert.equal("new", discovery.resource("Visits").ref)
  end)

  it("says when a parameter is gone", function()
    local discovery = load_with { Visits = { type = "AWS::DynamoDB::Table", parameters = 1 } }

    local problem = assert.error_matches("the parameter /laconic/shop/Visits/1 is not there",
      function()
        discovery.resource "Visits"
      end)
    assert.equal("ParameterNotFound", problem.code)
  end)

  it("gives nil for a resource that its condition leaves out", function()
    local discovery = load_with {
      Here = { type = "AWS::SQS::Queue", ref = "", attributes = { Arn = "" } },
      There = { type = "AWS::SQS::Queue", parameters = 1, here = "" },
      After = { type = "AWS::SQS::Queue", parameters = 1, conditional = true },
      Known = { type = "AWS::SQS::Queue", parameters = 1, here = "/laconic/shop/Known/1" },
    }
    parameters["/laconic/shop/Known/1"] = { ref = encoded "known" }

    assert.is_nil(discovery.resource "Here")
    assert.is_nil(discovery.resource "There")
    assert.is_nil(discovery.resource "After")
    assert.equal("known", discovery.resource("Known").ref)
    assert.same({ { "/laconic/shop/After/1", "/laconic/shop/Known/1" } }, asked)
  end)

  it("blames the author's line for what is not discovered, and names what is", function()
    local discovery = load_with { Visits = { type = "AWS::DynamoDB::Table", ref = encoded "v" } }

    local problem = assert.error_matches(
      "unknown resource 'Vists' %(did you mean 'Visits'%?%); known: Visits",
      function()
        discovery.resource "Vists"
      end)
    assert.matches("discovery_spec%.lua:%d+$", problem.where)
    assert.error_matches("unknown attribute 'Arn'; known: none", function()
      return discovery.resource("Visits").attributes.Arn
    end)
    assert.error_matches("or runs where there is no stack", function()
      load_with(nil).stack()
    end)
    assert.error_matches("discovery.resource: string expected", function()
      discovery.resource(7)
    end)
  end)
end)
