local check = require "engine.check"

-- Runs `fn`, which must raise; returns the error object.
local function mistake(fn)
  local ok, raised = pcall(fn)
  assert.is_false(ok)
  return raised
end

local RULES = {
  name = { type = "string", required = true },
  memory = { type = "integer", least = 128, most = 10240, unit = "MB" },
  mode = { one_of = { "active", "passive" } },
  role = { type = { "string", "table" } },
  layers = { each = { type = "text" }, most = 2 },
  log = { fields = { format = { one_of = { "text", "json" } } } },
}

local function message(options)
  local text = tostring(mistake(function()
    check.fields("thing", options, RULES)
  end))
  return text:match "^[^\n]-:%d+: (.*)$"
end

describe("engine.check", function()
  it("blames the line of the author, however deep the check", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local raised = mistake(function()
      check.fields("thing", { name = "x", memory = 1 }, RULES)
    end)

    assert.matches("check_spec%.lua:" .. line .. "$", raised.where)
    assert.equal("invalid", raised.kind)
    assert.equal("E104", raised.code)
  end)

  it("finds no line where no author's code runs", function()
    local where = coroutine.wrap(check.where)()

    assert.is_nil(where)
  end)

  it("names the nearest field", function()
    assert.equal("thing: unknown field 'memmory' (did you mean 'memory'?)",
      message { name = "x", memmory = 128 })
    assert.equal("thing: unknown field 'zzz'", message { name = "x", zzz = 1 })
    assert.equal("thing: unknown field '1'", message { "x" })
  end)

  it("asks for what is required", function()
    assert.equal("thing: field 'name' is missing", message {})
    assert.equal("thing: table expected, got string \"x\"", message "x")
  end)

  it("checks types, and says what it got", function()
    assert.equal("thing.name: string expected, got integer 3", message { name = 3 })
    assert.equal("thing.memory: integer expected, got string \"128\"",
      message { name = "x", memory = "128" })
    assert.equal("thing.memory: integer expected, got float 128.5",
      message { name = "x", memory = 128.5 })
    assert.equal("thing.role: string or table expected, got boolean true",
      message { name = "x", role = true })
  end)

  it("checks ranges in their unit", function()
    assert.equal("thing.memory: must be from 128 to 10240 MB, got 64",
      message { name = "x", memory = 64 })
    assert.equal("thing.layers: must be at most 2, got 3",
      message { name = "x", layers = { "a", "b", "c" } })
  end)

  it("checks choices, and names the nearest", function()
    assert.equal("thing.mode: string \"activ\" is not one of active, passive"
      .. " (did you mean 'active'?)", message { name = "x", mode = "activ" })
  end)

  it("checks the items of lists and the fields of tables, with their path", function()
    assert.equal("thing.layers[2]: string or intrinsic expected, got integer 7",
      message { name = "x", layers = { "a", 7 } })
    assert.equal("thing.layers: a list expected, got named fields or a hole",
      message { name = "x", layers = { first = "a" } })
    assert.equal("thing.log: unknown field 'fromat' (did you mean 'format'?)",
      message { name = "x", log = { fromat = "json" } })
  end)

  it("accepts an intrinsic where a text is asked for", function()
    check.fields("thing", { name = "x", layers = { { Ref = "Layer" } } }, RULES)
    assert.is_true(check.is_intrinsic { ["Fn::Sub"] = "${A}" })
    assert.is_false(check.is_intrinsic { Ref = "A", Other = 1 })
    assert.is_false(check.is_intrinsic {})
  end)
end)
