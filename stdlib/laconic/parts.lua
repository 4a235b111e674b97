--- What can be said of a template's other parts: parameters, outputs, conditions, mappings.
---@module "laconic.parts"
local check = require "engine.check"
local resource = require "laconic.resource"

local parts = {}

-- Our fields and CloudFormation's, which the engine writes.
local PARAMETER = {
  name = resource.ID,
  type = { type = "string" },
  default = { type = { "string", "number" } },
  description = { type = "string", most = 4000 },
  allowed_values = { each = { type = { "string", "number" } }, least = 1 },
  allowed_pattern = { type = "string" },
  constraint_description = { type = "string" },
  min_length = { type = "integer", least = 0 },
  max_length = { type = "integer", least = 0 },
  min_value = { type = "number" },
  max_value = { type = "number" },
  no_echo = { type = "boolean" },
}

local OUTPUT = {
  name = resource.ID,
  value = { required = true },
  description = { type = "string", most = 1024 },
  export = { type = "text" },
  condition = { type = { "string", "table" } },
}

local CONDITION = { name = resource.ID, value = { type = "table", required = true } }

local MAPPING = { name = resource.ID, value = { type = "table", required = true } }

local function copy(options)
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  return entry
end

--- { name, type = "String", default, description, allowed_values, allowed_pattern, min_length,
--- max_length, min_value, max_value, no_echo, constraint_description }
---@param options table
---@return table
function parts.parameter(options)
  check.fields("parameter", options, PARAMETER)
  local entry = copy(options)
  entry.type = options.type or "String"
  return entry
end

--- { name, value, description, export, condition }: `export` is the name other stacks import.
---@param options table
---@return table
function parts.output(options)
  check.fields("output", options, OUTPUT)
  resource.check_value("output.value", options.value)
  check.type("output.value", options.value, { "text", "number" })
  local entry = copy(options)
  entry.condition = resource.condition("output.condition", options.condition)
  return entry
end

--- { name, value }: `value` is cfn.equals, cfn.and_, cfn.or_ or cfn.not_.
---@param options table
---@return table
function parts.condition(options)
  check.fields("condition", options, CONDITION)
  resource.check_value("condition.value", options.value)
  return copy(options)
end

--- { name, value = { key = { key = value } } }
---@param options table
---@return table
function parts.mapping(options)
  check.fields("mapping", options, MAPPING)
  for first, inner in pairs(options.value) do
    check.type("mapping.value: key", first, "string")
    check.type("mapping.value." .. first, inner, "table")
  end
  resource.check_value("mapping.value", options.value)
  return copy(options)
end

return parts
