local kept_answers = require "engine.local.http.kept_answers"

describe("what authorizers said", function()
  it("is kept by all that identified the caller", function()
    local kept = kept_answers.new(300)
    local answer = {}
    kept:keep({ "a", "b" }, answer)
    assert.equal(answer, kept:get { "a", "b" })
    assert.is_nil(kept:get { "a" })
    assert.is_nil(kept:get { "ab" })
  end)

  it("is not kept for nobody in particular, nor for no time", function()
    local kept = kept_answers.new(300)
    kept:keep({}, "yes")
    assert.is_nil(kept:get {})
    kept = kept_answers.new(0)
    kept:keep({ "a" }, "yes")
    assert.is_nil(kept:get { "a" })
  end)

  it("is forgotten when its time is over", function()
    local kept = kept_answers.new(300)
    kept:keep({ "a" }, "yes")
    kept.answers.a.ends = 0
    assert.is_nil(kept:get { "a" })
  end)

  it("is bounded, whatever callers make up", function()
    local kept = kept_answers.new(300)
    for _ = 1, 20000 do
      kept:keep({ "same" }, "yes")
    end
    assert.equal("yes", kept:get { "same" })
    for i = 1, 25000 do
      kept:keep({ tostring(i) }, "yes")
    end
    local count = 0
    for _ in pairs(kept.answers) do
      count = count + 1
    end
    assert.truthy(count > 0 and count <= 10000, count)
  end)
end)
