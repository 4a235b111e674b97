-- Expressions by themselves, beside no table: what they mean, and the words of their refusals.
local condition = require "engine.local.services.dynamodb.expression.condition"
local fixture = dofile "tests/lua/local/dynamodb_tables.lua"
local placeholders = require "engine.local.services.dynamodb.expression.placeholders"
local projection = require "engine.local.services.dynamodb.expression.projection"
local reader = require "engine.local.services.dynamodb.expression.reader"
local update = require "engine.local.services.dynamodb.expression.update"

local ITEM = {
  b = true, bytes = { B = "YWJj" }, li = { "x", 1, { k = "v" } }, m = { k = "v", n = 1 }, n = 12,
  nul = { NULL = true }, numbers = { NS = { "1", "2.5" } }, s = "hé", tags = { SS = { "a", "b" } },
}

local function new_reader(label, text, values, names)
  local bound = placeholders.new({
    [label] = text,
    ExpressionAttributeNames = names,
    ExpressionAttributeValues = values and fixture.item(values),
  }, { label })
  return reader.new(label, text, bound), bound
end

local function holds(text, values, names)
  local from, bound = new_reader("FilterExpression", text, values, names)
  local tree = condition.read(from)
  bound:finish()
  return condition.holds(tree, fixture.item(ITEM))
end

local function refusal(fn, ...)
  local ok, problem = pcall(fn, ...)
  assert.is_false(ok, (...))
  return (tostring(problem.message):gsub("^Invalid %a+: ", ""))
end

local function updated(text, values, item)
  local from, bound = new_reader("UpdateExpression", text, values)
  local tree = update.read(from)
  bound:finish()
  return update.apply(tree, fixture.item(item or ITEM)), tree
end

describe("a condition", function()
  it("compares values of one type, and finds all others different", function()
    for text, wanted in pairs {
      ["n = :n"] = true, ["n <> :n"] = false, ["n < :t"] = true, ["n >= :t"] = false,
        ["n > :t"] = false,
      ["n <= :t"] = true, ["s = :n"] = false, ["s <> :n"] = true, ["s < :n"] = false,
      ["gone = :n"] = false, ["gone <> :n"] = true, ["gone < :n"] = false, ["NOT gone = :n"] = true,
      ["n BETWEEN :n AND :t"] = true, ["gone BETWEEN :n AND :t"] = false,
      [":t BETWEEN n AND :t"] = true, ["n in (:t, :n)"] = true, ["n IN (:t, :t)"] = false,
      ["n = :n AND n < :t OR gone = :n"] = true, ["gone = :n OR n = :n AND gone = :n"] = false,
      ["(gone = :n OR n = :n) AND n = :n"] = true, ["NOT (gone = :n) and not NOT n = :n"] = true,
      ["(n) = (:n)"] = true,
    } do
      local values = {}
      for name in text:gmatch ":%a" do
        values[name] = ({ [":n"] = { N = "12.0" }, [":t"] = 20 })[name]
      end
      assert.equal(wanted, holds(text, values), text)
    end
  end)

  it("knows functions, paths and names", function()
    assert.is_true(holds "attribute_exists(m.k) AND attribute_not_exists(m.gone)")
    assert.is_false(holds "attribute_exists(s.k) OR attribute_exists(li[3])")
    assert.is_true(holds("li[2].k = :v", { [":v"] = "v" }))
    assert.is_true(holds("#m.#k = :v", { [":v"] = "v" }, { ["#m"] = "m", ["#k"] = "k" }))
    assert.is_false(holds("#m = :v", { [":v"] = "v" }, { ["#m"] = "m.k" }))
    assert.is_true(holds("attribute_type(nul, :t)", { [":t"] = "NULL" }))
    assert.is_true(holds("begins_with(s, :v)", { [":v"] = "h" }))
    assert.is_true(holds("begins_with(bytes, :v)", { [":v"] = { B = "YWI=" } }))
    assert.is_false(holds("begins_with(n, :v)", { [":v"] = "1" }))
  end)

  it("looks into texts, lists and sets", function()
    for name, value in pairs {
      tags = "b", s = "é", li = { N = "1.0" }, numbers = { N = "2.50" }, bytes = { B = "Yg==" },
    } do
      assert.is_true(holds(("contains(%s, :v)"):format(name), { [":v"] = value }), name)
    end
    for name, value in pairs { tags = "c", s = 1, li = "y", numbers = "1", m = "k", n = 1 } do
      assert.is_false(holds(("contains(%s, :v)"):format(name), { [":v"] = value }), name)
    end
  end)

  it("counts characters, bytes and members", function()
    for name, size in pairs { s = 2, bytes = 3, tags = 2, numbers = 2, li = 3, m = 2 } do
      assert.is_true(holds(("size(%s) = :n"):format(name), { [":n"] = size }), name)
    end
    for _, name in ipairs { "n", "b", "nul", "gone" } do
      assert.is_false(holds(("size(%s) >= :n"):format(name), { [":n"] = 0 }), name)
    end
    assert.is_true(holds "size(m) < size(li)")
  end)

  it("is refused in DynamoDB's words", function()
    local one = { [":v"] = 1 }
    for _, case in ipairs {
      { "", "The expression can not be empty;" },
      { "s", 'Syntax error; token: "<EOF>", near: "s"' },
      { "s = :v AND", 'Syntax error; token: "<EOF>", near: "AND"' },
      { "s = :v OR OR s = :v", 'Syntax error; token: "OR", near: "OR OR s"' },
      { "s := :v", 'Syntax error; token: ":", near: "s :="' },
      { "s = :v)", 'Syntax error; token: ")", near: ":v)"' },
      { "s = 'x'", [[Syntax error; token: "'", near: "= 'x"]] },
      { "s IN ()", 'Syntax error; token: ")", near: "()"' },
      { "a.b[x] = :v", 'Syntax error; token: "x", near: "[x]"' },
      { "s = :gone", "An expression attribute value used in expression is not defined;"
        .. " attribute value: :gone" },
      { "#x = :v", "An expression attribute name used in the document path is not defined;"
        .. " attribute name: #x" },
      { "name = :v", "Attribute name is a reserved keyword; reserved keyword: name" },
      { "m.Status = :v", "Attribute name is a reserved keyword; reserved keyword: Status" },
      { "size(s)", "The function is not allowed to be used this way in an expression;"
        .. " function: size" },
      { "attribute_exists(s) = :v", "The function is not allowed to be used this way in an"
        .. " expression; function: attribute_exists" },
      { "attribute_exists(:v)", "Operator or function requires a document path;"
        .. " operator or function: attribute_exists" },
      { "foo(s)", "Invalid function name; function: foo" },
      { "list_append(s, s)", "The function is not allowed in a condition expression;"
        .. " function: list_append" },
      { "contains(s)", "Incorrect number of operands for operator or function; operator or"
        .. " function: contains, number of operands: 1" },
      { "begins_with(s, :v)", "Incorrect operand type for operator or function; operator or"
        .. " function: begins_with, operand type: N" },
      { "s = s", "The first operand must be distinct from the remaining operands for this operator"
        .. " or function; operator: =, first operand: [s]" },
      { "((s = :v))", "The expression has redundant parentheses;" },
      { ("x"):rep(4097), "Expression size has exceeded the maximum allowed size; expression size:"
        .. " 4097" },
    } do
      local values = case[1]:find(":v", 1, true) and one or nil
      assert.equal(case[2], refusal(holds, case[1], values))
    end
    local function refused_with(text, values)
      return refusal(holds, text, values)
    end
    assert.matches("operator or function: <, operand type: BOOL",
      refused_with("n < :v", { [":v"] = true }))
    assert.matches("lower bound operand: AttributeValue: {N:21}, upper bound operand:"
      .. " AttributeValue: {N:20}", refused_with("n BETWEEN :a AND :b", { [":a"] = 21,
        [":b"] = 20 }))
    assert.matches("requires same data type", refused_with("n BETWEEN :a AND :b",
      { [":a"] = "1", [":b"] = 20 }))
    assert.matches("type: Q, valid types", refused_with("attribute_type(n, :v)", { [":v"] = "Q" }))
    assert.matches("too many operators", refused_with(("NOT "):rep(301) .. "s = :v", one))
  end)

  it("uses every name and every value that it is given", function()
    assert.equal("Value provided in ExpressionAttributeValues unused in expressions: keys: {:w,"
      .. " :x}",
      refusal(holds, "n = :v", { [":v"] = 1, [":x"] = 1, [":w"] = 1 }))
    assert.equal("Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}",
      refusal(holds, "n = :v", { [":v"] = 1 }, { ["#b"] = "x" }))
    assert.equal("ExpressionAttributeValues must not be empty", refusal(holds, "s = n", {}))
    assert.equal('ExpressionAttributeNames contains invalid key: Syntax error; key: "b"',
      refusal(holds, "n = :v", { [":v"] = 1 }, { b = "x" }))
    local problem = refusal(placeholders.new, {
      UpdateExpression = "SET n = :v",
      ExpressionAttributeValues = { [":v"] = { S = "a", N = "1" } },
    }, { "UpdateExpression" })
    assert.matches("contains invalid value: .* more than one datatypes set, .* for key :v", problem)
    assert.equal("ExpressionAttributeValues can only be specified when using expressions:"
      .. " UpdateExpression and ConditionExpression are null",
      refusal(placeholders.new, { ExpressionAttributeValues = { [":v"] = { N = "1" } } },
        { "UpdateExpression", "ConditionExpression" }))
  end)
end)

describe("an update", function()
  it("sets, adds, removes and deletes, all seen from the item before", function()
    local item = updated("SET n = s, s = n, m.k = n + :one, m.z = if_not_exists(m.z, :one) - n"
      .. " REMOVE b, li[0] ADD tags :set, count_of :one DELETE numbers :gone",
      { [":one"] = 1, [":set"] = { SS = { "c", "a" } }, [":gone"] = { NS = { "1", "2.5", "7" } } })

    assert.same({ S = "hé" }, item.n)
    assert.same({ N = "12" }, item.s)
    assert.same({ k = { N = "13" }, n = { N = "1" }, z = { N = "-11" } }, item.m.M)
    assert.is_nil(item.b)
    assert.same({ { N = "1" }, { M = { k = { S = "v" } } } }, item.li.L)
    assert.same({ SS = { "a", "b", "c" } }, item.tags)
    assert.same({ N = "1" }, item.count_of)
    assert.is_nil(item.numbers)
  end)

  it("appends to lists, and puts past their end in order", function()
    local item = updated("SET li = list_append(li, :l), own = list_append(:l, :l)",
      { [":l"] = { L = { { S = "y" } } } })
    assert.equal(4, #item.li.L)
    assert.same({ { S = "y" }, { S = "y" } }, item.own.L)
    local far = updated("SET li[9] = :b, li[7] = :a REMOVE li[0], li[1], li[2]",
      { [":a"] = "a", [":b"] = "b" })
    assert.same({ { S = "a" }, { S = "b" } }, far.li.L)
    assert.equal(0, #updated("REMOVE li[0], li[2], li[1]").li.L)
  end)

  it("leaves the item that was there as it was", function()
    local before = fixture.item(ITEM)
    local from = new_reader("UpdateExpression", "SET m.k = :v REMOVE li[0] ADD numbers :s",
      { [":v"] = 1, [":s"] = { NS = { "9" } } })
    update.apply(update.read(from), before)
    assert.same(fixture.item(ITEM), before)
  end)

  it("is refused in DynamoDB's words", function()
    local one = { [":v"] = 1 }
    for _, case in ipairs {
      { "SET n = = :v", 'Syntax error; token: "=", near: "= = :v"' },
      { "SET", 'Syntax error; token: "<EOF>", near: "SET"' },
      { "SET n = :v + :v + :v", 'Syntax error; token: "+", near: ":v + :v"' },
      { "SET n = :v SET s = :v",
        'The "SET" section can only be used once in an update expression;' },
      { "SET n = :v, n = :v", "Two document paths overlap with each other; must remove or rewrite"
        .. " one of these paths; path one: [n], path two: [n]" },
      { "SET m.k = :v, m = :v", "Two document paths overlap with each other; must remove or"
        .. " rewrite one of these paths; path one: [m, k], path two: [m]" },
      { "SET m.k = :v, m[1] = :v", "Two document paths conflict with each other; must remove or"
        .. " rewrite one of these paths; path one: [m, k], path two: [m, [1]]" },
      { "SET n = size(s)", "The function is not allowed in an update expression; function: size" },
      { "SET n = foo(s)", "Invalid function name; function: foo" },
      { "SET n = if_not_exists(:v, :v)", "Operator or function requires a document path;"
        .. " operator or function: if_not_exists" },
      { "SET n = list_append(li, :v)", "Incorrect operand type for operator or function; operator"
        .. " or function: list_append, operand type: N" },
      { "DELETE tags :v", "Incorrect operand type for operator or function; operator: DELETE,"
        .. " operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND" },
      { "SET n = gone + :v", "The provided expression refers to an attribute that does not exist in"
        .. " the item" },
      { "SET n = s + :v", "An operand in the update expression has an incorrect data type" },
      { "ADD s :v", "An operand in the update expression has an incorrect data type" },
      { "SET gone.k = :v", "The document path provided in the update expression is invalid for"
        .. " update" },
      { "SET m[0] = :v", "The document path provided in the update expression is invalid for"
        .. " update" },
      { "SET n = if_not_exists(n, gone)", "The provided expression refers to an attribute that does"
        .. " not exist in the item" },
      { "REMOVE gone.k", "The document path provided in the update expression is invalid for"
        .. " update" },
    } do
      local values = case[1]:find(":v", 1, true) and one or nil
      assert.equal(case[2], refusal(updated, case[1], values))
    end
  end)

  it("takes out of a set what is in it, and finds no set where there is no way", function()
    local some = { [":s"] = { SS = { "b", "z" } } }
    assert.same({ SS = { "a" } }, updated("DELETE tags :s", some).tags)
    assert.is_nil(updated("DELETE gone :s", some).gone)
    assert.matches("path provided in the update expression is invalid",
      refusal(updated, "DELETE n.k :s", some))
  end)

  it("cannot nest deeper than 32", function()
    local deep = { N = "1" }
    for _ = 1, 31 do
      deep = { L = { deep } }
    end
    assert.truthy(updated("SET s = :d", { [":d"] = deep }))
    assert.matches("Nesting Levels", refusal(updated, "SET m.k = :d", { [":d"] = deep }))
  end)
end)

describe("a projection", function()
  local function projected(text)
    return projection.apply(fixture.item(ITEM),
      projection.read((new_reader("ProjectionExpression", text))))
  end

  it("gives parts of maps, and places of lists without their gaps", function()
    assert.same(fixture.item { n = 12, m = { k = "v" }, li = { "x", { k = "v" } } },
      projected "li[2], n, m.k, li[0], gone, li[9].x, s.k")
    assert.same({}, projected "gone.k")
  end)

  it("is refused in DynamoDB's words", function()
    assert.matches("overlap .* path one: %[m%], path two: %[m, k%]", refusal(projected, "m, m.k"))
    assert.equal('Syntax error; token: "<EOF>", near: ","', refusal(projected, "m,"))
    assert.equal('Syntax error; token: "k", near: "m k"', refusal(projected, "m k"))
    assert.equal('Syntax error; token: "(", near: "size(m"', refusal(projected, "size(m)"))
  end)
end)
