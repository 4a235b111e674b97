local clock = require "host.clock"
local wildcard = require "engine.local.wildcard"

describe("a policy's pattern", function()
  it("fits the whole text or not", function()
    local cases = {
      { "", "", true }, { "", "a", false }, { "a", "a", true }, { "a", "ab", false },
      { "*", "", true }, { "*", "anything", true }, { "a*", "a", true }, { "a*", "ab", true },
      { "a*", "ba", false }, { "*a", "ba", true }, { "*a", "ab", false }, { "a*a", "a", false },
      { "a*a", "aa", true }, { "a*b*c", "axxbyyc", true }, { "a*b*c", "axxcyyb", false },
      { "a**c", "abc", true }, { "*ab*ab*", "ab", false }, { "*ab*ab*", "abab", true },
      { "?", "a", true }, { "?", "", false }, { "a?c*", "abcd", true }, { "a?c*", "acd", false },
      { "*?", "", false }, { "*?b", "aab", true }, { "a.c", "abc", false }, { "%a", "b", false },
      { "arn:aws:execute-api:*:*:a1/*/GET/pets/*", "arn:aws:execute-api:x:1:a1/dev/GET/pets/7/b",
        true },
      { "arn:aws:execute-api:*:*:a1/*/GET/pets", "arn:aws:execute-api:x:1:a1/dev/GET/pets/7",
        false },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[3], wildcard.matches(case[1], case[2]), case[1] .. " " .. case[2])
    end
  end)

  it("takes no longer for many stars", function()
    local began = clock.monotonic()
    for _, pattern in ipairs { ("*/"):rep(40) .. "x", ("*/?"):rep(20) .. "x" } do
      assert.is_false(wildcard.matches(pattern, ("/"):rep(8000)))
    end
    assert.truthy(clock.monotonic() - began < 5)
  end)
end)
