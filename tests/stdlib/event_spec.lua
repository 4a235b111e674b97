local arrived = dofile "tests/stdlib/arrived.lua"
local event = require "laconic.event"
local json = require "host.json"
local scripts = require "host.scripts"
local shape = require "laconic.event.shape"

describe("laconic.event", function()
  it("knows every sample by its shape", function()
    local by_another_name = { s3_eventbridge = "eventbridge", scheduled = "eventbridge" }
    local count = 0
    for _, module in ipairs(scripts.list "engine.samples.") do
      local name = module:match "[%w_]+$"
      assert.equal(by_another_name[name] or name, event.source(arrived(name)), name)
      count = count + 1
    end
    assert.truthy(count >= 18)
  end)

  it("knows nothing of what is no event", function()
    for _, value in ipairs { 1, "text", {}, json.null, { Records = 1 }, { Records = { 1 } },
      { requestContext = 1 }, { Records = { { eventSource = "aws:nothing" } } },
      { Records = { { eventSource = {} } } }, { requestContext = {} } } do
      assert.is_nil(event.source(value))
    end
  end)
end)

describe("laconic.event.shape", function()
  local FIELDS = {
    { "id", "string", "a", "id" },
    { "size", "integer?", "a", "b", "size" },
    { "list", "list?", "list" },
  }

  local function refuses(message, object)
    assert.has_error(function()
      shape.read("sqs", "Records[1]", object, FIELDS)
    end, "sqs event: Records[1]" .. message)
  end

  it("reads fields, and keeps the object", function()
    local object = { a = { id = "x", b = { size = 3 } }, list = json.array {} }
    assert.same({ id = "x", size = 3, list = {}, raw = object },
      shape.read("sqs", "", object, FIELDS))
  end)

  it("takes null for absent", function()
    local object = { a = { id = "x", b = json.null }, list = json.null }
    assert.same({ id = "x", raw = object }, shape.read("sqs", "", object, FIELDS))
  end)

  it("names the place of what is wrong", function()
    refuses(": table expected, got string", "text")
    refuses(".a: table expected, got nothing", {})
    refuses(".a: table expected, got null", { a = json.null })
    refuses(".a: table expected, got integer", { a = 1 })
    refuses(".a.id: string expected, got nothing", { a = {} })
    refuses(".a.id: string expected, got list", { a = { id = json.array { 1 } } })
    refuses(".a.b.size: integer expected, got float", { a = { id = "x", b = { size = 1.5 } } })
    refuses(".a.b: table expected, got boolean", { a = { id = "x", b = true } })
    refuses(".list: list expected, got table", { a = { id = "x" }, list = { b = 1 } })
  end)

  it("raises an error object of a type of its own", function()
    local raised = assert.has_error(function()
      shape.read("sqs", "", 1, FIELDS)
    end)
    assert.equal("InvalidEvent", raised.type)
    assert.equal("event", raised.kind)
  end)
end)
