--- A schema of OpenAPI 3.1, which is JSON Schema's of 2020-12, in the words of 3.0; see
--- engine.swagger.openapi_31. The schemas in it are lowered by who walks it.
local json = require "host.json"
local order = require "engine.order"
local shape = require "engine.swagger.shape"

local schema_31 = {}

local function is_list(value)
  return shape.type(value) == "list"
end

-- The names of types but "null", and whether that was among them.
local function without_null(names)
  local left, has_null = {}, false
  for _, name in ipairs(names) do
    has_null = has_null or name == "null"
    table.insert(left, name ~= "null" and name or nil)
  end
  return left, has_null
end

local function one_of_types(schema, names)
  local choices = json.array {}
  for _, name in ipairs(names) do
    table.insert(choices, { type = name, items = name == "array" and schema.items or nil })
  end
  schema.type, schema.items = nil, nil
  schema.anyOf = choices
end

local function lower_type(schema)
  local said = schema.type == "null" and { "null" } or schema.type
  if type(said) ~= "table" or #said == 0 then
    return
  end
  local names, has_null = without_null(said)
  schema.nullable = has_null or schema.nullable
  if #names == 1 then
    schema.type = names[1]
  elseif #names > 1 and schema.anyOf == nil then
    one_of_types(schema, names)
  else
    schema.type = nil
    schema.enum = #names == 0 and json.array { json.null } or schema.enum
  end
end

-- What a description says of a value beside what is valid: the outer one's stands.
local NOTES <const> = { default = true, description = true, example = true, title = true }

local function can_merge(schema, part)
  for name in pairs(part) do
    if name == "$ref" or schema[name] ~= nil and not NOTES[name] then
      return false
    end
  end
  return true
end

-- Whether something can be required besides: what `allOf` is must be told when it is no list.
local function takes_more(schema)
  return schema.allOf == nil or is_list(schema.allOf)
end

local function require_all(schema, part)
  schema.allOf = schema.allOf or json.array {}
  table.insert(schema.allOf, 1, part)
end

-- A choice of one is that one.
local function take_only_choice(schema, word)
  local part = schema[word][1]
  schema[word] = nil
  if not can_merge(schema, part) then
    require_all(schema, part)
    return
  end
  for name, value in pairs(part) do
    if schema[name] == nil then
      schema[name] = value
    end
  end
end

local function is_null(part)
  return shape.type(part) == "object" and part.type == "null"
end

-- A choice between something and null: anyOf [{ type = "string" }, { type = "null" }]. True when one thing
-- was left, which the schema is now.
local function lower_choice(schema, word)
  local choices = schema[word]
  if not is_list(choices) then
    return false
  end
  local left = json.array {}
  for _, part in ipairs(choices) do
    table.insert(left, not is_null(part) and part or nil)
  end
  if #left < #choices and #left > 0 then
    schema.nullable, schema[word] = true, left
    if #left == 1 and shape.type(left[1]) == "object" and takes_more(schema) then
      take_only_choice(schema, word)
      return true
    end
  end
  return false
end

-- { exclusiveMinimum = 5 } is { minimum = 5, exclusiveMinimum = true }.
local function lower_bound(schema, word, exclusive, is_stricter)
  local bound, other = schema[exclusive], schema[word]
  if type(bound) ~= "number" then
    return
  elseif type(other) == "number" and is_stricter(other, bound) then
    schema[exclusive] = nil
  else
    schema[word], schema[exclusive] = bound, true
  end
end

local function is_more(a, b)
  return a > b
end

local function is_less(a, b)
  return a < b
end

local function lower_values(schema)
  if schema.const ~= nil then
    schema.nullable = schema.const == json.null or schema.nullable
    schema.enum, schema.const = json.array { schema.const }, nil
  end
  if is_list(schema.examples) then
    if schema.example == nil then
      schema.example = schema.examples[1]
    end
    schema.examples = nil
  end
  if schema.contentEncoding == "base64" then
    schema.format = schema.format or "byte"
  elseif schema.contentMediaType == "application/octet-stream" and schema.type == nil then
    schema.type, schema.format = "string", "binary"
  end
  schema.contentEncoding, schema.contentMediaType, schema.contentSchema = nil, nil, nil
end

local function lower_lists(schema)
  if is_list(schema.required) and #schema.required == 0 then
    schema.required = nil
  end
  if schema.type == "array" and schema.items == nil then
    schema.items = json.object {}
  end
end

-- Beside a reference, 3.0 reads nothing.
local function lower_reference(schema)
  local rest = {}
  for name in pairs(schema) do
    if name ~= "$ref" and name ~= "description" and name ~= "summary" then
      rest[name] = true
    end
  end
  schema.summary = nil
  if schema["$ref"] ~= nil and next(rest) and takes_more(schema) then
    require_all(schema, { ["$ref"] = schema["$ref"] })
    schema["$ref"] = nil
  end
end

-- Words that say nothing of a value.
local SILENT <const> = {
  ["$anchor"] = true, ["$comment"] = true, ["$id"] = true, ["$schema"] = true,
}

-- Words of JSON Schema's that 3.0 has not. Misspelt ones stay, to be told of.
local UNKNOWN <const> = {
  ["$dynamicAnchor"] = true, ["$dynamicRef"] = true, contains = true, dependentRequired = true,
  dependentSchemas = true, ["else"] = true, ["if"] = true, maxContains = true,
  minContains = true, patternProperties = true, prefixItems = true, propertyNames = true,
  ["then"] = true, unevaluatedItems = true, unevaluatedProperties = true,
}

local function leave_out(schema, here, run)
  for _, name in ipairs(order.keys(schema)) do
    if UNKNOWN[name] then
      table.insert(run.left_out, { name = name, here = here })
    end
    if UNKNOWN[name] or SILENT[name] then
      schema[name] = nil
    end
  end
end

--- Lowers a schema, in place where it is an object. Returns what stands there now.
---@param schema any
---@param here engine.swagger.Place
---@param run { left_out: engine.swagger.LeftOut[], seen: table<table, true> }
---@return any
function schema_31.lower(schema, here, run)
  if schema == true then
    return json.object {}
  elseif schema == false then
    return { ["not"] = json.object {} }
  elseif shape.type(schema) ~= "object" or run.seen[schema] then
    return schema
  end
  leave_out(schema, here, run)
  lower_type(schema)
  if lower_choice(schema, "anyOf") or lower_choice(schema, "oneOf") then
    return schema_31.lower(schema, here, run)
  end
  lower_bound(schema, "minimum", "exclusiveMinimum", is_more)
  lower_bound(schema, "maximum", "exclusiveMaximum", is_less)
  lower_values(schema)
  lower_lists(schema)
  lower_reference(schema)
  return schema
end

return schema_31
