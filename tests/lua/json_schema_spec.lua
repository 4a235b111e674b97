local json = require "host.json"
local json_schema = require "engine.json_schema"

local function pointers(schema, text, options)
  local list = {}
  for _, problem in ipairs(json_schema.problems(json.decode(schema), json.decode(text), options)) do
    table.insert(list, problem.pointer)
  end
  return list
end

-- keyword, schema, what fits, what does not.
local CASES <const> = {
  { "type", '{"type":"string"}', { '"a"' }, { "1", "null", "[]", "{}", "true" } },
  { "type: integer", '{"type":"integer"}', { "1", "-9007199254740993" }, { "1.5", '"1"' } },
  { "type: number", '{"type":"number"}', { "1", "1.5" }, { '"1"' } },
  { "type: several", '{"type":["null","array"]}', { "null", "[]" }, { "{}" } },
  { "enum", '{"enum":[1,"a",{"b":[]}]}', { "1", '"a"', '{"b":[]}' }, { "2", '{"b":{}}' } },
  { "maximum", '{"maximum":3}', { "3", '"9"' }, { "4" } },
  { "exclusiveMaximum", '{"maximum":3,"exclusiveMaximum":true}', { "2.9" }, { "3" } },
  { "minimum", '{"minimum":3}', { "3" }, { "2" } },
  { "exclusiveMinimum", '{"minimum":3,"exclusiveMinimum":true}', { "4" }, { "3" } },
  { "multipleOf", '{"multipleOf":0.1}', { "0.3", "1" }, { "0.25" } },
  { "length", '{"minLength":2,"maxLength":3}', { '"éé"', '"abc"' }, { '"é"', '"abcd"' } },
  { "pattern", '{"pattern":"^a+$|b"}', { '"aa"', '"xbx"', "1" }, { '"xa"' } },
  { "items", '{"items":{"type":"integer"}}', { "[]", "[1,2]" }, { '[1,"a"]' } },
  { "items by place", '{"items":[{"type":"integer"}],"additionalItems":false}', { "[1]" },
    { "[1,2]", '["a"]' } },
  { "number of items", '{"minItems":1,"maxItems":2}', { "[1]" }, { "[]", "[1,2,3]" } },
  { "uniqueItems", '{"uniqueItems":true}', { "[1,2,[1]]" }, { "[[1],2,[1]]" } },
  { "required", '{"required":["a"]}', { '{"a":null}', "[]" }, { "{}" } },
  { "number of properties", '{"minProperties":1,"maxProperties":1}', { '{"a":1}' },
    { "{}", '{"a":1,"b":2}' } },
  { "properties", '{"properties":{"a":{"type":"null"}},"additionalProperties":false}',
    { "{}", '{"a":null}' }, { '{"a":1}', '{"b":1}' } },
  { "patternProperties", '{"patternProperties":{"^x-":{"type":"string"}},'
    .. '"additionalProperties":{"type":"integer"}}', { '{"x-a":"b","c":1}' },
    { '{"x-a":1}', '{"c":"d"}' } },
  { "dependencies", '{"dependencies":{"a":["b"],"c":{"required":["d"]}}}',
    { '{"a":1,"b":2}', '{"c":1,"d":2}', "{}" }, { '{"a":1}', '{"c":1}' } },
  { "allOf", '{"allOf":[{"minimum":1},{"maximum":2}]}', { "1" }, { "3" } },
  { "anyOf", '{"anyOf":[{"type":"null"},{"minimum":5}]}', { "null", "6" }, { "1" } },
  { "oneOf", '{"oneOf":[{"minimum":5},{"multipleOf":2}]}', { "5", "2" }, { "6", "1" } },
  { "not", '{"not":{"type":"string"}}', { "1" }, { '"a"' } },
  { "$ref", '{"$ref":"#/definitions/a~1b","definitions":{"a/b":{"type":"null"}}}', { "null" },
    { "1" } },
  { "$ref to itself", '{"properties":{"next":{"$ref":"#"}},"required":["v"]}',
    { '{"v":1,"next":{"v":2}}' }, { '{"v":1,"next":{}}' } },
  { "no schema", "{}", { "1", "null", "[]" }, {} },
}

describe("a JSON schema of draft 4", function()
  for _, case in ipairs(CASES) do
    it("heeds " .. case[1], function()
      for _, text in ipairs(case[3]) do
        assert.same({}, pointers(case[2], text), text)
      end
      for _, text in ipairs(case[4]) do
        assert.truthy(#pointers(case[2], text) > 0, text)
      end
    end)
  end

  it("tells every problem with its place", function()
    assert.same({ "", "/a~1b/0", "/a~1b/2/~0" }, pointers([[{
      "required": ["none"],
      "properties": { "a/b": { "items": { "type": ["integer", "object"],
        "properties": { "~": { "type": "integer" } } } } }
    }]], '{"a/b": ["x", 1, {"~": "y"}]}'))
  end)

  it("asks for the schemas of other documents", function()
    local asked = {}
    local options = {
      resolve = function(reference)
        table.insert(asked, reference)
        return reference == "https://x/models/Pet" and { type = "string" } or nil
      end,
    }
    assert.same({}, pointers('{"$ref":"https://x/models/Pet"}', '"Tom"', options))
    assert.same({ "" }, pointers('{"$ref":"https://x/models/Pet"}', "1", options))
    assert.same({ "" }, pointers('{"$ref":"https://x/models/None"}', "1", options))
    assert.equal(3, #asked)
  end)

  it("ends with schemas that would not", function()
    assert.same({ "" }, pointers('{"$ref":"#"}', "1"))
    local schema = '{"definitions":{"a":{"anyOf":[{"$ref":"#/definitions/a"},'
      .. '{"$ref":"#/definitions/a"}]}},"$ref":"#/definitions/a"}'
    assert.truthy(#pointers(schema, "1", { checks_most = 2000 }) > 0)
    local deep = ("["):rep(300) .. ("]"):rep(300)
    assert.truthy(#pointers('{"items":{"$ref":"#"}}', deep) > 0)
    assert.truthy(#pointers('{"pattern":"("}', '"a"') > 0)
  end)

  it("leaves what is no keyword's shape aside", function()
    for _, schema in ipairs {
      '{"required":true}', '{"items":7}', '{"minimum":"1"}', '{"enum":"a"}', '{"pattern":[]}',
      '{"properties":[1]}', '{"allOf":{}}', '{"type":7}',
    } do
      pointers(schema, '{"a":[1,"b"]}')
      pointers(schema, "1")
    end
  end)
end)
