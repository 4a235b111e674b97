--- Models of APIs: JSON schemas with names, which may refer to each other.
local json = require "host.json"

local models = {}

--- What finds the schemas that others refer to: by the last part of a reference.
---@param texts table<string, string>  schemas by name
---@return fun(reference: string): table?
function models.resolver(texts)
  return function(reference)
    local name = reference:match "/models/([%w]+)$" or reference:match "^#/definitions/([%w]+)$"
      or reference:match "^#/components/schemas/([%w]+)$"
    local text = name and texts[name]
    return text and json.decode(text)
  end
end

--- A schema as the text that API Gateway keeps; nil when it is none. A template gives a structure or
--- a text.
---@param said any
---@return string?
function models.text(said)
  if type(said) == "table" then
    return assert(json.encode(said))
  end
  return type(said) == "string" and type(json.decode(said)) == "table" and said or nil
end

return models
