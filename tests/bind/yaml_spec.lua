local json = require "host.json"
local yaml = require "host.yaml"

local DOCUMENT <const> = [[
openapi: 3.0.3
info: &info
  title: players
  version: '1.0'
  x-empty: [ {}, [], ~ ]
paths:
  /player/{id}:
    get:
      operationId: no
      parameters:
        - { name: id, in: path, required: true, example: 0x1F }
        - name: since
          in: query
          example: 2001-12-14
      responses:
        200: &ok
          description: |
            The score,
            as "JSON"
        404:
          <<: *ok
          description: none
x-info: *info
]]

local SAME <const> = [[
{ "openapi": "3.0.3",
  "info": { "title": "players", "version": "1.0", "x-empty": [{}, [], null] },
  "paths": { "/player/{id}": { "get": {
    "operationId": "no",
    "parameters": [
      { "name": "id", "in": "path", "required": true, "example": 31 },
      { "name": "since", "in": "query", "example": "2001-12-14" } ],
    "responses": {
      "200": { "description": "The score,\nas \"JSON\"\n" },
      "404": { "description": "none" } } } } },
  "x-info": { "title": "players", "version": "1.0", "x-empty": [{}, [], null] } }
]]

describe("host.yaml", function()
  it("gives the values that host.json gives", function()
    local value = assert(yaml.decode(DOCUMENT))
    assert.same(json.decode(SAME), value)
    assert.equal(assert(json.encode(json.decode(SAME))), assert(json.encode(value)))
    assert.is_true(json.is_array(value.info["x-empty"]))
    assert.is_true(json.is_array(value.info["x-empty"][2]))
    assert.is_false(json.is_array(value.info["x-empty"][1]))
    assert.equal(json.null, value.info["x-empty"][3])
  end)

  it("tells integers from floats, and keeps bytes", function()
    local value = assert(yaml.decode '[9007199254740993, 1.0, "\\0é", false, ~]')
    assert.equal("integer", math.type(value[1]))
    assert.equal("float", math.type(value[2]))
    assert.equal("\0é", value[3])
    assert.is_false(value[4])
    assert.equal(json.null, assert(yaml.decode "~"))
    assert.equal(false, (yaml.decode "false"))
  end)

  it("copies what an alias stands for: a change of one is none of the other", function()
    local value = assert(yaml.decode "a: &a { l: [1] }\nb: *a\nc: { <<: *a }\n")
    value.a.l[1] = 2
    value.b.l[1] = 3
    assert.same({ 1 }, value.c.l)
    assert.same({ 2 }, value.a.l)
  end)

  it("reads what JSON is", function()
    for _, text in ipairs {
      '{"a": [1, -2.5e3, "x\\n\\"\\u00e9", true, null], "b": {}, "c": []}',
      "[]", "{}", '"text"', "7", SAME,
    } do
      local expected = json.decode(text)
      assert.same(expected, (yaml.decode(text)))
    end
  end)

  it("returns nil and an error with line and column of what is refused", function()
    for text, expected in pairs {
      ["a: 1\nb: [\n"] = "3:1: did not find expected node content",
      ["a: 1\nb: 2\na: 3\n"] = "3:1: the name 'a' is here twice",
      ["a:\n  b: !Sub '${x}'\n"] = "2:6: the tag !Sub stands for no value of JSON here",
      ["a: 1\n--- \nb: 1"] = "2:1: a second document begins",
      ["a: \xFF"] = "1:4: the text is not UTF-8",
    } do
      local value, err = yaml.decode(text)
      assert.is_nil(value)
      assert.equal("input", err.kind)
      local message = err.message:gsub("^line (%d+), column (%d+)", "%1:%2")
      assert.equal(("%d:%d"):format(err.line, err.column), message:match "^%d+:%d+")
      assert.equal(expected, message:sub(1, #expected))
    end
  end)

  it("keeps to limits, aliases counted for what they stand for", function()
    local lines = { "- &a0 [ha, ha, ha, ha, ha, ha, ha, ha]" }
    for i = 1, 20 do
      lines[i + 1] = ("- &a%d [%s]"):format(i, ("*a" .. i - 1 .. ", "):rep(8))
    end
    local laughs = table.concat(lines, "\n")
    local deep = ("["):rep(513) .. ("]"):rep(513)
    for _, row in ipairs {
      { laughs, nil, "more than 1000000 values" },
      { laughs, { max_nodes = 100 }, "more than 100 values" },
      { deep, nil, "more than 512 levels deep" },
      { "[[1]]", { max_depth = 1 }, "more than 1 levels deep" },
      { "[1, 2]", { max_bytes = 5 }, "longer than the allowed 5" },
      { "[&a long, *a]", { max_bytes = 13, max_nodes = 2 }, "more than 2 values" },
      { "[1e400]", nil, "too large for a double" },
    } do
      local value, err = yaml.decode(row[1], row[2])
      assert.is_nil(value)
      assert.equal("limit", err.kind)
      assert.matches(row[3], err.message)
    end
    assert.truthy(yaml.decode(deep, { max_depth = 513 }))
    local deepest = ("["):rep(4096) .. ("]"):rep(4096)
    assert.truthy(yaml.decode(deepest, { max_depth = 4096 }))
  end)

  it("reads many values", function()
    local lines = {}
    for i = 1, 1500 do
      lines[i] = ("name %d: { a: [%d, x], b: *x }"):format(i, i)
    end
    local value = assert(yaml.decode("anchor: &x {}\n" .. table.concat(lines, "\n")))
    assert.equal(1500, value["name 1500"].a[1])
  end)

  it("raises for what cannot be meant", function()
    assert.error_matches("#1 to 'decode' %(string expected, got nil%)", function()
      yaml.decode(nil)
    end)
    assert.error_matches("#2 to 'decode' %(unknown field 'depth'%)", function()
      yaml.decode("a: 1", { depth = 1 })
    end)
    assert.error_matches("#2 to 'decode' %(field 'max_depth': 4097 is not between 1 and 4096%)",
      function()
        yaml.decode("a: 1", { max_depth = 4097 })
      end)
  end)

  it("frees what it holds, however hard the collector runs", function()
    collectgarbage "generational"
    for _ = 1, 50 do
      assert(yaml.decode(DOCUMENT))
      assert.is_nil((yaml.decode "a: [1, {b: 2"))
    end
    collectgarbage "incremental"
  end)
end)
