--- JSON Schema, draft 4: what is wrong with a decoded value, each problem with the JSON pointer of the
--- place it is at.
---
---     local problems = json_schema.problems(
---       { type = "object", required = { "name" } }, json.decode "{}")
---     print(problems[1].pointer, problems[1].message)
---       -->   object has missing required properties (["name"])
---
--- Formats are not checked. A schema that refers to itself without end, or is too deep, is a problem
--- of its own.
local json = require "host.json"
local order = require "engine.order"
local regex = require "host.regex"

local json_schema = {}

local MAX_DEPTH <const> = 128
local MAX_PROBLEMS <const> = 100
local MAX_CHECKS <const> = 200000
local MAX_COMPARED_ITEMS <const> = 10000

---@class engine.json_schema.Problem
---@field pointer string  "/items/0/name"; "" is the whole value
---@field message string

---@class engine.json_schema.Options
---@field resolve? fun(reference: string): any  the schema of a $ref that is not in this document
---@field checks_most? integer  of a value against a schema; default 200,000

local check -- one value against one schema; the keywords call it again

local patterns = setmetatable({}, { __mode = "v" })

local function compile(pattern)
  patterns[pattern] = patterns[pattern] or regex.compile(pattern)
  return patterns[pattern]
end

local function kind_of(value)
  local kind = type(value)
  if value == json.null then
    return "null"
  elseif kind == "table" then
    return json.is_array(value) and "array" or "object"
  elseif kind == "number" then
    return math.type(value) == "integer" and "integer" or "number"
  end
  return kind
end

local function is_object(value)
  return kind_of(value) == "object"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" or a == json.null or b == json.null then
    return a == b
  elseif json.is_array(a) ~= json.is_array(b) then
    return false
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

local function complain(run, pointer, message, ...)
  if #run.problems < MAX_PROBLEMS then
    table.insert(run.problems, { pointer = pointer, message = message:format(...) })
  end
end

local function below(pointer, key)
  return ("%s/%s"):format(pointer, (tostring(key):gsub("~", "~0"):gsub("/", "~1")))
end

local function shown(value)
  return json.encode(value) or tostring(value)
end

-- A run inside another: with problems of its own, or another document's references.
local function within(run, problems, root)
  return {
    problems = problems, root = root, resolve = run.resolve, depth = run.depth, left = run.left,
  }
end

-- Whether a value fits a schema, without its problems.
local function fits(run, schema, value, pointer)
  local own = within(run, {}, run.root)
  check(own, schema, value, pointer)
  return #own.problems == 0
end

local function count_fitting(run, schemas, value, pointer)
  local count = 0
  for _, schema in ipairs(schemas) do
    count = count + (fits(run, schema, value, pointer) and 1 or 0)
  end
  return count
end

-- Keywords that stand for any value. Each is given what the schema says under its name.
local ANY <const> = {
  type = function(run, wanted, value, pointer)
    local kind = kind_of(value)
    local names = type(wanted) == "table" and wanted or { wanted }
    for _, name in ipairs(names) do
      if name == kind or name == "number" and kind == "integer" then
        return
      end
    end
    complain(run, pointer, "instance type (%s) does not match any allowed primitive type "
      .. "(allowed: %s)", kind, shown(json.array(table.move(names, 1, #names, 1, {}))))
  end,
  enum = function(run, allowed, value, pointer)
    for _, item in ipairs(allowed) do
      if same(item, value) then
        return
      end
    end
    complain(run, pointer, "instance value (%s) not found in enum (possible values: %s)",
      shown(value), shown(allowed))
  end,
  allOf = function(run, schemas, value, pointer)
    for _, schema in ipairs(schemas) do
      check(run, schema, value, pointer)
    end
  end,
  anyOf = function(run, schemas, value, pointer)
    if count_fitting(run, schemas, value, pointer) == 0 then
      complain(run, pointer, "instance failed to match at least one required schema among %d",
        #schemas)
    end
  end,
  oneOf = function(run, schemas, value, pointer)
    local count = count_fitting(run, schemas, value, pointer)
    if count ~= 1 then
      complain(run, pointer, "instance failed to match exactly one schema (matched %d out of %d)",
        count, #schemas)
    end
  end,
  ["not"] = function(run, schema, value, pointer)
    if fits(run, schema, value, pointer) then
      complain(run, pointer, "instance matched a schema which it should not have")
    end
  end,
}

local NUMBERS <const> = {
  maximum = function(run, limit, value, pointer, schema)
    if value > limit or schema.exclusiveMaximum == true and value == limit then
      complain(run, pointer, "numeric instance is greater than the required maximum "
        .. "(maximum: %s, found: %s)", limit, value)
    end
  end,
  minimum = function(run, limit, value, pointer, schema)
    if value < limit or schema.exclusiveMinimum == true and value == limit then
      complain(run, pointer, "numeric instance is lower than the required minimum "
        .. "(minimum: %s, found: %s)", limit, value)
    end
  end,
  multipleOf = function(run, factor, value, pointer)
    local quotient = factor > 0 and value / factor
    if quotient and math.abs(quotient - math.floor(quotient + 0.5)) > 1e-9 then
      complain(run, pointer, "remainder of division is not zero (%s / %s)", value, factor)
    end
  end,
}

local TEXTS <const> = {
  maxLength = function(run, limit, value, pointer)
    if (utf8.len(value) or #value) > limit then
      complain(run, pointer, "string is too long (length: %d, maximum allowed: %d)",
        utf8.len(value) or #value, limit)
    end
  end,
  minLength = function(run, limit, value, pointer)
    if (utf8.len(value) or #value) < limit then
      complain(run, pointer, "string is too short (length: %d, required minimum: %d)",
        utf8.len(value) or #value, limit)
    end
  end,
  pattern = function(run, pattern, value, pointer)
    local re = compile(pattern)
    if not re then
      complain(run, pointer, "the schema's pattern %s cannot be read", shown(pattern))
    elseif not re:find(value) then
      complain(run, pointer, "ECMA 262 regex %s does not match input string %s", shown(pattern),
        shown(value))
    end
  end,
}

local ARRAYS <const> = {
  items = function(run, items, value, pointer, schema)
    for i, item in ipairs(value) do
      local own = items
      if json.is_array(items) then
        own = items[i] or schema.additionalItems
      end
      if own == false then
        complain(run, below(pointer, i - 1), "additional items are not permitted")
      elseif type(own) == "table" then
        check(run, own, item, below(pointer, i - 1))
      end
    end
  end,
  maxItems = function(run, limit, value, pointer)
    if #value > limit then
      complain(run, pointer, "array is too long: must have at most %d elements but instance has %d "
        .. "elements", limit, #value)
    end
  end,
  minItems = function(run, limit, value, pointer)
    if #value < limit then
      complain(run, pointer, "array is too short: must have at least %d elements but instance has "
        .. "%d elements", limit, #value)
    end
  end,
  uniqueItems = function(run, wanted, value, pointer)
    local seen = {}
    for i = 1, wanted == true and math.min(#value, MAX_COMPARED_ITEMS) or 0 do
      local text = json.encode(value[i])
      if seen[text] then
        complain(run, pointer, "array must not contain duplicate elements")
        return
      end
      seen[text] = true
    end
  end,
}

-- The schemas that speak of a property, besides those for what is left over.
local function schemas_for(schema, name)
  local list = {}
  local own = is_object(schema.properties) and schema.properties[name]
  table.insert(list, own or nil)
  local by_pattern = is_object(schema.patternProperties) and schema.patternProperties or {}
  for _, pattern in ipairs(order.keys(by_pattern)) do
    local re = compile(pattern)
    if re and re:find(name) then
      table.insert(list, by_pattern[pattern])
    end
  end
  return list
end

local function check_properties(run, schema, value, pointer)
  local left_over = {}
  for _, name in ipairs(order.keys(value)) do
    local list = schemas_for(schema, name)
    if #list == 0 and type(schema.additionalProperties) == "table" then
      list = { schema.additionalProperties }
    elseif #list == 0 and schema.additionalProperties == false then
      table.insert(left_over, name)
    end
    for _, own in ipairs(list) do
      check(run, own, value[name], below(pointer, name))
    end
  end
  if #left_over > 0 then
    complain(run, pointer, "object instance has properties which are not allowed by the schema: %s",
      shown(json.array(left_over)))
  end
end

local OBJECTS <const> = {
  required = function(run, names, value, pointer)
    local missing = json.array {}
    for _, name in ipairs(names) do
      table.insert(missing, value[name] == nil and name or nil)
    end
    if #missing > 0 then
      complain(run, pointer, "object has missing required properties (%s)", shown(missing))
    end
  end,
  maxProperties = function(run, limit, value, pointer)
    if #order.keys(value) > limit then
      complain(run, pointer, "object has too many properties (found %d but schema requires at most "
        .. "%d)", #order.keys(value), limit)
    end
  end,
  minProperties = function(run, limit, value, pointer)
    if #order.keys(value) < limit then
      complain(run, pointer, "object has too few properties (found %d but schema requires at least "
        .. "%d)", #order.keys(value), limit)
    end
  end,
  dependencies = function(run, dependencies, value, pointer)
    for _, name in ipairs(order.keys(dependencies)) do
      local needed = dependencies[name]
      if value[name] ~= nil and json.is_array(needed) then
        for _, other in ipairs(needed) do
          if value[other] == nil then
            complain(run, pointer, "property %s of object has missing property dependencies (%s)",
              shown(name), shown(other))
          end
        end
      elseif value[name] ~= nil and type(needed) == "table" then
        check(run, needed, value, pointer)
      end
    end
  end,
}

-- What a keyword must be for us to heed it.
local SHAPES <const> = {
  allOf = "table", anyOf = "table", dependencies = "table", enum = "table", items = "table",
  maxItems = "number", maxLength = "number", maxProperties = "number", maximum = "number",
  minItems = "number", minLength = "number", minProperties = "number", minimum = "number",
  multipleOf = "number", ["not"] = "table", oneOf = "table", pattern = "string",
  required = "table",
}

local function apply(run, keywords, schema, value, pointer)
  for _, keyword in ipairs(order.keys(keywords)) do
    local said = schema[keyword]
    if said ~= nil and (not SHAPES[keyword] or type(said) == SHAPES[keyword]) then
      keywords[keyword](run, said, value, pointer, schema)
    end
  end
end

-- What `#/definitions/Pet` is in this document.
local function inside(run, reference)
  local value = run.root
  for part in reference:match("^#(.*)$"):gmatch "/([^/]*)" do
    part = part:gsub("~1", "/"):gsub("~0", "~")
    if type(value) ~= "table" then
      return nil
    end
    value = json.is_array(value) and value[(tonumber(part) or -1) + 1] or value[part]
  end
  return value
end

local function follow(run, reference)
  local found = reference:find "^#" and inside(run, reference) or nil
  if found ~= nil then
    return found, run.root
  end
  found = run.resolve and run.resolve(reference)
  return found, found
end

local function check_reference(run, reference, value, pointer)
  local schema, root = follow(run, reference)
  if type(schema) ~= "table" then
    complain(run, pointer, "the schema's reference %s leads nowhere", shown(reference))
    return
  end
  check(within(run, run.problems, root), schema, value, pointer)
end

function check(run, schema, value, pointer)
  if type(schema) ~= "table" then
    return
  elseif run.depth >= MAX_DEPTH or run.left.checks <= 0 then
    complain(run, pointer, "the schema or the value is too deep, or takes too long to check")
    return
  end
  run.depth, run.left.checks = run.depth + 1, run.left.checks - 1
  if type(schema["$ref"]) == "string" then
    check_reference(run, schema["$ref"], value, pointer)
  else
    apply(run, ANY, schema, value, pointer)
    local kind = kind_of(value)
    if kind == "integer" or kind == "number" then
      apply(run, NUMBERS, schema, value, pointer)
    elseif kind == "string" then
      apply(run, TEXTS, schema, value, pointer)
    elseif kind == "array" then
      apply(run, ARRAYS, schema, value, pointer)
    elseif kind == "object" then
      apply(run, OBJECTS, schema, value, pointer)
      check_properties(run, schema, value, pointer)
    end
  end
  run.depth = run.depth - 1
end

--- What is wrong with a value; empty when nothing is.
---@param schema table      decoded
---@param value any         decoded
---@param options? engine.json_schema.Options
---@return engine.json_schema.Problem[]
function json_schema.problems(schema, value, options)
  local run = {
    problems = {}, root = schema, resolve = (options or {}).resolve, depth = 0,
    left = { checks = (options or {}).checks_most or MAX_CHECKS },
  }
  check(run, schema, value, "")
  return run.problems
end

return json_schema
