local placeholders = require "engine.swagger.placeholders"

local VALUES <const> = {
  Region = { Ref = "AWS::Region" },
  Name = 'a "quoted" $Region$',
  Empty = "",
}

describe("placeholders", function()
  for text, want in pairs {
    ["plain"] = "plain",
    ["$Region$"] = { Ref = "AWS::Region" },
    ["a$Region$b"] = { ["Fn::Join"] = { "", { "a", { Ref = "AWS::Region" }, "b" } } },
    ["$Region$$Region$"] = {
      ["Fn::Join"] = { "", { { Ref = "AWS::Region" }, { Ref = "AWS::Region" } } },
    },
    ["$Unknown$"] = "$Unknown$",
    ["$Unknown$Region$"] = { ["Fn::Join"] = { "", { "$Unknown", { Ref = "AWS::Region" } } } },
    ["$Name$"] = 'a "quoted" $Region$',
    ["$context.stage $5 $Region"] = "$context.stage $5 $Region",
    ["$ Region$"] = "$ Region$",
    ["$$"] = "$$",
    ["$"] = "$",
    [""] = "",
  } do
    it("in " .. ("%q"):format(text), function()
      assert.same(want, placeholders.replace(text, VALUES))
    end)
  end

  it("are replaced wherever texts are, in a copy, and not in names", function()
    local value = { ["$Region$"] = { "$Region$", 7, true, { deep = "$Empty$" } } }
    local copy = placeholders.replace(value, VALUES)

    assert.same({ ["$Region$"] = { { Ref = "AWS::Region" }, 7, true, { deep = "" } } }, copy)
    assert.equal("$Region$", value["$Region$"][1])
  end)
end)
