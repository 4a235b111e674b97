--- What an author should know of a description that is processed, and works: operations that anyone may
--- call, lists of which API Gateway passes on a part, and paths that share a function by their names alone.
local order = require "engine.order"
local reference = require "engine.swagger.reference"
local security_rules = require "engine.swagger.security_rules"

local warnings = {}

local function named(operation)
  return operation.verb:upper() .. " " .. operation.path
end

-- The schemes that an operation requires; those that API Gateway checks close it.
local function required_of(document, operation)
  local names = {}
  for _, requirement in ipairs(operation.security or document.security or {}) do
    for name in pairs(requirement) do
      names[name] = true
    end
  end
  return names
end

-- Whether anyone may call it; schemes that are required and not checked are noted.
local function is_open(document, schemes, operation, unchecked)
  local passed = {}
  if operation[security_rules.OWN_AUTHORIZATION] ~= nil then
    return false
  end
  for name in pairs(required_of(document, operation)) do
    if security_rules.is_checked(reference.follow(document, schemes[name])) then
      return false
    end
    passed[name] = true
  end
  for name in pairs(passed) do
    unchecked[name] = true
  end
  return true
end

local function of_security(state, list)
  local document, open, unchecked = state.document, {}, {}
  local schemes = state.way.security_definitions(document) or {}
  for _, operation in ipairs(list) do
    local own = document.paths[operation.path][operation.verb]
    if is_open(document, schemes, own, unchecked) then
      table.insert(open, named(operation))
    end
  end
  local result, names = {}, order.keys(unchecked)
  if #open > 0 then
    table.insert(result, "anyone may call " .. table.concat(open, ", "))
  end
  if #names > 0 then
    table.insert(result, ("API Gateway does not check %s: it needs an "
      .. "'x-amazon-apigateway-authorizer' there"):format(table.concat(names, ", ")))
  end
  return result
end

local function of_lists(state, list)
  local names = {}
  for _, operation in ipairs(list) do
    for _, parameter in ipairs(operation.parameters) do
      if parameter.type == "array" and parameter.is_exploded then
        table.insert(names, ("%s of %s"):format(parameter.name, named(operation)))
      end
    end
  end
  return #names > 0 and ("of a list that is sent as a=1&a=2, API Gateway passes on the last item; "
    .. "say %s in %s"):format(state.way.JOINED, table.concat(names, ", ")) or nil
end

-- What the module's name is made of, told apart: "a_b", "c" of /a_b/{id}/c.
local function plain_segments(path)
  return (path:gsub("/{[^/]*", ""):gsub("/$", ""))
end

-- Paths that happen to make one module's name, /a_b/c and /a/b_c: of each such function, the first two.
-- What a dispatch object names is meant.
local function of_modules(list)
  local first_of, told, result = {}, {}, {}
  for _, operation in ipairs(list) do
    local key = table.concat({ operation.lambda, operation.module, operation.function_name }, "\0")
    local first = not operation.is_named and (first_of[key] or operation)
    if first and not told[key] and plain_segments(first.path) ~= plain_segments(operation.path) then
      told[key] = true
      table.insert(result, ("%s and %s are both answered by '%s' of the module '%s'; where that is "
        .. "not meant, name another in a dispatch object"):format(named(first), named(operation),
        operation.function_name, operation.module))
    end
    first_of[key] = first or first_of[key]
  end
  return result
end

--- What is to be said of a processed document.
---@param document table
---@param way engine.swagger.Dialect
---@param list engine.swagger.Operation[]  those that are dispatched
---@return string[]
function warnings.of(document, way, list)
  local state = { document = document, way = way }
  local result = of_security(state, list)
  table.insert(result, of_lists(state, list))
  for _, text in ipairs(of_modules(list)) do
    table.insert(result, text)
  end
  return result
end

return warnings
