--- What must be so of `security`: each scheme it names is defined.
local order = require "engine.order"
local path_rules = require "engine.swagger.path_rules"
local place = require "engine.swagger.place"

local security_rules = {}

--- The scheme that processing defines by itself.
security_rules.OWN = "sigv4"

--- The field by which an operation says by itself who may call it.
security_rules.OWN_AUTHORIZATION = "x-amazon-apigateway-auth"

local API_KEY <const> = "x-api-key"

--- Whether API Gateway checks a scheme: by an authorizer, as a signature, or as a key of its own. Others
--- pass, and nothing is asked.
---@param scheme any
---@return boolean
function security_rules.is_checked(scheme)
  if type(scheme) ~= "table" then
    return false
  end
  return scheme["x-amazon-apigateway-authorizer"] ~= nil
    or scheme["x-amazon-apigateway-authtype"] ~= nil
    or scheme.type == "apiKey" and tostring(scheme.name):lower() == API_KEY
end

local function check_list(list, here, defined, checker)
  for i, requirement in ipairs(type(list) == "table" and list or {}) do
    for _, name in ipairs(order.keys(type(requirement) == "table" and requirement or {})) do
      if defined[name] == nil and name ~= security_rules.OWN then
        checker:add(place.below(place.below(here, i), name), "is no scheme of this document",
          "define it, or correct its name")
      end
    end
  end
end

--- Of the document and of each of its operations.
---@param document table
---@param defined table  the schemes
---@param checker engine.swagger.Checker
function security_rules.check(document, defined, checker)
  check_list(document.security, place.of "security", defined, checker)
  for _, path in ipairs(order.keys(document.paths)) do
    local item = document.paths[path]
    for _, verb in ipairs(path_rules.VERBS) do
      local operation = type(item) == "table" and item[verb]
      if type(operation) == "table" then
        check_list(operation.security, place.of("paths", path, verb, "security"), defined, checker)
      end
    end
  end
end

return security_rules
