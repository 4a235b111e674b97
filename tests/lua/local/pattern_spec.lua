local pattern = require "engine.local.services.logs.pattern"

local function matches(text, message)
  return pattern.compile(text)(message)
end

describe("engine.local.services.logs.pattern", function()
  it("takes everything when it is empty", function()
    assert.is_true(matches(nil, "x"))
    assert.is_true(matches("  ", "x"))
  end)

  it("wants every word, and phrases whole", function()
    assert.is_true(matches("ERROR timeout", "timeout: an ERROR"))
    assert.is_false(matches("ERROR timeout", "an ERROR"))
    assert.is_true(matches('"lost it"', "we lost it"))
    assert.is_false(matches('"lost it"', "it lost"))
    assert.is_true(matches("a.c", "a.c"))
    assert.is_false(matches("a.c", "abc"))
  end)

  it("knows exclusion and alternatives", function()
    assert.is_false(matches("ERROR -known", "a known ERROR"))
    assert.is_true(matches("ERROR -known", "an ERROR"))
    assert.is_true(matches("?WARN ?ERROR", "a WARN"))
    assert.is_false(matches("?WARN ?ERROR", "fine"))
  end)

  it("compares a field of a JSON message", function()
    assert.is_true(matches('{ $.level = "error" }', '{"level":"error"}'))
    assert.is_false(matches('{ $.level = "error" }', '{"level":"info"}'))
    assert.is_true(matches('{ $.level = "err*" }', '{"level":"error"}'))
    assert.is_true(matches("{ $.a.b > 10 }", '{"a":{"b":11}}'))
    assert.is_false(matches("{ $.a.b > 10 }", '{"a":{"b":"11"}}'))
    assert.is_true(matches('{ $.level != "info" }', '{"level":"error"}'))
    assert.is_true(matches("{ $.user EXISTS }", '{"user":null}'))
    assert.is_false(matches("{ $.user EXISTS }", "user"))
  end)

  it("refuses what it cannot read, in AWS's words", function()
    for _, text in ipairs { '"open', "{ a = 1 }", "{ $.a ~ 1 }", "{ $.a > x }", "- x" } do
      local raised = assert.error_matches("Invalid filter pattern", function()
        pattern.compile(text)
      end)
      assert.equal("InvalidParameterException", raised.code)
    end
  end)
end)
