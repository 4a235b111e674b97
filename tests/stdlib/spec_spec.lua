local spec = require "laconic.spec"

local function run(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local out = {}
  local ok = spec.run({ path }, function(line)
    table.insert(out, line)
  end)
  os.remove(path)
  return ok, table.concat(out)
end

describe("laconic.spec", function()
  it("counts what passed and what failed", function()
    local ok, out = run [[
      describe("a", function()
        it("passes", function() assert.equal(1, 1) end)
        it("fails", function() assert.equal(1, 2) end)
      end)]]

    assert.is_false(ok)
    assert.matches("not ok %- a: fails", out)
    assert.matches("expected 1, got 2", out)
    assert.matches("1 passed, 1 failed\n$", out)
  end)

  it("fails a file that holds no test, or does not load", function()
    assert.is_false((run ""))
    assert.is_false((run "syntax error here"))
  end)

  it("tells an integer from a float, and compares tables deeply", function()
    assert.has_error(function()
      assert.same({ 1 }, { 1.0 })
    end)
    assert.same({ a = { b = { 1, 2 } } }, { a = { b = { 1, 2 } } })
  end)

  it("runs before_each and after_each around every test, also a failing one", function()
    local _, out = run [[
      local log = {}
      describe("x", function()
        before_each(function() table.insert(log, "b") end)
        after_each(function() table.insert(log, "a") end)
        it("1", function() error "boom" end)
        it("2", function() assert.equal("bab", table.concat(log)) end)
      end)]]

    assert.matches("1 passed, 1 failed\n$", out)
  end)
end)
