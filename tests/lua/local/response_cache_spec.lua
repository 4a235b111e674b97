local response_cache = require "engine.local.services.apigateway.response_cache"

local function answer(body)
  return { status = 200, headers = { { "A", "b" } }, body = body }
end

describe("the cache of a stage", function()
  it("gives an answer back for its time", function()
    local cache, kept = response_cache.new(10000), answer "x"
    cache:keep("a", kept, 100)
    assert.equal(kept, cache:get("a", 99.9))
    assert.is_nil(cache:get("a", 100))
    assert.is_nil(cache:get("b", 0))
    cache:keep("a", answer "y", 200)
    assert.equal("y", cache:get("a", 199).body)
    cache:clear()
    assert.is_nil(cache:get("a", 0))
    assert.equal(0, cache.bytes)
  end)

  it("lets the oldest go where there is no room", function()
    local cache = response_cache.new(10000)
    for i = 1, 100 do
      cache:keep(tostring(i), answer(("x"):rep(1000)), 10)
      assert.is_true(cache.bytes <= 10000)
    end
    assert.is_nil(cache:get("1", 0))
    assert.is_nil(cache:get("90", 0))
    assert.equal(1000, #cache:get("100", 0).body)
    assert.equal(1000, #cache:get("97", 0).body)
  end)

  it("keeps nothing that is too large, nor what such an answer replaces", function()
    local cache = response_cache.new(4 * 1024 * 1024)
    cache:keep("a", answer "x", 10)
    cache:keep("a", answer(("x"):rep(1048577)), 10)
    assert.is_nil(cache:get("a", 0))
    cache:keep("b", answer(("x"):rep(1048576)), 10)
    assert.equal(1048576, #cache:get("b", 0).body)
    local small = response_cache.new(1000)
    small:keep("a", answer(("x"):rep(1000)), 10)
    assert.is_nil(small:get("a", 0))
    small:keep("b", { status = 204, headers = {} }, 10)
    assert.equal(204, small:get("b", 0).status)
  end)

  it("does not grow by what is kept anew", function()
    local cache = response_cache.new(10000)
    for i = 1, 1000 do
      cache:keep("a", answer(tostring(i)), i)
    end
    assert.equal(1, cache.last)
    cache:keep("b", answer "x", 10)
    assert.equal("1000", cache:get("a", 0).body)
    assert.equal("x", cache:get("b", 0).body)
  end)
end)
