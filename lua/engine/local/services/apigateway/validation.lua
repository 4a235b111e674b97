--- Request validators: parameters that must be there, and bodies that must fit a model.
local json = require "host.json"
local json_schema = require "engine.json_schema"
local models = require "engine.local.http.models"
local refusal = require "engine.local.services.apigateway.refusal"

local validation = {}

-- "method.request.querystring.q" → "querystring", "q"
local function parameter_of(key)
  return key:match "^method%.request%.(%a+)%.(.+)$"
end

local HAS <const> = {
  path = function(exchange, name)
    return exchange.parameters[name] ~= nil
  end,
  querystring = function(exchange, name)
    local value = exchange:query()[name]
    return value ~= nil and value ~= ""
  end,
  header = function(exchange, name)
    local value = exchange:header(name)
    return value ~= nil and value ~= ""
  end,
}

local function required_of(parameters)
  local required = {}
  for key, is_required in pairs(parameters or {}) do
    local place, name = parameter_of(key)
    if is_required == true and HAS[place] then
      table.insert(required, { has = HAS[place], name = name })
    end
  end
  table.sort(required, function(a, b)
    return a.name < b.name
  end)
  return required
end

local function check_parameters(exchange, required)
  local missing = {}
  for _, parameter in ipairs(required) do
    if not parameter.has(exchange, parameter.name) then
      table.insert(missing, parameter.name)
    end
  end
  if #missing > 0 then
    refusal.raise("BAD_REQUEST_PARAMETERS",
      ("Missing required request parameters: [%s]"):format(table.concat(missing, ", ")))
  end
end

local function texts_of(all)
  local texts = {}
  for name, model in pairs(all) do
    texts[name] = model.schema
  end
  return texts
end

local function schemas_of(method, all)
  local schemas = {}
  for kind, name in pairs(method.requestModels or {}) do
    schemas[kind:lower()] = all[name] and json.decode(all[name].schema)
  end
  return schemas
end

local function invalid_body(detail)
  refusal.raise("BAD_REQUEST_BODY", "Invalid request body", { detail = detail })
end

local function problem_texts(problems)
  local texts = {}
  for _, problem in ipairs(problems) do
    table.insert(texts, problem.message)
  end
  return table.concat(texts, ", ")
end

local function check_body(exchange, schemas, resolve)
  local schema = schemas[exchange:content_type()]
  if not schema then
    return -- no model speaks of this type
  end
  local text = exchange:text()
  local value, err = json.decode(text ~= "" and text or "{}")
  if value == nil and err then
    invalid_body(tostring(err))
  end
  local problems = json_schema.problems(schema, value, { resolve = resolve })
  if #problems > 0 then
    invalid_body(("[%s]"):format(problem_texts(problems)))
  end
end

--- What checks the requests to a method; nil when nothing is asked of them.
---@param method table
---@param definition engine.local.services.apigateway.Definition
---@return (fun(exchange: engine.local.services.apigateway.Exchange))?
function validation.compile(method, definition)
  local validator = definition.requestValidators[method.requestValidatorId or ""]
  if not validator then
    return nil
  end
  local required = validator.validateRequestParameters and required_of(method.requestParameters)
  local schemas = validator.validateRequestBody and schemas_of(method, definition.models)
  local resolve = models.resolver(texts_of(definition.models))
  return function(exchange)
    if required then
      check_parameters(exchange, required)
    end
    if schemas then
      check_body(exchange, schemas, resolve)
    end
  end
end

return validation
