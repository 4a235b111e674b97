local current = require "engine.runtime.current"

describe("the invocation at hand", function()
  after_each(function()
    current.finish()
  end)

  it("is there from its beginning to its end", function()
    local context = { request_id = "one" }
    local _, before = current.context()

    current.begin(context)
    local found, count = current.context()
    assert.equal(context, found)
    assert.equal(before + 1, count)

    current.finish()
    assert.is_nil((current.context()))
  end)

  it("runs what was to run at its end, with how it ended, each time", function()
    local seen = {}
    current.on_end(function(context, failed)
      table.insert(seen, context.request_id .. (failed and ": " .. failed.errorType or ""))
    end)

    current.begin { request_id = "one" }
    current.finish()
    current.finish()
    current.begin { request_id = "two" }
    current.finish { errorType = "LuaError" }

    assert.same({ "one", "two: LuaError" }, seen)
  end)
end)
