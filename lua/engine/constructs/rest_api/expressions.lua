--- What an author of a REST API writes in other languages than Lua: regular expressions and mapping
--- templates. API Gateway reads some of it when the stack is made, and the rest with the first request.
local failure = require "engine.failure"
local order = require "engine.order"
local regex = require "host.regex"
local vtl = require "host.vtl"

local expressions = {}

local function check_compiled(compile, where, field, text)
  local _, err = compile(text)
  if err then
    failure.raise("invalid", field .. ": " .. err.message, { code = "E105", where = where })
  end
end

local function check_pattern(where, field, text)
  if text ~= nil then
    check_compiled(regex.compile, where, field, text)
  end
end

local function check_templates(where, field, templates)
  for _, kind in ipairs(order.keys(templates or {})) do
    check_compiled(vtl.compile, where, ("%s['%s']"):format(field, kind), templates[kind])
  end
end

-- Values that may look like anything.
local EXAMPLES <const> = { default = true, enum = true, example = true }

--- Checks the patterns of a JSON schema.
---@param where string
---@param field string  how the schema is called
---@param schema table
function expressions.check_schema(where, field, schema)
  if type(schema.pattern) == "string" then
    check_pattern(where, field .. ".pattern", schema.pattern)
  end
  local named = type(schema.patternProperties) == "table" and schema.patternProperties or {}
  for _, pattern in ipairs(order.keys(named)) do
    check_pattern(where, field .. ".patternProperties", pattern)
  end
  for _, key in ipairs(order.keys(schema)) do
    if type(schema[key]) == "table" and not EXAMPLES[key] then
      expressions.check_schema(where, ("%s.%s"):format(field, key), schema[key])
    end
  end
end

--- Checks what a method has of them.
---@param method table  what laconic.rest_api.method read
function expressions.check_method(method)
  local options, where = method.options, method.where
  check_templates(where, "method.request_templates", options.request_templates)
  for i, response in ipairs(options.responses or {}) do
    local field = ("method.responses[%d]."):format(i)
    check_pattern(where, field .. "pattern", response.pattern)
    check_templates(where, field .. "templates", response.templates)
  end
  for _, content_type in ipairs(order.keys(method.models)) do
    local schema = method.models[content_type].schema
    if schema then
      expressions.check_schema(where, "method.model", schema)
    end
  end
end

--- Checks what an authorizer has of them.
---@param authorizer table  what laconic.rest_api.access read
function expressions.check_authorizer(authorizer)
  check_pattern(authorizer.where, "authorizer.validation", authorizer.validation)
end

return expressions
