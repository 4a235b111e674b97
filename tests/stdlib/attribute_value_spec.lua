local attribute_value = require "laconic.attribute_value"
local json = require "host.json"

local function refuses(message, value)
  local raised = assert.has_error(function()
    attribute_value.decode(value)
  end, message)
  assert.equal("InvalidAttributeValue", raised.type)
end

describe("laconic.attribute_value", function()
  it("reads every type", function()
    assert.same({
      text = "é",
      whole = -12,
      broken = 19.5,
      huge = 1e100,
      bytes = "\0\xff",
      yes = true,
      no = false,
      nothing = json.null,
      list = { 1, "a", { deep = true } },
      map = { empty = {} },
      texts = { "a", "b" },
      numbers = { 1, 2.5 },
      many_bytes = { "\0" },
    }, attribute_value.decode_item {
      text = { S = "é" },
      whole = { N = "-12" },
      broken = { N = "19.5" },
      huge = { N = "1E+100" },
      bytes = { B = "AP8=" },
      yes = { BOOL = true },
      no = { BOOL = false },
      nothing = { NULL = true },
      list = { L = { { N = "1" }, { S = "a" }, { M = { deep = { BOOL = true } } } } },
      map = { M = { empty = { L = {} } } },
      texts = { SS = { "a", "b" } },
      numbers = { NS = { "1", "2.5" } },
      many_bytes = { BS = { "AA==" } },
    })
  end)

  it("keeps integers of 64 bits, and lists as lists", function()
    assert.equal(9007199254740993, attribute_value.decode { N = "9007199254740993" })
    assert.equal("integer", math.type(attribute_value.decode { N = "3" }))
    assert.equal("float", math.type(attribute_value.decode { N = "99999999999999999999" }))
    assert.equal("[]", json.encode(attribute_value.decode { L = {} }))
    assert.equal("{}", json.encode(attribute_value.decode { M = {} }))
  end)

  it("names the place of what is wrong", function()
    refuses("value: table expected, got string", "text")
    refuses("value: one type and its value expected", {})
    refuses("value: one type and its value expected", { S = "a", N = "1" })
    refuses("value: no type 'X' is known", { X = "a" })
    refuses("value: string expected, got number", { N = 1 })
    refuses("value.a[2].b: number expected", {
      M = { a = { L = { { S = "" }, { M = { b = { N = "0x10" } } } } } },
    })
    for _, text in ipairs { "", "nan", "inf", "1e999", "1 ", "--1", "1e", "." } do
      refuses("value: number expected", { N = text })
    end
    refuses("value[1]: string expected, got boolean", { SS = { true } })
    refuses("value: not a base64 character at byte 1", { B = "????" })
    refuses("value: boolean expected, got string", { BOOL = "true" })
  end)

  it("ends where DynamoDB does", function()
    local value = { S = "deep" }
    for _ = 1, 40 do
      value = { L = { value } }
    end
    assert.error_matches("nested too deeply$", function()
      attribute_value.decode(value)
    end)
  end)
end)
