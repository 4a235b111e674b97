--- Conditions and filters: read into a tree, and asked of an item.
---
---     condition := both { OR both }
---     both      := not { AND not }
---     not       := NOT not | compared
---     compared  := ( condition ) | function | operand (= | <> | < | <= | > | >=) operand
---                | operand BETWEEN operand AND operand | operand IN ( operand { , operand } )
local attribute = require "engine.local.services.dynamodb.attribute"
local get = require("engine.local.services.dynamodb.expression.path").get
local path_text = require("engine.local.services.dynamodb.expression.path").text

local condition = {}

--- A condition as a tree.
---@class engine.local.services.dynamodb.Condition
---@field operator "AND"|"OR"|"NOT"|"="|"<>"|"<"|"<="|">"|">="|"BETWEEN"|"IN"|"call"
---@field operands? engine.local.services.dynamodb.Operand[]
---@field conditions? engine.local.services.dynamodb.Condition[]  AND, OR, NOT
---@field call? engine.local.services.dynamodb.Operand
---@field is_wrapped? boolean  it stood in parentheses

local COMPARISONS <const> = { "=", "<>", "<", "<=", ">", ">=" }
local ORDERED <const> = { S = true, N = true, B = true }
local TEXTS <const> = { S = true, B = true }
local SIZED <const> = { S = true, B = true, SS = true, NS = true, BS = true, L = true, M = true }
local NAMED_TYPE <const> = { S = true }
local TYPE_NAMES <const> = "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"

local MOST_ALTERNATIVES <const> = 100

-- The functions of conditions: how many operands, and whether it is a value that is compared.
local FUNCTIONS <const> = {
  attribute_exists = { count = 1 },
  attribute_not_exists = { count = 1 },
  attribute_type = { count = 2 },
  begins_with = { count = 2 },
  contains = { count = 2 },
  size = { count = 1, is_operand = true },
}
local ELSEWHERE <const> = { if_not_exists = true, list_append = true }

local read_operand

local function same_operand(a, b)
  return a.path ~= nil and b.path ~= nil and path_text(a.path) == path_text(b.path)
end

local function check_distinct(reader, operator, first, others)
  for _, other in ipairs(others) do
    if same_operand(first, other) then
      reader:refuse("The first operand must be distinct from the remaining operands for this"
        .. " operator or function; operator: %s, first operand: %s", operator,
        path_text(first.path))
    end
  end
end

local function check_type_name(reader, operand)
  if not operand.value then
    reader:refuse("Incorrect operand type for operator or function; operator or function:"
      .. " attribute_type, operand type: %s", TYPE_NAMES)
  end
  reader:check_type("attribute_type", operand, NAMED_TYPE)
  if not TYPE_NAMES:find("[{,]" .. operand.value.S:gsub("%W", "%%%0") .. "[,}]") then
    reader:refuse("Invalid attribute type name found; type: %s, valid types: %s", operand.value.S,
      TYPE_NAMES)
  end
end

local CHECKS <const> = {
  attribute_exists = function(reader, call)
    reader:check_path(call)
  end,
  attribute_not_exists = function(reader, call)
    reader:check_path(call)
  end,
  attribute_type = function(reader, call)
    check_type_name(reader, call.arguments[2])
  end,
  begins_with = function(reader, call)
    check_distinct(reader, call.name, call.arguments[1], { call.arguments[2] })
    reader:check_type(call.name, call.arguments[1], TEXTS)
    reader:check_type(call.name, call.arguments[2], TEXTS)
  end,
  contains = function(reader, call)
    check_distinct(reader, call.name, call.arguments[1], { call.arguments[2] })
  end,
  size = function(reader, call)
    reader:check_type(call.name, call.arguments[1], SIZED)
  end,
}

local function read_call(reader)
  local name = reader:peek().text
  local call = reader:call(function()
    return read_operand(reader)
  end)
  local rule = FUNCTIONS[name]
  if ELSEWHERE[name] then
    reader:refuse("The function is not allowed in a condition expression; function: %s", name)
  elseif not rule then
    reader:refuse("Invalid function name; function: %s", name)
  end
  reader:check_count(call, rule.count)
  CHECKS[name](reader, call)
  return call
end

local function misplaced(reader, name)
  reader:refuse("The function is not allowed to be used this way in an expression; function: %s",
    name)
end

function read_operand(reader)
  if reader:accept "(" then
    local operand = read_operand(reader)
    reader:expect ")"
    return operand
  elseif reader:at_function() then
    local call = read_call(reader)
    if not FUNCTIONS[call.name].is_operand then
      misplaced(reader, call.name)
    end
    return call
  elseif reader:peek().kind == "value" then
    return { kind = "value", value = reader:value() }
  end
  return { kind = "path", path = reader:path() }
end

local function shown(value)
  local kind, held = next(value)
  return ("{%s:%s}"):format(kind, tostring(held))
end

local function check_bounds(reader, low, high)
  if not low.value or not high.value then
    return
  end
  local bounds = ("lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue:"
    .. " %s"):format(shown(low.value), shown(high.value))
  if attribute.type_of(low.value) ~= attribute.type_of(high.value) then
    reader:refuse("The BETWEEN operator requires same data type for lower and upper bounds; %s",
      bounds)
  elseif attribute.compare(low.value, high.value) > 0 then
    reader:refuse("The BETWEEN operator requires upper bound to be greater than or equal to lower"
      .. " bound; %s", bounds)
  end
end

local function read_between(reader, first)
  local low = read_operand(reader)
  reader:expect "AND"
  local high = read_operand(reader)
  for _, operand in ipairs { first, low, high } do
    reader:check_type("BETWEEN", operand, ORDERED)
  end
  check_bounds(reader, low, high)
  check_distinct(reader, "BETWEEN", first, { low, high })
  return { operator = "BETWEEN", operands = { first, low, high } }
end

local function read_alternatives(reader, first)
  local operands = { first }
  reader:expect "("
  repeat
    table.insert(operands, read_operand(reader))
  until not reader:accept ","
  reader:expect ")"
  if #operands - 1 > MOST_ALTERNATIVES then
    reader:refuse("The IN operator is provided with too many operands; number of operands: %d",
      #operands - 1)
  end
  check_distinct(reader, "IN", first, table.move(operands, 2, #operands, 1, {}))
  return { operator = "IN", operands = operands }
end

-- The comparison that begins with an operand.
local function read_comparison(reader, first)
  reader:count()
  if reader:accept "BETWEEN" then
    return read_between(reader, first)
  elseif reader:accept "IN" then
    return read_alternatives(reader, first)
  end
  for _, operator in ipairs(COMPARISONS) do
    if reader:accept(operator) then
      local second = read_operand(reader)
      if operator ~= "=" and operator ~= "<>" then
        reader:check_type(operator, first, ORDERED)
        reader:check_type(operator, second, ORDERED)
      end
      check_distinct(reader, operator, first, { second })
      return { operator = operator, operands = { first, second } }
    end
  end
  if first.kind == "call" then
    misplaced(reader, first.name)
  end
  reader:fail()
end

local read_any

local function at_comparison(reader)
  local token = reader:peek()
  return reader:is "BETWEEN" or reader:is "IN"
    or token.kind == "mark" and token.text:find "^[=<>]" ~= nil
end

-- What stands in parentheses is a condition, or an operand of a comparison.
local function read_wrapped(reader, is_inside)
  reader:expect "("
  local inner = read_any(reader, true)
  reader:expect ")"
  if inner.is_wrapped then
    reader:refuse "The expression has redundant parentheses;"
  end
  inner.is_wrapped = true
  if inner.operator then
    return inner
  elseif is_inside and reader:is ")" then
    return inner
  end
  return read_comparison(reader, inner)
end

-- With `is_inside`, an operand alone may stand where a condition is expected.
local function read_compared(reader, is_inside)
  if reader:is "(" then
    return read_wrapped(reader, is_inside)
  elseif reader:at_function() then
    local call = read_call(reader)
    if not FUNCTIONS[call.name].is_operand then
      if at_comparison(reader) then
        misplaced(reader, call.name)
      end
      return { operator = "call", call = call }
    end
    return read_comparison(reader, call)
  end
  local operand = read_operand(reader)
  if is_inside and reader:is ")" then
    return operand
  end
  return read_comparison(reader, operand)
end

local function read_not(reader, is_inside)
  if reader:accept "NOT" then
    reader:count()
    return { operator = "NOT", conditions = { read_not(reader) } }
  end
  return read_compared(reader, is_inside)
end

local function read_joined(reader, operator, read_part, is_inside)
  local parts = { read_part(reader, is_inside) }
  while reader:accept(operator) do
    reader:count()
    table.insert(parts, read_part(reader))
  end
  return #parts == 1 and parts[1] or { operator = operator, conditions = parts }
end

local function read_all(reader, is_inside)
  return read_joined(reader, "AND", read_not, is_inside)
end

function read_any(reader, is_inside)
  return read_joined(reader, "OR", read_all, is_inside)
end

--- Reads a condition to its end.
---@param reader engine.local.services.dynamodb.Reader
---@return engine.local.services.dynamodb.Condition
function condition.read(reader)
  local tree = read_any(reader)
  reader:finish()
  return tree
end

-- How long a value is, as size() has it; nil for what has no size.
local function size_of(value)
  local kind, held = next(value)
  if kind == "S" then
    return utf8.len(held) or #held
  elseif kind == "B" then
    return #attribute.bytes(value)
  elseif kind == "M" then
    local count = 0
    for _ in pairs(held) do
      count = count + 1
    end
    return count
  end
  return SIZED[kind] and #held or nil
end

local function value_of(operand, item)
  if operand.kind == "value" then
    return operand.value
  elseif operand.kind == "path" then
    return get(item, operand.path)
  end
  local value = value_of(operand.arguments[1], item) -- size() is the only operand of this kind
  local size = value and size_of(value)
  return size and { N = ("%d"):format(size) }
end

local function begins_with(value, prefix)
  if attribute.type_of(value) ~= attribute.type_of(prefix) then
    return false
  end
  local bytes, wanted = attribute.bytes(value), attribute.bytes(prefix)
  return bytes ~= nil and bytes:sub(1, #wanted) == wanted
end

local function contains(value, wanted)
  local kind, held = next(value)
  if kind == "S" or kind == "B" then
    return wanted[kind] ~= nil
      and attribute.bytes(value):find(attribute.bytes(wanted), 1, true) ~= nil
  elseif kind == "L" then
    for _, member in ipairs(held) do
      if attribute.equal(member, wanted) then
        return true
      end
    end
  elseif kind:find "^.S$" then
    for _, member in ipairs(held) do
      if member == wanted[kind:sub(1, 1)] then
        return true
      end
    end
  end
  return false
end

local TESTS <const> = {
  attribute_exists = function(value)
    return value ~= nil
  end,
  attribute_not_exists = function(value)
    return value == nil
  end,
  attribute_type = function(value, wanted)
    return value ~= nil and attribute.type_of(value) == wanted.S
  end,
  begins_with = function(value, prefix)
    return value ~= nil and prefix ~= nil and begins_with(value, prefix)
  end,
  contains = function(value, wanted)
    return value ~= nil and wanted ~= nil and contains(value, wanted)
  end,
}

local function equal(a, b)
  return a ~= nil and b ~= nil and attribute.equal(a, b)
end

local function compare(a, b)
  return a and b and attribute.compare(a, b)
end

local holds

local OPERATORS <const> = {
  ["="] = equal,
  ["<>"] = function(a, b)
    return not equal(a, b)
  end,
  ["<"] = function(a, b)
    local order = compare(a, b)
    return order ~= nil and order < 0
  end,
  ["<="] = function(a, b)
    local order = compare(a, b)
    return order ~= nil and order <= 0
  end,
  [">"] = function(a, b)
    local order = compare(a, b)
    return order ~= nil and order > 0
  end,
  [">="] = function(a, b)
    local order = compare(a, b)
    return order ~= nil and order >= 0
  end,
  BETWEEN = function(value, low, high)
    local from, to = compare(low, value), compare(value, high)
    return from ~= nil and to ~= nil and from <= 0 and to <= 0
  end,
}

local function is_in(tree, item)
  local value = value_of(tree.operands[1], item)
  for i = 2, #tree.operands do
    if equal(value, value_of(tree.operands[i], item)) then
      return true
    end
  end
  return false
end

local function joined(tree, item)
  local is_any = tree.operator == "OR"
  for _, part in ipairs(tree.conditions) do
    if holds(part, item) == is_any then
      return is_any
    end
  end
  return not is_any
end

function holds(tree, item)
  local operator = tree.operator
  if operator == "AND" or operator == "OR" then
    return joined(tree, item)
  elseif operator == "NOT" then
    return not holds(tree.conditions[1], item)
  elseif operator == "IN" then
    return is_in(tree, item)
  end
  local operands = tree.operands or tree.call.arguments
  local first, second, third = operands[1], operands[2], operands[3]
  return (OPERATORS[operator] or TESTS[tree.call.name])(value_of(first, item),
    second and value_of(second, item), third and value_of(third, item))
end

--- Whether a condition is true of an item.
---@param tree engine.local.services.dynamodb.Condition
---@param item engine.local.services.dynamodb.Item
---@return boolean
function condition.holds(tree, item)
  return holds(tree, item)
end

local function visit(operand, take)
  if operand.path then
    take(operand.path)
  end
  for _, argument in ipairs(operand.arguments or {}) do
    visit(argument, take)
  end
end

--- Calls `take(path)` for every path that a condition mentions.
---@param tree engine.local.services.dynamodb.Condition
---@param take fun(path: engine.local.services.dynamodb.Path)
function condition.each_path(tree, take)
  for _, part in ipairs(tree.conditions or {}) do
    condition.each_path(part, take)
  end
  for _, operand in ipairs(tree.operands or { tree.call }) do
    visit(operand, take)
  end
end

return condition
