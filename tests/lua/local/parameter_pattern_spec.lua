local pattern = require "engine.local.services.cloudformation.pattern"

describe("engine.local.services.cloudformation.pattern", function()
  local function yes(expression, text)
    assert.is_true(pattern.matches(expression, text), expression .. " on " .. text)
  end

  local function no(expression, text)
    assert.is_false(pattern.matches(expression, text), expression .. " on " .. text)
  end

  it("matches the whole text, as CloudFormation does", function()
    yes("[a-z]+", "abc")
    no("[a-z]+", "abc1")
    yes("^[a-zA-Z][-a-zA-Z0-9]*$", "my-stack1")
    no("^[a-zA-Z][-a-zA-Z0-9]*$", "1stack")
    yes("", "")
    no("", "a")
  end)

  it("knows classes, escapes and their opposites", function()
    yes("\\d{3}-\\d{2,4}", "123-4567")
    no("\\d{3}-\\d{2,4}", "123-45678")
    yes("[^\\s/]+", "a.b")
    no("[^\\s/]+", "a b")
    yes("\\W\\S\\D", "-xy")
    yes("[\\w.-]+@[\\w.-]+\\.\\w+", "ada@example.org")
    yes("[]x]+", "]x")
  end)

  it("goes back for alternatives, groups, greedy and lazy repetitions", function()
    yes("(a|ab)(c|bcd)(d*)", "abcd")
    yes("(?:ab)+", "ababab")
    no("(?:ab)+", "aba")
    yes(".*?x", "aaxx")
    yes("((\\d{1,3})\\.){3}\\d{1,3}/(\\d{1,2})", "10.0.0.0/16")
    yes("(x?)*", "")
  end)

  it("says what it does not understand", function()
    local wrong = { "(", "a)", "[a", "a{2", "*a", "(?<n>a)", "\\p{L}", "a++", "[z-a]" }
    for _, expression in ipairs(wrong) do
      local matches, reason = pattern.matches(expression, "a")

      assert.is_nil(matches, expression)
      assert.equal("string", type(reason), expression)
    end
  end)

  it("gives up on an exponential pattern rather than hang", function()
    local matches, reason = pattern.matches("(a+)+b", ("a"):rep(60))

    assert.is_nil(matches)
    assert.matches("too many steps", reason)
  end)
end)
