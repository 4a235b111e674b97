--- The JSON type of what a schema describes, also where it says so by its parts: all of them describe
--- the same value, and one that describes properties is of an object.
local reference = require "engine.swagger.reference"

local schema_type = {}

-- "string" of "string" and of ["string", "null"]: null is as good as absent.
local function said(value)
  if type(value) == "string" then
    return value
  end
  local found
  for _, name in ipairs(type(value) == "table" and value or {}) do
    if name ~= "null" and found then
      return nil
    end
    found = name ~= "null" and name or found
  end
  return found
end

local function list_of(value)
  return type(value) == "table" and value or {}
end

-- Of a choice: what all of them are. `find` is told below.
local function agreed(document, choices, seen, find)
  local found
  for _, choice in ipairs(list_of(choices)) do
    local own = find(document, choice, seen)
    if own == nil or found and own ~= found then
      return nil
    end
    found = own
  end
  return found
end

-- Each schema is looked at once, so that a circle has no type and many parts cost no more than they are.
local function find(document, written, seen)
  local schema = reference.follow(document, written)
  if type(schema) ~= "table" or seen[schema] then
    return nil
  end
  seen[schema] = true
  local own = said(schema.type) or type(schema.properties) == "table" and "object" or nil
  if own then
    return own, schema
  end
  for _, part in ipairs(list_of(schema.allOf)) do
    local its, teller = find(document, part, seen)
    if its then
      return its, teller
    end
  end
  return agreed(document, schema.oneOf, seen, find) or agreed(document, schema.anyOf, seen, find),
    schema
end

--- The type, and the schema that says it; nil when it may be of several, or of any.
---@param document table
---@param schema any
---@return string? type
---@return table? teller
function schema_type.of(document, schema)
  return find(document, schema, {})
end

return schema_type
