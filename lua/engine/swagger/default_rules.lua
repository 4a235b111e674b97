--- Defaults are values of what they are defaults of: a template writes them as they are, and a client
--- that says nothing must not be refused for it.
local json = require "host.json"
local json_schema = require "engine.json_schema"
local place = require "engine.swagger.place"

local default_rules = {}

-- A schema with what it may refer to: references are looked up from the root.
local function rooted(document, schema)
  return {
    definitions = document.definitions,
    components = document.components,
    allOf = { schema },
  }
end

-- What of a parameter, an item or a header is no schema.
local NO_SCHEMA <const> = { required = true, type = true }

local function schema_of(value)
  local schema = {}
  for name, said in pairs(value) do
    if not NO_SCHEMA[name] then
      schema[name] = said
    end
  end
  schema.type = value.type ~= "file" and value.type or nil
  return schema
end

local function check(document, schema, default, here, checker)
  if default == nil or default == json.null then
    return
  end
  local found = json_schema.problems(rooted(document, schema), default)[1]
  if found then
    local at = found.pointer ~= "" and " at " .. found.pointer or ""
    checker:add(place.below(here, "default"),
      ("is not what it is the default of%s: %s"):format(at, found.message),
      "correct one of the two")
  end
end

--- The default of a schema.
---@param value table
---@param here engine.swagger.Place
---@param checker engine.swagger.Checker
function default_rules.check_schema(value, here, checker)
  check(checker.document, value, value.default, here, checker)
end

--- The default of an item, a parameter or a header.
---@param value table
---@param here engine.swagger.Place
---@param checker engine.swagger.Checker
function default_rules.check_plain(value, here, checker)
  check(checker.document, schema_of(value), value.default, here, checker)
end

return default_rules
