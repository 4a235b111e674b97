--- The types of a description in the words of LuaCATS.
local lua_text = require "engine.swagger.lua_text"
local order = require "engine.order"
local reference = require "engine.swagger.reference"
local shape = require "engine.swagger.shape"

local client_types = {}

local PLAIN <const> = {
  string = "string",
  integer = "integer",
  number = "number",
  boolean = "boolean",
  null = "nil",
  object = "table",
  array = "any[]",
  file = "string",
}

local MOST_CHOICES <const> = 12

-- What a description says of a schema may be of any type where nobody refers to it.
local function object(value)
  return shape.type(value) == "object" and value or nil
end

local function items(value)
  return type(value) == "table" and value or nil
end

--- The classes of definitions, each of a name of its own: "a-b" and "a_b" are two, and none is the
--- client itself.
---@param space string  what stands before them: "leaderboard"
---@param definitions table<string, any>
---@return table<string, string>  by the definition's name
function client_types.classes(space, definitions)
  local classes, taken = {}, { Client = true }
  for _, key in ipairs(order.keys(definitions)) do
    local stem = lua_text.identifier(key)
    local name, number = stem, 1
    while taken[name] do
      number = number + 1
      name = stem .. "_" .. number
    end
    taken[name] = true
    classes[key] = space .. "." .. name
  end
  return classes
end

-- Of the definition that a reference leads to; what else it may lead to has no name.
local function class_of(state, pointer)
  local name = reference.name(pointer, state.way.DEFINITIONS)
  return name and state.classes[name] or "any"
end

-- "a"|"b", where it is not too long to read.
local function choices(list)
  local texts = {}
  for i, item in ipairs(list) do
    if type(item) ~= "string" or i > MOST_CHOICES then
      return nil
    end
    texts[i] = lua_text.quoted(item)
  end
  return table.concat(texts, "|")
end

local function array_of(item)
  return (item:find "[|{ ]" and ("(%s)"):format(item) or item) .. "[]"
end

local function union(state, schemas)
  local texts = {}
  for i, schema in ipairs(schemas) do
    texts[i] = client_types.of(state, schema)
  end
  return table.concat(texts, "|")
end

-- Of an object that is made of others: the first of them that has a name.
local function of_parts(state, parts)
  for _, part in ipairs(parts) do
    if object(part) and type(part["$ref"]) == "string" then
      return class_of(state, part["$ref"])
    end
  end
  return #parts == 1 and client_types.of(state, parts[1]) or "any"
end

local function of_object(state, schema)
  if items(schema.allOf) then
    return of_parts(state, schema.allOf)
  elseif schema.type == "string" and items(schema.enum) then
    return choices(schema.enum) or "string"
  elseif schema.type == "array" and shape.type(schema.items) == "object" then
    return array_of(client_types.of(state, schema.items))
  elseif items(schema.oneOf) or items(schema.anyOf) then
    return union(state, items(schema.oneOf) or schema.anyOf)
  elseif shape.type(schema.additionalProperties) == "object" and not schema.properties then
    return ("table<string, %s>"):format(client_types.of(state, schema.additionalProperties))
  end
  return PLAIN[schema.type] or object(schema.properties) and "table" or "any"
end

--- The type of a schema.
---@param state { way: engine.swagger.Dialect, classes: table<string, string> }
---@param schema table
---@return string
function client_types.of(state, schema)
  if shape.type(schema) ~= "object" then
    return "any"
  elseif type(schema["$ref"]) == "string" then
    return class_of(state, schema["$ref"])
  end
  return of_object(state, schema) .. (schema.nullable == true and "|nil" or "")
end

--- The type of a parameter that is no body.
---@param parameter engine.swagger.Parameter
---@return string
function client_types.of_plain(parameter)
  if parameter.type == "array" then
    return (PLAIN[parameter.items] or "any") .. "[]"
  end
  return PLAIN[parameter.type] or "any"
end

-- What a schema says of its properties, and what its parts say that have no name.
local function read_fields(schema, fields, required)
  for name, value in pairs(object(schema.properties) or {}) do
    fields[name] = value
  end
  for _, name in ipairs(items(schema.required) or {}) do
    required[name] = true
  end
  for _, part in ipairs(items(schema.allOf) or {}) do
    if object(part) and part["$ref"] == nil then
      read_fields(part, fields, required)
    end
  end
  return fields, required
end

local function parents_of(state, schema)
  local parents = {}
  for _, part in ipairs(items(schema.allOf) or {}) do
    if object(part) and type(part["$ref"]) == "string" then
      table.insert(parents, class_of(state, part["$ref"]))
    end
  end
  return #parents > 0 and ": " .. table.concat(parents, ", ") or ""
end

--- A definition as a class, or as another name of a type.
---@param state table
---@param name string
---@param schema table
---@return string
function client_types.definition(state, name, schema)
  local class = state.classes[name]
  if not object(schema) or not object(schema.properties) and not items(schema.allOf) then
    return ("---@alias %s %s\n"):format(class, client_types.of(state, schema))
  end
  local lines, fields, required = {}, read_fields(schema, {}, {})
  if type(schema.description) == "string" then
    table.insert(lines, "--- " .. lua_text.line(schema.description))
  end
  table.insert(lines, ("---@class %s%s"):format(class, parents_of(state, schema)))
  for _, field in ipairs(order.keys(fields)) do
    table.insert(lines, ("---@field %s%s %s"):format(lua_text.field(field),
      required[field] and "" or "?", client_types.of(state, fields[field])))
  end
  return table.concat(lines, "\n") .. "\n"
end

return client_types
