local failure = require "engine.failure"

describe("engine.failure", function()
  it("prints the place before the sentence", function()
    local object = failure.make("invalid", "two of a name", { where = "service.lua:41" })

    assert.equal("service.lua:41: two of a name", tostring(object))
  end)

  it("prints the cause's own words after ours", function()
    local cause = { kind = "service", message = "Access Denied", code = "AccessDenied" }
    local object = failure.wrap(cause, "cannot read the bucket 'photos'")

    assert.equal("service", object.kind)
    assert.equal("AccessDenied", object.code)
    assert.matches("^cannot read the bucket 'photos': ", tostring(object))
  end)

  it("raises the very object, with every field that was given", function()
    local fields = { code = "E703", flag = "--x" }
    local ok, raised = pcall(failure.raise, "usage", "no such flag", fields)

    assert.is_false(ok)
    assert.is_true(failure.is(raised, "usage"))
    assert.is_false(failure.is(raised, "invalid"))
    assert.equal("--x", raised.flag)
  end)

  it("tells an error object from other values", function()
    assert.is_false(failure.is "text")
    assert.is_false(failure.is { kind = "input" })
    assert.is_true(failure.is { kind = "input", message = "bad" })
  end)

  it("takes the place out of a text that Lua raised", function()
    local object = failure.from(select(2, pcall(error, "lib/a.lua:3: boom", 0)))

    assert.equal("lib/a.lua:3", object.where)
    assert.equal("boom", object.message)
    assert.equal("failed", object.kind)
    assert.is_nil(failure.from("no place here").where)
  end)

  it("explains in lines: the sentence, what to do, where to read more", function()
    local ours = failure.make("invalid", "x", { code = "E101", where = "a.lua:1", hint = "do y" })
    local aws = { kind = "service", message = "no", code = "ExpiredToken" }

    assert.equal("a.lua:1: x\n  do y\n  (An unknown field: laconic explain E101)",
      failure.explain(ours))
    assert.matches("\n  renew them", failure.explain(aws))
    assert.equal("boom", failure.explain "boom")
  end)

  it("knows the exit status, by kind or by AWS's code", function()
    assert.equal(4, failure.status(failure.make("invalid", "x")))
    assert.equal(5, failure.status { kind = "service", message = "no", code = "ExpiredToken" })
    assert.equal(1, failure.status "boom")
  end)
end)
