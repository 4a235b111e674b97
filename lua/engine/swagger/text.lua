--- Texts in mapping templates: what an author's document says must come out as it is, whatever
--- Velocity would make of it.
local json = require "host.json"

local text = {}

-- JSON that has neither '$' nor '#' is plain text to Velocity.
local ESCAPES <const> = { ["$"] = "\\u0024", ["#"] = "\\u0023" }

--- A value as JSON that no template engine takes for its own.
---@param value any
---@return string
function text.inert(value)
  return (assert(json.encode(value)):gsub("[$#]", ESCAPES))
end

--- A text literal of Velocity: within these quotes nothing is evaluated.
---@param value string
---@return string
function text.literal(value)
  return "'" .. value:gsub("'", "''") .. "'"
end

--- What makes a JSON text of an expression's value. The escape function is JavaScript's, whose \' is
--- no JSON.
---@param expression string  "$v"
---@return string
function text.quoted(expression)
  return ([["$util.escapeJavaScript(%s).replaceAll("\\'","'")"]]):format(expression)
end

return text
