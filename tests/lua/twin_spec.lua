local json = require "host.json"
local twin = require "engine.twin"

describe("a twin", function()
  it("shares nothing with the original, and tells lists from objects as it did", function()
    local original = { list = json.array {}, object = json.object {}, deep = { { 1, false } } }
    local copy = twin.deep(original)
    assert.same(original, copy)
    assert.equal('{"deep":[[1,false]],"list":[],"object":{}}', json.encode(copy))
    copy.deep[1][1] = 2
    table.insert(copy.list, "x")
    assert.equal('{"deep":[[1,false]],"list":[],"object":{}}', json.encode(original))
    assert.equal(false, twin.deep(false))
  end)

  it("has what is made of every item", function()
    local made = twin.of(json.array { "a", "b" }, function(item, key)
      return item .. key
    end)
    assert.equal('["a1","b2"]', json.encode(made))
  end)
end)
