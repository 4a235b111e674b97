local json = require "host.json"

-- Every text here is JSON by RFC 8259, with the value it must give.
local ACCEPTED = {
  { "null", json.null },
  { "true", true },
  { "false", false },
  { " \t\r\n true \t\r\n ", true },
  { "0", 0 },
  { "1", 1 },
  { "-1", -1 },
  { "1.0", 1.0 },
  { "1e2", 100.0 },
  { "1E+2", 100.0 },
  { "1e-2", 0.01 },
  { "0e0", 0.0 },
  { "0.5", 0.5 },
  { "-0.0", -0.0 },
  { "-0", -0.0 },
  { "0e999999", 0.0 },
  { "1e-999", 0.0 },
  { "123456789", 123456789 },
  { "9007199254740993", 9007199254740993 },
  { "9223372036854775807", math.maxinteger },
  { "-9223372036854775808", math.mininteger },
  { "9223372036854775808", 9223372036854775808.0 },
  { "-9223372036854775809", -9223372036854775808.0 },
  { "18446744073709551615", 18446744073709551615.0 },
  { "123456789012345678901234567890", 123456789012345678901234567890.0 },
  { "0.1", 0.1 },
  { "3.141592653589793", 3.141592653589793 },
  { "2.2250738585072014e-308", 2.2250738585072014e-308 },
  { "4.9406564584124654e-324", 4.9406564584124654e-324 },
  { "1.7976931348623157e308", 1.7976931348623157e308 },
  { "9007199254740993.0", 9007199254740992.0 },
  { "0." .. ("0"):rep(400) .. "1e401", 1.0 },
  { ("1"):rep(300) .. "e-299", tonumber(("1"):rep(300) .. "e-299") },
  { '""', "" },
  { '"a"', "a" },
  { '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t' },
  { '"\\u0041"', "A" },
  { '"\\u0000"', "\0" },
  { '"a\\u0000b"', "a\0b" },
  { '"\\u00e9\\u20AC"', "é€" },
  { '"\\ud83d\\ude00"', "\u{1F600}" },
  { '"\\uD800\\uDC00\\uDBFF\\uDFFF"', "\u{10000}\u{10FFFF}" },
  { '"\\uFFFE\\uFFFF\\uFDD0"', "\u{FFFE}\u{FFFF}\u{FDD0}" },
  { '"\\uFEFF"', "\u{FEFF}" },
  { '"é€\u{1F600}\u{10FFFF}"', "é€\u{1F600}\u{10FFFF}" },
  { '"\u{2028}\u{2029}\x7F"', "\u{2028}\u{2029}\x7F" },
  { '"\u{80}\u{7FF}\u{800}"', "\u{80}\u{7FF}\u{800}" },
  { '"\u{D7FF}\u{E000}\u{FFFF}"', "\u{D7FF}\u{E000}\u{FFFF}" },
  {
    '"' .. ("plain "):rep(99) .. "\\n" .. ("é"):rep(9) .. '"',
    ("plain "):rep(99) .. "\n" .. ("é"):rep(9),
  },
  { '"/* no comment */"', "/* no comment */" },
  { '"\\\\u0041"', "\\u0041" },
  { "[]", {} },
  { "{}", {} },
  { " [ ] ", {} },
  { "[1,2,3]", { 1, 2, 3 } },
  { "[ 1 , 2 ]", { 1, 2 } },
  { "[[],[[]]]", { {}, { {} } } },
  { "[null,1]", { json.null, 1 } },
  { '{"a":1}', { a = 1 } },
  { '{ "a" : { "b" : [ 1.5 ] } }', { a = { b = { 1.5 } } } },
  { '{"":0}', { [""] = 0 } },
  { '{"1":1}', { ["1"] = 1 } },
  { '{"a\\u0000b":1}', { ["a\0b"] = 1 } },
  { '{"\\u0061":1}', { a = 1 } },
  { '{"a":1,"a":2}', { a = 2 } },
  { '{"a":1,"b":3,"a":null}', { a = json.null, b = 3 } },
}

-- No text here is JSON; the second field is a part of the message.
local REFUSED = {
  { "", "got the end of the text" },
  { " ", "got the end of the text" },
  { "nul", "a value expected" },
  { "nulll", "the end of the text expected" },
  { "True", "a value expected, got 'T'" },
  { "TRUE" },
  { "undefined" },
  { "NaN" },
  { "nan" },
  { "Infinity" },
  { "-Infinity", "a digit expected" },
  { "inf" },
  { "'a'" },
  { "a" },
  { "1 2", "the end of the text expected" },
  { "1,", "the end of the text expected" },
  { "[1]]", "the end of the text expected" },
  { "{}}", "the end of the text expected" },
  { "[] x" },
  { "true\0", "0x00" },
  { "\0" },
  { "1\0" },
  { "\xEF\xBB\xBF{}", "byte order mark" },
  { "\xFE\xFF\0{", "0xFE" },
  { "\xFF\xFE{\0" },
  { "\u{A0}1" },
  { "\f1" },
  { "\v[]" },
  { "\u{2060}[]" },
  { "/* a */ 1" },
  { "1 // a" },
  { "# a\n1" },
  -- numbers
  { "01", "cannot begin with 0" },
  { "-01", "cannot begin with 0" },
  { "00" },
  { "+1" },
  { "-", "a digit expected" },
  { "--1" },
  { "- 1" },
  { "1.", "a digit expected" },
  { ".5" },
  { "-.5" },
  { "1.e1" },
  { "1.5.5" },
  { "1e" },
  { "1e+" },
  { "1e-" },
  { "1E" },
  { "1e1.5" },
  { "1ee1" },
  { "1e++1" },
  { "0x10" },
  { "0b1" },
  { "1_000" },
  { "1,000" },
  { "1f" },
  { "1L" },
  { "１" },
  -- strings
  { '"', "got the end of the text" },
  { '"a' },
  { '"a\\' },
  { '"a\\"' },
  { '"\\x41"', "no such escape" },
  { '"\\a"' },
  { '"\\v"' },
  { '"\\0"' },
  { '"\\\'"' },
  { '"\\U0041"' },
  { '"\\\n"' },
  { '"\\\0"' },
  { '"\\u"', "four hexadecimal digits" },
  { '"\\u1"' },
  { '"\\u12"' },
  { '"\\u123"' },
  { '"\\u12g4"' },
  { '"\\u 123"' },
  { '"\\u-123"' },
  { '"\\u{41}"' },
  { '"\\ud800"', "surrogate" },
  { '"\\udc00"', "surrogate" },
  { '"\\ud800a"' },
  { '"\\ud800\\n"' },
  { '"\\ud800\\u0041"' },
  { '"\\ud800\\ud800"' },
  { '"\\ud800\\ud800\\udc00"' },
  { '"\\udc00\\ud800"' },
  { '"\\ud800\\u"' },
  { '"\\ud800\\udc0"' },
  { '"\n"', "control character" },
  { '"\t"' },
  { '"\0"' },
  { '"\x1F"' },
  { '"plain text for eight\x01"' },
  { '"\x80"', "not UTF%-8" },
  { '"\xBF"' },
  { '"\xC0\x80"' },
  { '"\xC1\xBF"' },
  { '"\xC3"' },
  { '"\xC3\xC3"' },
  { '"\xC3(' },
  { '"\xE0\x80\x80"' },
  { '"\xE0\x9F\xBF"' },
  { '"\xE2\x82"' },
  { '"\xE2\x28\xA1"' },
  { '"\xED\xA0\x80"' },
  { '"\xED\xBF\xBF"' },
  { '"\xF0\x80\x80\x80"' },
  { '"\xF0\x8F\xBF\xBF"' },
  { '"\xF0\x9F\x98"' },
  { '"\xF4\x90\x80\x80"' },
  { '"\xF5\x80\x80\x80"' },
  { '"\xF8\x88\x80\x80\x80"' },
  { '"\xFF"' },
  { '"\xFE"' },
  { '"caf\xE9"' },
  -- arrays
  { "[", "got the end of the text" },
  { "]", "a value expected" },
  { "[1", "',' or ']' expected" },
  { "[1,", "got the end of the text" },
  { "[1,]", "a value expected, got ']'" },
  { "[,]" },
  { "[,1]" },
  { "[1,,2]" },
  { "[1 2]" },
  { "[1;2]" },
  { "[1:2]" },
  { "[1}", "',' or ']' expected, got '}'" },
  { "[a]" },
  { "[[1]", "got the end of the text" },
  { "[\"a\",\n4\n,1," },
  { "[1,\n1\n,1" },
  { "[*]" },
  { "(1)" },
  { "<null>" },
  -- objects
  { "{", "a name in quotes expected" },
  { "}" },
  { '{"a"', "':' expected" },
  { '{"a":', "a value expected" },
  { '{"a":1', "',' or '}' expected" },
  { '{"a":1,', "a name in quotes expected" },
  { '{"a":1,}', "a name in quotes expected, got '}'" },
  { '{,"a":1}' },
  { '{"a":1,,"b":2}' },
  { '{"a" 1}' },
  { '{"a"::1}' },
  { '{"a",1}' },
  { '{"a":}' },
  { "{:1}" },
  { "{a:1}" },
  { "{'a':1}" },
  { "{1:1}" },
  { "{null:1}" },
  { '{"a":1]', "got ']'" },
  { '{"a":1 "b":2}' },
  { '{"a":"b"}#' },
  { '{"a":/**/1}' },
  { '{"a": a b }' },
  { '{"\xB9":1}' },
  { "{[]:1}" },
  { "{}," },
}

local function refusal(value, options)
  local text, err = json.encode(value, options)
  assert.is_nil(text)
  assert.equal("input", err.kind)
  return err.message
end

describe("json.check", function()
  it("says of a text what decode says", function()
    for _, case in ipairs(ACCEPTED) do
      assert.is_true(json.check(case[1]), case[1])
    end
    for _, case in ipairs(REFUSED) do
      local ok, err = json.check(case[1])
      local _, wanted = json.decode(case[1])
      assert.is_nil(ok, ("%q"):format(case[1]))
      assert.equal(wanted.message, err.message)
    end
    local ok, err = json.check(("["):rep(513) .. ("]"):rep(513))
    assert.is_nil(ok)
    assert.equal("limit", err.kind)
  end)

  it("raises for what is no text", function()
    assert.error_matches("#1 to 'check' %(string expected, got table%)", function()
      json.check {}
    end)
  end)
end)

describe("json.decode", function()
  it("reads everything that is JSON", function()
    for _, case in ipairs(ACCEPTED) do
      local value, err = json.decode(case[1])
      assert.is_nil(err, case[1])
      assert.same(case[2], value, case[1])
    end
  end)

  it("refuses everything that is not", function()
    for _, case in ipairs(REFUSED) do
      local value, err = json.decode(case[1])
      assert.is_nil(value, ("%q"):format(case[1]))
      assert.equal("input", err.kind, case[1])
      assert.matches("^line %d+, column %d+ %(byte %d+%): ", err.message)
      assert.matches(case[2] or ".", err.message, ("%q"):format(case[1]))
    end
  end)

  it("refuses a name that is there twice where it is told to, and tells its path", function()
    local members = {}
    for i = 1, 3000 do
      members[i] = ('"n%d": %d'):format(i, i)
    end
    local many = table.concat(members, ",")
    for text, path in pairs {
      ['{"a":1,"a":2}'] = { "a" },
      ['{"a":null,"b":{"a":1},"a":null}'] = { "a" },
      ['{"a/b":[{}, 1, [], {"c":{"x":[],"y":1,"x":{}}}]}'] = { "a/b", 4, "c", "x" },
      ['{"a":1,"\\u0061":1}'] = { "a" },
      ["[" .. ("1,"):rep(3000) .. '{"":1,"":1}]'] = { 3001, "" },
      ["{" .. many .. ',"n7":1}'] = { "n7" },
      ["{" .. many .. ',"l":{"k":1,"k":1}}'] = { "l", "k" },
      ["{" .. many .. ',"n2999":1,' .. many:gsub("n", "m") .. "}"] = { "n2999" },
      [("["):rep(500) .. '{"k":1,"k":1}' .. ("]"):rep(500)] = false,
    } do
      assert.truthy(json.decode(text))
      local value, err = json.decode(text, { duplicates = false })
      assert.is_nil(value)
      assert.equal("input", err.kind)
      assert.matches("the name is there twice$", err.message)
      assert.same(path or err.path, err.path)
    end
    local _, err = json.decode('{"a":{"b":[{"c":1,"c":1}]}}', { duplicates = false })
    assert.equal("a.b[1].c: the name is there twice", err.message)
    _, err = json.decode('{"a":[{},', { duplicates = false })
    assert.is_nil(err.path)
    for _, case in ipairs(ACCEPTED) do
      local value, problem = json.decode(case[1], { duplicates = false })
      local is_twice = select(2, case[1]:gsub('"a":', "")) > 1
      assert.equal(is_twice, problem ~= nil, case[1])
      if not is_twice then
        assert.same(case[2], value)
      end
    end
  end)

  it("keeps integers and floats apart", function()
    assert.equal("integer", math.type(json.decode "1"))
    assert.equal("float", math.type(json.decode "1.0"))
    assert.equal("float", math.type(json.decode "1e2"))
    assert.equal(-math.huge, 1 / json.decode "-0")
    assert.equal("integer", math.type(json.decode "9223372036854775807"))
    assert.equal("float", math.type(json.decode "9223372036854775808"))
  end)

  it("says where the trouble is, in characters and in bytes", function()
    local _, err = json.decode '{\n  "é": 1,\n  "ü": x\n}'
    assert.equal("line 3, column 8 (byte 22): a value expected, got 'x'", err.message)
  end)

  it("refuses what no double can hold", function()
    for _, text in ipairs { "1e309", "-1e309", "[1e999999999999]", ("9"):rep(400) } do
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.equal("limit", err.kind)
    end
  end)

  it("bounds the depth", function()
    assert(json.decode(("["):rep(512) .. ("]"):rep(512)))
    local value, err = json.decode(("["):rep(513) .. ("]"):rep(513))
    assert.is_nil(value)
    assert.equal("limit", err.kind)
    assert.equal("line 1, column 513 (byte 513): more than 512 levels deep", err.message)
    assert(json.decode(('{"a":'):rep(4095) .. "[]" .. ("}"):rep(4095), { max_depth = 4096 }))
    assert.is_nil(json.decode("[[1]]", { max_depth = 1 }))
    assert.is_nil(json.decode(("["):rep(1000000)))
    assert.is_nil(json.decode(('{"a":'):rep(100000)))
  end)

  it("marks arrays and only arrays", function()
    local value = json.decode '{"list":[],"object":{},"full":[1]}'
    assert.is_true(json.is_array(value.list))
    assert.is_true(json.is_array(value.full))
    assert.is_false(json.is_array(value.object))
    assert.is_false(json.is_array(value))
  end)

  it("reads wide and deep documents without filling the stack", function()
    local list = json.decode("[" .. ("7,"):rep(100000) .. "8]")
    assert.equal(100001, #list)
    assert.equal(7, list[100000])
    local members = {}
    for i = 1, 2000 do
      members[i] = ('"k%d":%d'):format(i, i)
    end
    local object = json.decode("{" .. table.concat(members, ",") .. ',"k7":"last"}')
    assert.equal(2000, object.k2000)
    assert.equal("last", object.k7)
    local row = "[" .. ("1,"):rep(1000)
    assert(json.decode(row:rep(80) .. "1" .. ("]"):rep(80)))
  end)

  it("raises for misuse", function()
    assert.error_matches("#1 to 'decode' %(string expected, got nil%)", function()
      json.decode(nil)
    end)
    assert.error_matches("#1 to 'decode' %(string expected, got number%)", function()
      json.decode(1)
    end)
    assert.error_matches("unknown field 'depth'", function()
      json.decode("1", { depth = 1 })
    end)
    assert.error_matches("field 'max_depth': 4097 is not between 1 and 4096", function()
      json.decode("1", { max_depth = 4097 })
    end)
  end)
end)

describe("json.encode", function()
  it("writes values in one form", function()
    local cases = {
      { json.null, "null" },
      { true, "true" },
      { false, "false" },
      { 0, "0" },
      { -1, "-1" },
      { math.maxinteger, "9223372036854775807" },
      { math.mininteger, "-9223372036854775808" },
      { 1.0, "1.0" },
      { -0.0, "-0.0" },
      { 0.1, "0.1" },
      { -2.5, "-2.5" },
      { 1 / 3, "0.3333333333333333" },
      { 0.1 + 0.2, "0.30000000000000004" },
      { 123456.789, "123456.789" },
      { 1e15, "1e+15" },
      { 1e14, "100000000000000.0" },
      { 1e300, "1e+300" },
      { 5e-324, "4.94065645841247e-324" },
      { 1e-7, "1e-07" },
      { 2.0 ^ 53, "9007199254740992.0" },
      { "", '""' },
      { 'a"b\\c/', '"a\\"b\\\\c/"' },
      { "\b\f\n\r\t\0\x1F\x7F", '"\\b\\f\\n\\r\\t\\u0000\\u001f\x7F"' },
      { "é€\u{1F600}\u{2028}", '"é€\u{1F600}\u{2028}"' },
      { {}, "{}" },
      { json.array {}, "[]" },
      { json.object {}, "{}" },
      { { 1, "a", { json.null } }, '[1,"a",[null]]' },
      { { b = 1, a = 2, ["a b"] = 3, [""] = 4, A = 5 }, '{"":4,"A":5,"a":2,"a b":3,"b":1}' },
      { { ["1"] = 1 }, '{"1":1}' },
      { json.object { "x", [10] = "y", n = 1 }, '{"1":"x","10":"y","n":1}' },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[2], json.encode(case[1]))
    end
  end)

  it("writes every float so that the same one is read back", function()
    local seed = 42
    for _ = 1, 2000 do
      seed = seed * 6364136223846793005 + 1442695040888963407
      local value = string.unpack("<d", string.pack("<i8", seed))
      if value == value and value - value == 0 then
        assert.equal(value, json.decode(json.encode(value)))
      end
      local short = (seed >> 40) / 1000
      assert.equal(("%.17g"):format(short), ("%.17g"):format(json.decode(json.encode(short))))
    end
  end)

  it("sorts many names by their bytes", function()
    local object, names = {}, {}
    for i = 1, 500 do
      local name = ("n%d"):format(i * 7919 % 1000)
      object[name] = i
      names[i] = name
    end
    table.sort(names)
    local at = 1
    for _, name in ipairs(names) do
      at = assert(json.encode(object):find(('"%s":'):format(name), at, true))
    end
  end)

  -- Of two ways to write, the quick one takes what it can; indented text always goes the other.
  it("writes the same on one line as on many", function()
    local names, backwards, wide = {}, {}, {}
    for i = 40, 1, -1 do
      backwards[i] = i
      wide[i] = ("x"):rep(i) .. "\u{e9}\n\"" .. ("y"):rep(i % 9)
      names[("n"):rep(i % 13) .. i] = i / 7
    end
    local list = json.array { 1, "two", { three = 3 } }
    local values = {
      names, backwards, wide, list, json.array {}, json.object {}, {}, { {}, { {} } },
      json.object { [1] = "a", [2] = "b", c = { list, list } },
      { prefix12 = 1, prefix1 = 2, prefix123 = 3, prefix = 4, ["prefix\0"] = 5, [""] = 6 },
      { big = math.maxinteger, small = math.mininteger, zero = -0.0, yes = true, no = false },
      { deep = { { { { { { { { json.null } } } } } } } } },
      "", "1234567", "12345678", "123456789", "\u{10ffff}", ("\\"):rep(20), 0, 1e300, true,
    }
    for _, value in ipairs(values) do
      local many = assert(json.encode(value, { indent = 1 }))
      assert.equal(many:gsub("\n *", ""):gsub('": ', '":'), assert(json.encode(value)))
      local unsorted = json.decode(assert(json.encode(value, { sorted = false })))
      assert.equal(json.encode(value), json.encode(unsorted))
    end
  end)

  it("may be called by a finalizer while it works", function()
    local count = 0
    local function leave_one()
      setmetatable({}, {
        __gc = function()
          count = count + 1
          assert(json.encode { n = json.decode '["\\u00e9"]' } == '{"n":["\u{e9}"]}')
        end,
      })
    end
    for i = 1, 200 do
      leave_one()
      local text = json.encode { list = { ("a\n"):rep(i) }, other = { b = i } }
      assert.equal(i, json.decode(text).other.b)
      assert.equal(i * 2, #json.decode(text).list[1])
      if i % 20 == 0 then
        collectgarbage()
      end
    end
    assert.is_true(count > 0)
  end)

  it("leaves the order alone when it is told to", function()
    local value = { a = 1, b = { 1, 2 }, c = { d = json.null } }
    assert.same(value, json.decode(json.encode(value, { sorted = false })))
  end)

  it("indents", function()
    local text = json.encode({ a = { 1, {} }, b = json.array {}, c = "x" }, { indent = 2 })
    assert.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": [],\n  "c": "x"\n}', text)
  end)

  it("gives back what was read", function()
    for _, case in ipairs(ACCEPTED) do
      local text = json.encode(json.decode(case[1]))
      assert.same(case[2], json.decode(text))
      assert.equal(text, json.encode(json.decode(text)))
    end
    assert.equal('{"a":[],"b":{}}', json.encode(json.decode '{ "b": {}, "a": [] }'))
  end)

  it("names the path of what has no place in JSON", function()
    local properties = { 1, 2, print }
    assert.equal("Resources.Fn.Properties[3]: a function cannot be written as JSON",
      refusal { Resources = { Fn = { Properties = properties } } })
    assert.equal("nil cannot be written as JSON", refusal(nil))
    assert.equal("a thread cannot be written as JSON", refusal(coroutine.create(print)))
    assert.equal("a: a userdata cannot be written as JSON", refusal { a = io.stdout })
    assert.equal("[2]: NaN cannot be written as JSON", refusal { 1, 0 / 0 })
    assert.equal("x: an infinity cannot be written as JSON", refusal { x = -math.huge })
    assert.equal("a.b: a string that is not UTF-8 (at byte 2)", refusal { a = { b = "x\xFF" } })
    assert.matches("a string that is not UTF%-8", refusal { ["\xFF"] = 1 })
    assert.equal('["a b"]["x.y"].Fn::Sub[1]: a function cannot be written as JSON',
      refusal { ["a b"] = { ["x.y"] = { ["Fn::Sub"] = { print } } } })
    assert.matches("^[%.%w]+aaa.*: a function cannot be written as JSON$",
      refusal { [("a"):rep(5000)] = print })
  end)

  it("refuses tables that are neither a list nor an object", function()
    assert.equal("a: a list with holes", refusal { a = { 1, nil, 3 } })
    assert.equal("a list with holes", refusal { [2] = 1 })
    assert.equal("a list with an item before the first", refusal { [0] = 1 })
    assert.equal("a table with both list items and named fields", refusal { 1, a = 2 })
    assert.equal("a table with both list items and named fields", refusal { a = 2, [7] = 1 })
    assert.equal("a list with a key that is not a whole number", refusal { [1.5] = 1 })
    assert.equal("a table with both list items and named fields", refusal(json.array { a = 1 }))
    assert.equal("a list with holes", refusal(json.array { [3] = 1 }))
    assert.equal("an object with a key that is not a name", refusal { [true] = 1 })
    assert.equal("an object with a key that is not a name", refusal(json.object { [1.5] = 1 }))
    assert.equal("an object with a number and a name that are written the same",
      refusal(json.object { [1] = 1, ["1"] = 2 }))
  end)

  it("finds a table that holds itself, and writes one that is shared twice", function()
    local a = { b = {} }
    a.b.c = { a }
    assert.equal("b.c[1]: a table that holds itself", refusal(a))
    local shared = { 1 }
    assert.equal('{"x":[1],"y":[1]}', json.encode { x = shared, y = shared })
  end)

  it("bounds the depth", function()
    local deep = {}
    for _ = 1, 511 do
      deep = { deep }
    end
    assert(json.encode(deep))
    local text, err = json.encode { deep }
    assert.is_nil(text)
    assert.equal("limit", err.kind)
  end)

  it("reads tables raw, whatever their metatables say", function()
    local loud = setmetatable({ Ref = "Table" }, {
      __index = function()
        error "asked"
      end,
      __pairs = function()
        error "asked"
      end,
      __len = function()
        error "asked"
      end,
      __tostring = function()
        return "no"
      end,
    })
    assert.equal('{"a":{"Ref":"Table"}}', json.encode { a = loud })
  end)

  it("raises for misuse", function()
    assert.error_matches("unknown field 'indentation'", function()
      json.encode({}, { indentation = 2 })
    end)
    assert.error_matches("field 'indent': integer expected, got string", function()
      json.encode({}, { indent = "2" })
    end)
    assert.error_matches("field 'sorted': boolean expected", function()
      json.encode({}, { sorted = 1 })
    end)
    assert.error_matches("value expected", function()
      json.encode()
    end)
  end)
end)

describe("json.null and the marks", function()
  it("has a null that is itself alone", function()
    assert.equal("null", tostring(json.null))
    assert.is_true(json.decode "null" == json.null)
    assert.is_true(json.null ~= nil and json.null ~= false)
    assert.error_matches("null value", function()
      return json.null.field
    end)
  end)

  it("returns the table that it marks", function()
    local list, object = { 1 }, {}
    assert.is_true(json.array(list) == list)
    assert.is_true(json.object(object) == object)
    assert.is_true(json.is_array(list))
    assert.is_false(json.is_array(object))
    assert.is_true(json.is_array(json.array(object)))
    assert.is_false(json.is_array "text")
    assert.is_false(json.is_array(nil))
  end)

  it("raises rather than take a metatable away", function()
    assert.error_matches("metatable of its own", function()
      json.array(setmetatable({}, {}))
    end)
    assert.error_matches("table expected", function()
      json.object "x"
    end)
  end)
end)
