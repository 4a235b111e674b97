-- Selection expressions: which key a message of a WebSocket API selects.
local selection = require "engine.local.services.apigatewayv2.selection"

local STAGE <const> = { variables = { colour = "blue" } }

local function selected(expression, text)
  return selection.compile(expression)(selection.message(text, STAGE))
end

describe("a selection expression", function()
  it("gives what a message holds there", function()
    local text = '{"action":"join","a":{"b":[{"c":"x"},"y"]},"n":1,"f":1.5,"yes":true,"no":null,'
      .. '"a-b":"d"}'
    local cases = {
      { "$request.body.action", "join" }, { "${request.body.action}", "join" },
      { "$request.body.a.b[0].c", "x" }, { "${request.body.a.b[1]}", "y" },
      { "$request.body.n", "1" }, { "$request.body.f", "1.5" }, { "$request.body.yes", "true" },
      { "$request.body.a-b", "d" }, { "$request.body.no" }, { "$request.body.a" },
      { "$request.body.none" }, { "$request.body.action.deeper" }, { "$request.body.a.b[7].c" },
      { "$request.body.a[" }, { "$request.header.x" }, { "$", "$" }, { "", "" },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[2], selected(case[1], text), case[1])
    end
  end)

  it("joins texts and variables, and takes an escaped sign for itself", function()
    local text = '{"kind":"move","version":2}'
    assert.equal("move-2", selected("${request.body.kind}-${request.body.version}", text))
    assert.equal("blue move", selected("$stageVariables.colour $request.body.kind", text))
    assert.equal("$default", selected("\\$default", text))
    assert.equal("a\\b", selected("a\\b", text))
    assert.equal("fixed", selected("fixed", text))
    assert.is_nil(selected("${request.body.kind}-${request.body.none}", text))
    assert.is_nil(selected("$stageVariables.none", text))
  end)

  it("gives nothing for what is no JSON", function()
    for _, text in ipairs { "", "tea", "[]", "1", '"action"', "null", "{" } do
      assert.is_nil(selected("$request.body.action", text), text)
    end
    assert.equal("b", selected("$request.body[1]", '["a","b"]'))
  end)

  it("decodes a message once", function()
    local message = selection.message('{"a":"b"}', STAGE)
    local value, is_json = selection.body(message)
    assert.same({ a = "b" }, value)
    assert.is_true(is_json)
    assert.equal(value, (selection.body(message)))
    assert.is_false(select(2, selection.body(selection.message("tea", STAGE))))
    assert.is_true(select(2, selection.body(selection.message("null", STAGE))))
  end)
end)
