local strict = require "engine.strict"

local function run(text)
  return load(text, "@service.lua", "t", strict.environment { visits = 3 })
end

local function mistake(text)
  local ok, raised = pcall(run(text))
  assert.is_false(ok)
  return tostring(raised)
end

describe("engine.strict", function()
  it("has Lua's own names, and those it is given", function()
    assert.equal(4, run "return visits + math.tointeger(1)" ())
  end)

  it("refuses to read what nobody declared, at its line", function()
    assert.equal("service.lua:2: unknown global 'prnt' (did you mean 'print'?)",
      mistake "local x = 1\nprnt(x)")
    assert.equal("service.lua:1: unknown global 'qqqqq'", mistake "return qqqqq")
  end)

  it("refuses to declare a global by writing it", function()
    assert.equal("service.lua:1: assignment to unknown global 'total'", mistake "total = 1")
  end)

  it("keeps what a script changes away from the others", function()
    run "print = nil; string = nil" ()

    assert.is_not_nil(print)
    assert.is_not_nil(run "return string" ())
  end)
end)
