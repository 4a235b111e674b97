--- Regular expressions that an author says: of functions' errors, of tokens, in JSON schemas. API Gateway
--- reads them when the stack is made, or with the first request.
local failure = require "engine.failure"
local order = require "engine.order"
local regex = require "host.regex"

local patterns = {}

--- Refuses what cannot be read, at its author's line.
---@param where string
---@param field string
---@param text? string
function patterns.check(where, field, text)
  local _, err = nil, nil
  if text ~= nil then
    _, err = regex.compile(text)
  end
  if err then
    failure.raise("invalid", field .. ": " .. err.message, { code = "E105", where = where })
  end
end

-- Values that may look like anything.
local EXAMPLES <const> = { default = true, enum = true, example = true }

--- The same for all of a JSON schema.
---@param where string
---@param field string  how the schema is called
---@param schema table
function patterns.check_schema(where, field, schema)
  if type(schema.pattern) == "string" then
    patterns.check(where, field .. ".pattern", schema.pattern)
  end
  local named = type(schema.patternProperties) == "table" and schema.patternProperties or {}
  for _, pattern in ipairs(order.keys(named)) do
    patterns.check(where, field .. ".patternProperties", pattern)
  end
  for _, key in ipairs(order.keys(schema)) do
    if type(schema[key]) == "table" and not EXAMPLES[key] then
      patterns.check_schema(where, ("%s.%s"):format(field, key), schema[key])
    end
  end
end

return patterns
