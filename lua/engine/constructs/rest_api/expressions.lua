--- What an author of a REST API writes in other languages than Lua: regular expressions and mapping
--- templates.
local failure = require "engine.failure"
local order = require "engine.order"
local patterns = require "engine.constructs.parts.patterns"
local vtl = require "host.vtl"

local expressions = {}

local function check_templates(where, field, templates)
  for _, kind in ipairs(order.keys(templates or {})) do
    local _, err = vtl.compile(templates[kind])
    if err then
      local problem = ("%s['%s']: %s"):format(field, kind, err.message)
      failure.raise("invalid", problem, { code = "E105", where = where })
    end
  end
end

local function check_method(method)
  local options, where = method.options, method.where
  check_templates(where, "method.request_templates", options.request_templates)
  for i, response in ipairs(options.responses or {}) do
    local field = ("method.responses[%d]."):format(i)
    patterns.check(where, field .. "pattern", response.pattern)
    check_templates(where, field .. "templates", response.templates)
  end
  for _, content_type in ipairs(order.keys(method.models)) do
    patterns.check_schema(where, "method.model", method.models[content_type].schema or {})
  end
end

--- Checks those of an API.
---@param words engine.ConstructWords
function expressions.check(words)
  for _, method in ipairs(words.methods) do
    check_method(method)
  end
  for _, model in ipairs(words.models) do
    patterns.check_schema(model.where, "model.schema", model.schema)
  end
  for _, authorizer in ipairs(words.authorizers) do
    patterns.check(authorizer.where, "authorizer.validation", authorizer.validation)
  end
end

return expressions
