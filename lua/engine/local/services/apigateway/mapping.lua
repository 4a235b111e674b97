--- Mapping expressions: how a method's request, the context or an integration's answer is said where
--- parameters are mapped: 'static', method.request.querystring.q, context.identity.sourceIp,
--- stageVariables.colour, integration.response.body.items[0].name, …
local json = require "host.json"

local mapping = {}

-- Follows `.name`, `['name']` and `[3]` into a value.
local function follow(value, path)
  local place = 1
  while place <= #path do
    local name, last = path:match("^%.?([%a_$][%w_$-]*)()", place)
    if not name then
      name, last = path:match("^%[['\"]([^'\"]+)['\"]%]()", place)
    end
    local index
    if not name then
      index, last = path:match("^%[(%d+)%]()", place)
    end
    if not last or type(value) ~= "table" then
      return nil
    end
    value = value[name or tonumber(index) + 1]
    place = last
  end
  return value
end

local function of_body(text, path)
  local value = json.decode(text ~= "" and text or "{}")
  return follow(value, (path:gsub("^%$", "")))
end

local function first_of(values, name)
  local list = values[name]
  return list and list[#list]
end

local REQUEST <const> = {
  path = function(exchange, name)
    return exchange.parameters[name]
  end,
  querystring = function(exchange, name)
    return first_of(exchange:multi_query(), name)
  end,
  multivaluequerystring = function(exchange, name)
    local list = exchange:multi_query()[name]
    return list and (#list == 1 and list[1] or list)
  end,
  header = function(exchange, name)
    return exchange:header(name)
  end,
  multivalueheader = function(exchange, name)
    local list = exchange:header_list(name)
    return list and table.concat(list, ",")
  end,
}

local function of_request(exchange, place, name)
  if place == "body" then
    local text = exchange:text()
    return name == "" and text or of_body(text, name)
  end
  local read = REQUEST[place]
  return read and read(exchange, name)
end

--- The value of an expression; nil when there is none.
---@param exchange engine.local.services.apigateway.Exchange
---@param expression any
---@param response? engine.local.services.apigateway.Given  the integration's
---@return any
function mapping.value(exchange, expression, response)
  if type(expression) ~= "string" then
    return expression
  end
  local static = expression:match "^'(.*)'$"
  if static then
    return static
  end
  local head, rest = expression:match "^(%a+)%.(.+)$"
  if head == "context" then
    return follow(exchange:context(), rest)
  elseif head == "stageVariables" then
    return exchange.stage.variables[rest]
  elseif head == "method" then
    return of_request(exchange, rest:match "^request%.(%a+)%.?(.*)$")
  elseif head == "integration" and response then
    local place, name = rest:match "^response%.(%a+)%.?(.*)$"
    if place == "multivalueheader" and response.all_headers then
      local list = response.all_headers[name:lower()]
      return list and table.concat(list, ",")
    elseif place == "header" or place == "multivalueheader" then
      return response.headers[name:lower()]
    elseif place == "body" then
      return name == "" and response.body or of_body(response.body, name)
    end
  end
  return nil
end

--- A value as the text of a header or a parameter.
---@return string?
function mapping.text(value)
  if value == nil or value == json.null then
    return nil
  elseif type(value) == "table" then
    return (json.encode(value))
  end
  return tostring(value)
end

return mapping
