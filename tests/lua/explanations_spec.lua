-- What `laconic explain` tells, held against the codes that there are.
local codes = require "engine.codes"
local explanations = require "engine.explanations"
local order = require "engine.order"

describe("the explanations", function()
  it("are there for every code, and for nothing else", function()
    assert.same(order.keys(codes.titles), order.keys(explanations))
  end)

  it("fit on a terminal, and say more than the title", function()
    for code, text in pairs(explanations) do
      assert.not_equal(codes.titles[code], text)
      for line in (text .. "\n"):gmatch "(.-)\n" do
        assert.truthy(utf8.len(line) <= 100, code .. ": " .. line)
      end
      assert.truthy(text:match "[.?]$", code .. " breaks off")
    end
  end)
end)
