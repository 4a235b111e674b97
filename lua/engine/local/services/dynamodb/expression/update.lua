--- Updates: SET, REMOVE, ADD and DELETE, read into lists of actions, and done to a draft of an item.
---
---     update  := { SET set { , set } | REMOVE path { , path } | ADD path :v … | DELETE path :v … }
---     set     := path = sum
---     sum     := term [ (+ | -) term ]
---     term    := path | :v | if_not_exists(path, sum) | list_append(sum, sum) | ( sum )
---
--- Everything on the right is what the item held before any of it was done.
local attribute = require "engine.local.services.dynamodb.attribute"
local decimal = require "engine.local.services.dynamodb.decimal"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local path = require "engine.local.services.dynamodb.expression.path"

local update = {}

---@class engine.local.services.dynamodb.Update
---@field SET { path: engine.local.services.dynamodb.Path, term: table }[]
---@field REMOVE { path: engine.local.services.dynamodb.Path }[]
---@field ADD { path: engine.local.services.dynamodb.Path, value: table }[]
---@field DELETE { path: engine.local.services.dynamodb.Path, value: table }[]
---@field paths engine.local.services.dynamodb.Path[]  all that are changed

local SECTIONS <const> = { "SET", "REMOVE", "ADD", "DELETE" }
local NUMBERS <const> = { N = true }
local LISTS <const> = { L = true }
local ADDED <const> = { N = true, SS = true, NS = true, BS = true }
local DELETED <const> = { SS = true, NS = true, BS = true }

-- What the messages about ADD and DELETE call the types.
local LONG_NAMES <const> = {
  S = "STRING", N = "NUMBER", B = "BINARY", BOOL = "BOOLEAN", NULL = "NULL", L = "LIST", M = "MAP",
  SS = "STRING_SET", NS = "NUMBER_SET", BS = "BINARY_SET",
}

local FUNCTIONS <const> = { if_not_exists = true, list_append = true }
local ELSEWHERE <const> = {
  attribute_exists = true, attribute_not_exists = true, attribute_type = true, begins_with = true,
  contains = true, size = true,
}

local read_sum

local function read_call(reader)
  local call = reader:call(function()
    return read_sum(reader)
  end)
  if ELSEWHERE[call.name] then
    reader:refuse("The function is not allowed in an update expression; function: %s", call.name)
  elseif not FUNCTIONS[call.name] then
    reader:refuse("Invalid function name; function: %s", call.name)
  end
  reader:check_count(call, 2)
  if call.name == "if_not_exists" then
    reader:check_path(call)
  else
    reader:check_type(call.name, call.arguments[1], LISTS)
    reader:check_type(call.name, call.arguments[2], LISTS)
  end
  return call
end

local function read_term(reader)
  if reader:accept "(" then
    local term = read_sum(reader)
    reader:expect ")"
    return term
  elseif reader:at_function() then
    return read_call(reader)
  elseif reader:peek().kind == "value" then
    return { kind = "value", value = reader:value() }
  end
  return { kind = "path", path = reader:path() }
end

function read_sum(reader)
  local first = read_term(reader)
  local operator = reader:is "+" and "+" or reader:is "-" and "-"
  if not operator then
    return first
  end
  reader:take()
  reader:count()
  local second = read_term(reader)
  reader:check_type(operator, first, NUMBERS)
  reader:check_type(operator, second, NUMBERS)
  return { kind = "sum", operator = operator, arguments = { first, second } }
end

local function read_changed_set(reader, section, types)
  local steps = reader:path()
  local value = reader:value()
  local kind = attribute.type_of(value)
  if not types[kind] then
    reader:refuse("Incorrect operand type for operator or function; operator: %s, operand type: %s,"
      .. " typeSet: ALLOWED_FOR_%s_OPERAND", section, LONG_NAMES[kind], section)
  end
  return { path = steps, value = value }
end

local READERS <const> = {
  SET = function(reader)
    local steps = reader:path()
    reader:expect "="
    return { path = steps, term = read_sum(reader) }
  end,
  REMOVE = function(reader)
    return { path = reader:path() }
  end,
  ADD = function(reader)
    return read_changed_set(reader, "ADD", ADDED)
  end,
  DELETE = function(reader)
    return read_changed_set(reader, "DELETE", DELETED)
  end,
}

local function section_of(reader)
  for _, name in ipairs(SECTIONS) do
    if reader:accept(name) then
      return name
    end
  end
  reader:fail()
end

--- Reads an update to its end.
---@param reader engine.local.services.dynamodb.Reader
---@return engine.local.services.dynamodb.Update
function update.read(reader)
  local tree = { SET = {}, REMOVE = {}, ADD = {}, DELETE = {}, paths = {} }
  repeat
    local section = section_of(reader)
    if #tree[section] > 0 then
      reader:refuse('The "%s" section can only be used once in an update expression;', section)
    end
    repeat
      local action = READERS[section](reader)
      reader:count()
      table.insert(tree[section], action)
      table.insert(tree.paths, action.path)
    until not reader:accept ","
  until reader:peek().kind == "end"
  path.check_apart(reader, tree.paths)
  return tree
end

local function wrong_operand()
  invalid "An operand in the update expression has an incorrect data type"
end

local function there(value)
  return value
    or invalid "The provided expression refers to an attribute that does not exist in the item"
end

local function append(first, second)
  if not first.L or not second.L then
    wrong_operand()
  end
  local list = table.move(first.L, 1, #first.L, 1, json.array {})
  return { L = table.move(second.L, 1, #second.L, #list + 1, list) }
end

local function value_of(term, item)
  if term.kind == "value" then
    return term.value
  elseif term.kind == "path" then
    return there(path.get(item, term.path))
  end
  local first, second = term.arguments[1], term.arguments[2]
  local b = value_of(second, item) -- it must exist, needed or not
  if term.name == "if_not_exists" then
    return path.get(item, first.path) or b
  end
  local a = value_of(first, item)
  if term.name == "list_append" then
    return append(a, b)
  elseif not a.N or not b.N then
    wrong_operand()
  end
  return { N = decimal.sum(a.N, b.N, term.operator == "+" and 1 or -1) }
end

local function members_of(list)
  local members = {}
  for _, member in ipairs(list) do
    members[member] = true
  end
  return members
end

local function added(old, value)
  local kind, list = next(value)
  if not old then
    return value
  elseif not old[kind] then
    wrong_operand()
  elseif kind == "N" then
    return { N = decimal.sum(old.N, value.N, 1) }
  end
  local members, made = members_of(old[kind]), json.array {}
  table.move(old[kind], 1, #old[kind], 1, made)
  for _, member in ipairs(list) do
    if not members[member] then
      table.insert(made, member)
    end
  end
  return attribute.set(kind, made)
end

-- What is left of a set; nil when nothing is.
local function without(old, value)
  local kind, list = next(value)
  if not old[kind] then
    wrong_operand()
  end
  local gone, made = members_of(list), json.array {}
  for _, member in ipairs(old[kind]) do
    if not gone[member] then
      table.insert(made, member)
    end
  end
  return #made > 0 and { [kind] = made } or nil
end

-- Places of lists in ascending order, so that what is put past the end comes in its order.
local function by_place(a, b)
  local place_a, place_b = a.path[#a.path], b.path[#b.path]
  return (math.type(place_a) and place_a or -1) < (math.type(place_b) and place_b or -1)
end

-- Places of a list in descending order, so that those still to be removed stay where they are.
local function backwards(a, b)
  for i = 1, math.min(#a.path, #b.path) do
    local one, other = a.path[i], b.path[i]
    if one ~= other then
      if math.type(one) and math.type(other) then
        return one > other
      end
      return tostring(one) < tostring(other)
    end
  end
  return #a.path < #b.path
end

local function done(is_done)
  if not is_done then
    invalid "The document path provided in the update expression is invalid for update"
  end
end

local function put(draft, steps, value)
  if #steps > 1 and #steps - 1 + attribute.depth(value) > attribute.DEEPEST then
    invalid "Nesting Levels have exceeded supported limits"
  end
  done(path.set(draft, steps, value))
end

-- What each action puts, seen before anything changes; false for what goes.
local function plan(tree, item)
  local puts = {}
  for _, action in ipairs(tree.SET) do
    table.insert(puts, { path = action.path, value = value_of(action.term, item) })
  end
  for _, action in ipairs(tree.ADD) do
    local old = path.get(item, action.path)
    table.insert(puts, { path = action.path, value = added(old, action.value) })
  end
  local goes = table.move(tree.REMOVE, 1, #tree.REMOVE, 1, {})
  for _, action in ipairs(tree.DELETE) do
    local old = path.get(item, action.path)
    local left = old and without(old, action.value)
    if left then
      table.insert(puts, { path = action.path, value = left })
    else
      table.insert(goes, action)
    end
  end
  table.sort(puts, by_place)
  table.sort(goes, backwards)
  return puts, goes
end

--- What an item is after an update; the item itself stays as it is.
---@param tree engine.local.services.dynamodb.Update
---@param item engine.local.services.dynamodb.Item
---@return engine.local.services.dynamodb.Item
function update.apply(tree, item)
  local puts, goes = plan(tree, item)
  local draft = path.draft(item)
  for _, action in ipairs(puts) do
    put(draft, action.path, action.value)
  end
  for _, gone in ipairs(goes) do
    done(path.remove(draft, gone.path))
  end
  return draft.item
end

return update
