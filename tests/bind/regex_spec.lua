local regex = require "host.regex"

local function compile(pattern)
  return assert(regex.compile(pattern))
end

describe("host.regex", function()
  it("matches whole texts", function()
    local failed = compile ".*Not Found.*"
    assert.is_true(failed:matches "404 Not Found")
    assert.is_false(failed:matches "404 not found")
    assert.is_false(compile("Not"):matches "Not Found")
  end)

  it("finds, with groups", function()
    local pair = compile "(\\w+)=(\\w+)(;)?"
    assert.same({ 3, 6, "a", "12", false }, { pair:find "; a=12" })
    assert.same({ 8, 10, "b", "c", false }, { pair:find("; a=12 b=c", 7) })
    assert.is_nil((pair:find "nothing"))
    local first, last = compile("x*"):find "ab"
    assert.same({ 1, 0 }, { first, last })
  end)

  it("replaces as Java does", function()
    local quote = compile "\\\\'"
    assert.equal("it's its'", quote:replace_all("it\\'s its\\'", "'"))
    assert.equal("it's its\\'", quote:replace_first("it\\'s its\\'", "'"))
    assert.equal("b-a", compile("(a)(b)"):replace_all("ab", "$2-$1"))
  end)

  it("returns nil and an error for a pattern or a replacement that means nothing", function()
    local compiled, err = regex.compile "a("
    assert.is_nil(compiled)
    assert.equal("input", err.kind)
    assert.matches("byte 3", tostring(err))
    local text
    text, err = compile("a"):replace_all("a", "$1")
    assert.is_nil(text)
    assert.equal("replacement: there is no group 1", tostring(err))
  end)

  it("returns nil and an error for a match that does not come to an end", function()
    local matched, err = compile("(a+)+$"):matches(("a"):rep(40) .. "c")
    assert.is_nil(matched)
    assert.equal("limit", err.kind)
    local first
    first, err = compile("(a+)+$"):find(("a"):rep(40) .. "c")
    assert.is_nil(first)
    assert.equal("limit", err.kind)
  end)

  it("raises for what cannot be meant", function()
    assert.error_matches("#1 to 'compile' %(string expected, got nil%)", function()
      regex.compile(nil)
    end)
    assert.error_matches("'matches' %(string expected, got number%)", function()
      compile("a"):matches(1)
    end)
    assert.error_matches("'find' %(is not positive%)", function()
      compile("a"):find("a", 0)
    end)
    assert.error_matches("laconic.regex expected", function()
      compile("a").matches("a", "a")
    end)
  end)
end)
