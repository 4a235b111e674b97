local laconic = require "laconic"

describe("laconic", function()
  it("is the door to all that handlers call", function()
    for _, name in ipairs {
      "aws", "cfn", "discovery", "event", "iam", "metrics", "result", "secrets", "xray",
    } do
      assert.equal(require("laconic." .. name), laconic[name])
    end
  end)

  it("has a word for a service, and the environment's name", function()
    assert.equal(require("laconic.service").new, laconic.service)
    assert.equal(os.getenv "LACONIC_ENV", laconic.env)
  end)
end)
