--- What must be so of a described value (a schema, an item, a parameter that is no body, a header),
--- whichever object it stands in.
local default_rules = require "engine.swagger.default_rules"
local order = require "engine.order"
local place = require "engine.swagger.place"
local reference = require "engine.swagger.reference"

local value_rules = {}

local function check_items(value, here, checker)
  if value.type == "array" and value.items == nil then
    checker:add(here, "is an array and does not say of what", "add 'items'")
  elseif value.items ~= nil and type(value.type) == "string" and value.type ~= "array"
    and not checker.document.openapi
  then
    checker:add(here, "has items and is no array", "take out 'items', or let its type be array")
  end
end

local function check_bounds(value, here, checker)
  for _, pair in ipairs {
    { "minimum", "maximum" },
    { "minLength", "maxLength" },
    { "minItems", "maxItems" },
    { "minProperties", "maxProperties" },
  } do
    local least, most = value[pair[1]], value[pair[2]]
    if type(least) == "number" and type(most) == "number" and least > most then
      checker:add(place.below(here, pair[1]), ("is larger than '%s'"):format(pair[2]),
        "exchange them")
    end
  end
  if type(value.multipleOf) == "number" and value.multipleOf <= 0 then
    checker:add(place.below(here, "multipleOf"), "must be larger than 0", "write a positive number")
  end
end

local function check_pattern(value, here, checker)
  if type(value.pattern) ~= "string" then
    return
  end
  local _, err = require("host.regex").compile(value.pattern)
  if err then
    checker:add(place.below(here, "pattern"), "is no regular expression: " .. err.message,
      "correct it")
  end
end

local PARTS <const> = { allOf = true, oneOf = true, anyOf = true }

-- Whether the schema is one of several of the same value.
local function is_part(here)
  return math.type(here.key) ~= nil and PARTS[here.up.key] or here.key == "not"
end

-- A required property that is described nowhere is a misspelt one, unless others are welcome, or come
-- from elsewhere. So it is in Swagger 2.0; who describes in OpenAPI may mean it.
local function check_required(value, here, checker)
  local list, known = value.required, value.properties
  local elsewhere = value.allOf or value.oneOf or value.anyOf or value["$ref"]
    or value.additionalProperties or is_part(here) or checker.document.openapi
  if type(list) ~= "table" or elsewhere then
    return
  end
  for i, name in ipairs(list) do
    if type(name) == "string" and (type(known) ~= "table" or known[name] == nil) then
      checker:add(place.below(place.below(here, "required"), i),
        ("the property '%s' is described nowhere"):format(name),
        "describe it in 'properties', or take it out")
    end
  end
end

local function check_alone(value, here, checker)
  check_items(value, here, checker)
  check_bounds(value, here, checker)
  check_pattern(value, here, checker)
end

--- Of an item, a parameter or a header.
---@param value table
---@param here engine.swagger.Place
---@param checker engine.swagger.Checker
function value_rules.check_plain(value, here, checker)
  check_alone(value, here, checker)
  default_rules.check_plain(value, here, checker)
end

--- Of a schema.
---@param value table
---@param here engine.swagger.Place
---@param checker engine.swagger.Checker
function value_rules.check_schema(value, here, checker)
  check_alone(value, here, checker)
  check_required(value, here, checker)
  default_rules.check_schema(value, here, checker)
end

-- Walks up what a definition is made of by allOf: `path` is the way there, `seen` what it has.
local function check_ancestry(state, schema, here, path)
  if type(schema) ~= "table" then
    return
  end
  local pointer = schema["$ref"]
  if type(pointer) == "string" then
    if path[pointer] then
      state.checker:add(here, ("'%s' is an ancestor of itself"):format(pointer),
        "break the circle of allOf")
      return
    elseif state.visited[pointer] then
      return
    end
    path[pointer], state.visited[pointer] = true, true
    check_ancestry(state, reference.find(state.document, pointer), here, path)
    path[pointer] = nil
    return
  end
  for _, part in ipairs(type(schema.allOf) == "table" and schema.allOf or {}) do
    check_ancestry(state, part, here, path)
  end
end

--- Definitions, none of which may be made of itself.
---@param document table
---@param definitions table
---@param here engine.swagger.Place
---@param pointer string  "#/definitions/"
---@param checker engine.swagger.Checker
function value_rules.check_ancestry(document, definitions, here, pointer, checker)
  for _, name in ipairs(order.keys(definitions)) do
    local own = pointer .. name
    local state = { document = document, checker = checker, visited = { [own] = true } }
    check_ancestry(state, definitions[name], place.below(here, name), { [own] = true })
  end
end

return value_rules
