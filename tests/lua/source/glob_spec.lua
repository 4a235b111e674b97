local glob = require "engine.source.glob"

local function matches(pattern, path)
  return glob.matcher(pattern)(path)
end

describe("engine.source.glob", function()
  it("stays within a folder with * and ?", function()
    assert.is_true(matches("a/*.html", "a/b.html"))
    assert.is_false(matches("a/*.html", "a/b/c.html"))
    assert.is_true(matches("v?.txt", "v1.txt"))
    assert.is_false(matches("v?.txt", "v12.txt"))
  end)

  it("crosses folders with **", function()
    assert.is_true(matches("a/**/*.html", "a/b/c/d.html"))
    assert.is_true(matches("a/**/*.html", "a/d.html"))
    assert.is_true(matches("a/**", "a/b/c"))
    assert.is_false(matches("a/**", "b/a/c"))
  end)

  it("takes every other character as it is", function()
    assert.is_true(matches("a+(b).[c]/%*", "a+(b).[c]/%x"))
    assert.is_false(matches("a.b*", "axb"))
  end)

  it("knows where to look", function()
    assert.equal("a/b/", glob.base "a/b/*.x")
    assert.equal("", glob.base "*.x")
    assert.equal("a/", glob.base "a/b*/c")
    assert.is_false(glob.is_pattern "a/b.x")
  end)
end)
