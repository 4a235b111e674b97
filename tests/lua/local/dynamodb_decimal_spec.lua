local decimal = require "engine.local.services.dynamodb.decimal"

local NINES = ("9"):rep(38)

local function spelling(text)
  return decimal.text(decimal.parse(text))
end

local function refusal(fn, ...)
  local ok, problem = pcall(fn, ...)
  assert.is_false(ok)
  return problem.message
end

describe("DynamoDB's numbers", function()
  it("have one spelling", function()
    for text, wanted in pairs {
      ["0"] = "0", ["-0"] = "0", ["0.000"] = "0", ["0e500"] = "0",
      ["1.50"] = "1.5", ["+5"] = "5", [".5"] = "0.5", ["5."] = "5", ["007"] = "7",
      ["1e3"] = "1000", ["1.25E1"] = "12.5", ["125e-2"] = "1.25", ["-1e-3"] = "-0.001",
      [NINES] = NINES, ["0." .. NINES] = "0." .. NINES,
      ["1E-130"] = "0." .. ("0"):rep(129) .. "1",
      ["1E125"] = "1" .. ("0"):rep(125),
    } do
      assert.equal(wanted, spelling(text))
    end
  end)

  it("are refused beyond 38 digits and beyond their range", function()
    for _, text in ipairs { NINES .. "9", "1." .. NINES, "-" .. NINES .. ".9" } do
      assert.matches("38 significant digits", refusal(decimal.parse, text))
    end
    for _, text in ipairs { "1E126", "-1E126", "1e999999999999999999999" } do
      assert.matches("overflow", refusal(decimal.parse, text))
    end
    for _, text in ipairs { "1E-131", "-9.9E-131", "1e-99999999999999999999" } do
      assert.matches("underflow", refusal(decimal.parse, text))
    end
    for _, text in ipairs { "", "a", "0x1", "1e", "1e1.5", "--1", "1 ", " 1", ".", "1,5", "nan",
      "inf" } do
      assert.matches("cannot be converted to a numeric value", refusal(decimal.parse, text))
    end
    assert.equal("0", spelling(("0"):rep(300000))) -- in no time
  end)

  it("add up exactly", function()
    for _, case in ipairs {
      { "1", "2", "3" }, { "0.1", "0.2", "0.3" }, { "99", "1", "100" }, { "1", "-1", "0" },
      { "-5", "3", "-2" }, { "3", "-5", "-2" }, { "1000", "-0.001", "999.999" },
      { NINES:sub(2), "1", "1" .. ("0"):rep(37) }, { NINES, "-" .. NINES, "0" },
      { "12345678901234567890.5", "0.5", "12345678901234567891" },
      { "1E125", "8E125", "9" .. ("0"):rep(125) }, { "0", "1e-130", spelling "1e-130" },
    } do
      assert.equal(case[3], decimal.sum(case[1], case[2], 1))
      assert.equal(case[3], decimal.sum(case[2], case[1], 1))
    end
    assert.equal("-1", decimal.sum("1", "2", -1))
    assert.equal("0.5", decimal.sum("1", "0.5", -1))
    assert.equal("1.5", decimal.sum("1", "-0.5", -1))
    assert.equal("1", decimal.sum("1", "0", -1))
    assert.matches("38 significant", refusal(decimal.sum, NINES, "0.1", 1))
    assert.matches("overflow", refusal(decimal.sum, "9E125", "1E125", 1))
  end)

  it("have texts in their own order", function()
    local texts = {
      "-9E125", "-1E125", "-100", "-12.5", "-12", "-11", "-1.01", "-1", "-0.5", "-1E-130", "0",
      "1E-130", "0.05", "0.1", "0.11", "0.5", "1", "1.001", "1.01", "9", "10", "12", "120", "1E125",
    }
    for i, one in ipairs(texts) do
      for j, other in ipairs(texts) do
        local a, b = decimal.parse(one), decimal.parse(other)
        assert.equal(i < j, decimal.sortable(a) < decimal.sortable(b), one .. " " .. other)
        assert.equal(i < j and -1 or i > j and 1 or 0, decimal.compare(a, b))
      end
    end
  end)
end)
