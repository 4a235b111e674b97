--- What bodies must look like: JSON schemas (draft 4) as Lua tables.
---@module "laconic.rest_api.schema"
local check = require "engine.check"
local resource = require "laconic.resource"

local schema = {}

---@class laconic.RestModel
---@field name string           letters and digits
---@field schema table          { type = "object", required = { "title" }, properties = { … } }
---@field content_type? string  default "application/json"
---@field description? string

local TYPES = {
  array = true,
  boolean = true,
  integer = true,
  null = true,
  number = true,
  object = true,
  string = true,
}

local check_schema

local function check_type(name, value)
  for _, kind in ipairs(type(value) == "table" and value or { value }) do
    if not TYPES[kind] then
      check.fail("E104", ("%s.type: %s"):format(name, check.unknown("type", kind, TYPES)))
    end
  end
end

local LISTS = { allOf = true, anyOf = true, oneOf = true }
local MAPS = { definitions = true, patternProperties = true, properties = true }
local ONE = { additionalItems = true, additionalProperties = true, items = true, ["not"] = true }

local function check_inside(name, value)
  for key in pairs(LISTS) do
    for i, item in ipairs(value[key] or {}) do
      check_schema(("%s.%s[%d]"):format(name, key, i), item)
    end
  end
  for key in pairs(MAPS) do
    for property, item in pairs(value[key] or {}) do
      check_schema(("%s.%s.%s"):format(name, key, property), item)
    end
  end
  for key in pairs(ONE) do
    if type(value[key]) == "table" and #value[key] == 0 then
      check_schema(("%s.%s"):format(name, key), value[key])
    end
  end
end

-- The mistakes that API Gateway's own refusal says little about.
function check_schema(name, value)
  check.type(name, value, "table")
  if value.type ~= nil then
    check_type(name, value.type)
  end
  if value.required ~= nil then
    check.value(name .. ".required", value.required, { each = { type = "string" }, least = 1 })
  end
  for key in pairs(LISTS) do
    check.type(name .. "." .. key, value[key], { "table", "nil" })
  end
  for key in pairs(MAPS) do
    check.type(name .. "." .. key, value[key], { "table", "nil" })
  end
  check_inside(name, value)
end

--- Checks a schema.
---@param name string
---@param value table
---@return table
function schema.check(name, value)
  check.type(name, value, "table")
  resource.check_value(name, value)
  check_schema(name, value)
  return value
end

--- What every field of a model must obey.
schema.MODEL = {
  name = resource.ID,
  schema = { type = "table", required = true },
  content_type = { type = "string", least = 1 },
  description = { type = "string" },
}

return schema
