local file = require "host.file"
local json = require "host.json"
local vtl = require "host.vtl"

local function compile(text)
  return assert(vtl.compile(text))
end

local function render(text, values)
  return (assert(compile(text):render(values or {})))
end

local function read_lines(path)
  local rows = {}
  for line in assert(file.read(path)):gmatch "[^\n]+" do
    table.insert(rows, assert(json.decode(line)))
  end
  return rows
end

--- What a row is rendered with. Lists of pairs keep the order that the file's tables have lost.
local VALUES = {
  body = '{"name":"Ann","n":3,"f":2.50,"t":true,"z":null,"e":"","list":[1,2,3],'
    .. '"objs":[{"id":1,"tag":"a"},{"id":2,"tag":"b"}],'
    .. '"m":{"k":"v","size":9,"a-b":"dash","in":{"deep":[10,20]}},"q":"say \\"hi\\" it\'s /x\\n"}',
  params = {
    path = { { "id", "42" }, { "dup", "P" } },
    querystring = { { "q", "a b" }, { "dup", "Q" }, { "empty", "" } },
    header = { { "X-H", "hv" }, { "dup", "H" } },
  },
  context = {
    stage = "api",
    identity = { sourceIp = "203.0.113.9" },
    requestId = "r1",
    authorizer = { principalId = "u" },
  },
  stage_variables = { env = "prod" },
}

local function render_row(row)
  local values = { body = row.body or VALUES.body }
  for _, key in ipairs { "params", "context", "stage_variables" } do
    values[key] = VALUES[key]
  end
  local template, err = vtl.compile(row.template)
  local text
  if template then
    text, err = template:render(values)
  end
  return text, err
end

--- Slashes may be escaped in JSON or not: both say the same.
local function without_escaped_slashes(text)
  return (text:gsub("\\/", "/"))
end

--- Checks one row; returns a sentence when it fails.
local function check_row(row)
  local text, err = render_row(row)
  local want = row.awsExpect or row.expect
  if want == nil or row.reflection then
    return text and ("%s: an error expected, got %q"):format(row.id, text)
  end
  if text == nil then
    return ("%s: %q expected, got the error %s"):format(row.id, want, err)
  end
  if without_escaped_slashes(text) ~= without_escaped_slashes(want) then
    return ("%s: %q expected, got %q"):format(row.id, want, text)
  end
end

local function check_rows(rows)
  local problems = {}
  for _, row in ipairs(rows) do
    row.reflection = row.template:find "getClass" ~= nil or row.template:find "%.class" ~= nil
    problems[#problems + 1] = check_row(row)
  end
  assert.equal("", table.concat(problems, "\n"))
  assert.is_true(#rows > 0)
end

describe("host.vtl", function()
  it("gives what API Gateway gives, by our own cases", function()
    check_rows(read_lines "tests/vectors/vtl/cases.jsonl")
  end)

  it("gives what API Gateway gives, by the recorded cases where they are at hand", function()
    local folder = os.getenv "LACONIC_VECTORS" or "../shared/vectors"
    local path = folder .. "/vtl/vectors.jsonl"
    if file.read(path) then
      check_rows(read_lines(path))
    else
      print("  (no vectors in " .. folder .. ": our own cases alone)")
    end
  end)

  it("renders a template many times, each time anew", function()
    local template = compile '#set($n = "$!{n}x")$n $input.path("$.a") $input.body'
    for _, body in ipairs { '{"a":1}', '{"a":[2]}' } do
      assert.equal("x " .. json.encode(json.decode(body).a) .. " " .. body,
        (template:render { body = body }))
    end
    assert.equal("x  {}", (template:render {}))
    assert.equal("x  not JSON", (template:render { body = "not JSON" }))
  end)

  it("takes values as tables, in the order of their names' bytes, or as lists in theirs", function()
    assert.equal("{a=1, b=true, c=2.5, d=[x, {y=null}]}", (render("$stageVariables", {
      stage_variables = { d = { "x", { y = json.null } }, b = true, a = 1, c = 2.5 },
    })))
    assert.equal("{z=1, a=2}", (render("$input.params().header", {
      params = { header = { { "z", 1 }, { "a", 2 } } },
    })))
    assert.equal("{path={}, querystring={}, header={}}", (render "$input.params()"))
  end)

  it("gives $input.params the first of path, querystring and header that has the name", function()
    local template = compile "$input.params('a')$input.params('b')$input.params('c')"
    local params = {
      path = { a = "1" },
      querystring = { a = "x", b = "2" },
      header = { a = "x", b = "x", c = "3" },
    }
    assert.equal("123", (template:render { params = params }))
    params.querystring = { { "b", "4" }, { "c", "5" } }
    assert.equal("145", (template:render { params = params }))
    params.path = nil
    assert.equal("x45", (template:render { params = params }))
  end)

  it("reads no more of a table than the names that the template asks for", function()
    local context = {
      identity = {
        sourceIp = "203.0.113.9",
        user = { name = "Ann", age = os.time },
        odd = os.time,
      },
      list = { { n = 1 }, { n = 2 } },
      text = "abc",
    }
    local template = compile "$context.identity.sourceIp $context.identity.user.name"
    assert.equal("203.0.113.9 Ann", (template:render { context = context }))
    assert.equal("2 n=1 .", (render("$context.list.size() n=$context.list[0].n $context.text.n.",
      { context = context })))
    assert.equal("", (render("$context.text.n.o$context.list.n", { context = context })))
    assert.error_matches("field 'context': function is no value", function()
      render("$context.identity.sourceIp $context.identity.user", { context = context })
    end)

    local asked, many, wanted = {}, {}, {}
    for i = 1, 50 do
      many["k" .. i] = i
      table.insert(asked, ("$context.k%d $context.m.k%d"):format(i, i))
      table.insert(wanted, ("%d %d"):format(i, i))
    end
    many.m = many
    assert.equal(table.concat(wanted, " "), (render(table.concat(asked, " "), { context = many })))
  end)

  it("holds no more after a rendering than before, whatever became of it", function()
    local template = compile(
      "$context.a$input.json('$')#if($context.fails == true)$util.urlDecode('%')#end")
    local function say(a, fails)
      return template:render { body = '{"b":"' .. a .. '"}', context = { a = a, fails = fails } }
    end
    for _, a in ipairs { "x", ("y"):rep(100000), "z" } do
      assert.equal(a .. '{"b":"' .. a .. '"}', (say(a)))
      assert.is_nil((say(a, true)))
      assert.is_false(pcall(say, a, os.time))
    end
  end)

  it("may be asked for another rendering by a finalizer in the midst of one", function()
    local template = compile "$context.a$input.body"
    local rendered
    local finalizer = { __gc = function()
      rendered = template:render { body = "inner", context = { a = "an " } }
    end }
    repeat
      setmetatable({}, finalizer)
      assert.equal("the outer", (template:render { body = "outer", context = { a = "the " } }))
    until rendered
    assert.equal("an inner", rendered)
  end)

  it("tells what a template sets in $context", function()
    local template = compile [[
#set($context.requestOverride.header.accept = "x/y")
#set($context.requestOverride.path.id = 7)
#set($context.responseOverride.status = 418)
#set($context.mine = [1, {"a": $input.path("$.n")}])
#set($context.stage = "other")$context.stage $context.requestId]]
    local text, changed = template:render {
      body = '{"n":[null,12345678901234567890]}',
      context = { stage = "api", requestId = "r" },
    }
    assert.equal("other r", text)
    assert.same({
      requestOverride = { header = { accept = "x/y" }, path = { id = 7 } },
      responseOverride = { status = 418 },
      mine = { 1, { a = { json.null, "12345678901234567890" } } },
      stage = "other",
    }, changed)
    assert.is_nil(select(2, compile("$context.a"):render { context = { a = 1 } }))
  end)

  it("returns nil and an error with line and column", function()
    local template, err = vtl.compile "a\n  #if($x)\n"
    assert.is_nil(template)
    assert.equal("input", err.kind)
    assert.equal("line 3, column 1: #end is missing for what begins at line 2, column 3",
      tostring(err))

    local text
    text, err = compile('a\n#set($l = [1])b$l.get(3)'):render {}
    assert.is_nil(text)
    assert.equal("input", err.kind)
    assert.equal("line 2, column 18: index 3 of a list of 1", tostring(err))
  end)

  it("returns nil and an error for what would not come to an end", function()
    local function limit(text, values)
      local made, err = compile(text):render(values or {})
      assert.is_nil(made)
      assert.equal("limit", err.kind)
      return tostring(err)
    end
    local loops = "#set($l = [1..9])" .. ("#foreach($i in $l)"):rep(20) .. ("#end"):rep(20)
    assert.matches("more steps", limit(loops))
    local rounds = "#foreach($i in [1..99])%s#end"
    assert.matches("more text", limit(rounds:format("0123456789"), { output_most = 500 }))
    local doubling = '#set($s = "0123456789")' .. rounds:format '#set($s = "$s$s")'
    assert.matches("more .* than allowed", limit(doubling))
    assert.matches("deeper", limit "#set($l = [])#foreach($i in [1..999])#set($l = [$l])#end$l")
    assert.matches("more steps", limit("#foreach($i in [1..99])x#end", { steps_most = 50 }))
    assert.matches("steps", limit '#set($s = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaac")$s.matches("(a+)+")')
    local _, err = vtl.compile(("x"):rep(300 * 1024 + 1))
    assert.equal("limit", err.kind)
    _, err = vtl.compile(("#if(true)"):rep(1000))
    assert.equal("limit", err.kind)
    _, err = vtl.compile("#set($a = " .. ("("):rep(1000))
    assert.equal("limit", err.kind)
  end)

  it("refuses reflection", function()
    for _, text in ipairs { '#set($s = "")$s.getClass()', '#set($s = "")$s.class.forName("x")' } do
      local made, err = compile(text):render {}
      assert.is_nil(made)
      assert.matches("reflection", tostring(err))
    end
  end)

  it("raises for what cannot be meant", function()
    local template = compile "$input.params() $context $stageVariables"
    assert.error_matches("'compile' %(string expected, got nil%)", function()
      vtl.compile(nil)
    end)
    assert.error_matches("unknown field 'boddy'", function()
      template:render { boddy = "" }
    end)
    assert.error_matches("field 'body': string expected, got table", function()
      template:render { body = {} }
    end)
    assert.error_matches("unknown field 'headers'", function()
      template:render { params = { headers = {} } }
    end)
    assert.error_matches("field 'header': a name is not a string", function()
      template:render { params = { header = { [true] = "x" } } }
    end)
    assert.error_matches("field 'path': { name, value } expected", function()
      template:render { params = { path = { "id" } } }
    end)
    assert.error_matches("field 'context': function is no value for a template", function()
      template:render { context = { now = os.time } }
    end)
    assert.error_matches("field 'stage_variables': table expected, got string", function()
      template:render { stage_variables = "x" }
    end)
    assert.error_matches("table expected", function()
      template:render()
    end)
    assert.error_matches("field 'params': table expected, got string", function()
      template:render { params = "x" }
    end)
    assert.error_matches("unknown field '1'", function()
      template:render { "x" }
    end)
    assert.error_matches("field 'steps_most': 0 is not between 1 and 5000000", function()
      template:render { steps_most = 0 }
    end)
    assert.error_matches("field 'output_most': integer expected, got string", function()
      template:render { output_most = "1" }
    end)
    assert.error_matches("laconic.vtl.template expected, got table", function()
      template.render({}, {})
    end)
  end)
end)
