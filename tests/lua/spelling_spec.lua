local spelling = require "engine.spelling"

describe("engine.spelling", function()
  it("sees a swapped pair as one slip", function()
    assert.equal("handler", spelling.nearest("hanlder", { handler = true, name = true }))
    assert.is_nil(spelling.nearest("x", { handler = true }))
  end)

  it("takes a beginning for the whole, and the first of those that are as near", function()
    assert.equal("environment", spelling.nearest("environ", { environment = true, name = true }))
    assert.equal("bar", spelling.nearest("bat", { bay = true, bar = true, baz = true }))
  end)

  it("guesses in a sentence, or says nothing", function()
    assert.equal("unknown field 'memmory' (did you mean 'memory'?)",
      spelling.unknown("field", "memmory", { memory = true }))
    assert.equal("unknown field '7'", spelling.unknown("field", 7, { memory = true }))
    assert.equal("", spelling.guess(("x"):rep(65), { x = true }))
  end)
end)
