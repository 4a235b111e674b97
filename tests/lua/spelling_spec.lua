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

  it("lists the names when none is like enough, and not when they are too many", function()
    local names = { key = true, lambda = true, timeout = true }

    assert.equal("there are key, lambda, timeout", spelling.known("handler", names))
    assert.is_nil(spelling.known("lamda", names))
    assert.is_nil(spelling.known("handler", {}))

    for i = 1, 40 do
      names["name" .. i] = true
    end
    assert.is_nil(spelling.known("handler", names))
  end)
end)
