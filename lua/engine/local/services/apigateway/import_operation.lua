--- One operation of an imported document as a method: its parameters, models, responses and
--- integration.
local api_definition = require "engine.local.api_definition"
local json = require "host.json"
local order = require "engine.order"
local schemas = require "engine.local.services.apigateway.import_schema"
local security = require "engine.local.services.apigateway.import_security"
local shape = require "engine.local.import_shape"

local import_operation = {}

local INTEGRATION <const> = "x-amazon-apigateway-integration"
local VALIDATOR <const> = "x-amazon-apigateway-request-validator"
local DEFAULT_TYPE <const> = "application/json"
local PLACES <const> = { header = "header", path = "path", query = "querystring" }

-- An operation's parameters, and the path's that it does not say itself.
local function parameters_of(run, place, operation, item)
  local list, said = {}, {}
  for _, source in ipairs { operation, item } do
    for _, given in ipairs(shape.list(source.parameters, place .. ".parameters")) do
      local parameter =
        shape.map(api_definition.follow(run.body, given), "a parameter of " .. place)
      local key = ("%s %s"):format(tostring(parameter["in"]), tostring(parameter.name))
      if not said[key] then
        said[key] = true
        table.insert(list, parameter)
      end
    end
  end
  return list
end

-- What "consumes" or "produces" says, of the operation or of the document.
local function kinds_of(run, place, operation, word)
  local kinds = shape.texts(operation[word] or run.body[word], place .. "." .. word)
  return #kinds > 0 and kinds or { DEFAULT_TYPE }
end

local function read_parameters(run, place, operation, item, method)
  method.requestParameters, method.requestModels = json.object {}, json.object {}
  for _, parameter in ipairs(parameters_of(run, place, operation, item)) do
    local where = PLACES[parameter["in"]]
    if where then
      local key = ("method.request.%s.%s"):format(where, tostring(parameter.name))
      method.requestParameters[key] = parameter.required == true or where == "path"
    elseif parameter["in"] == "body" then
      local name = schemas.name_of(run, place, parameter.schema)
      for _, kind in ipairs(kinds_of(run, place, operation, "consumes")) do
        method.requestModels[kind] = name
      end
    end
  end
end

-- OpenAPI 3 says media types and schemas together.
local function models_of_content(run, place, content)
  local models = json.object {}
  content = shape.map(content, place .. ".content")
  for _, kind in ipairs(order.keys(content)) do
    local said = shape.map(content[kind], ("%s.content.%s"):format(place, kind))
    models[kind] = schemas.name_of(run, place .. kind, said.schema)
  end
  return models
end

local function read_response(run, place, operation, status, response)
  local read = { statusCode = status, responseParameters = json.object {} }
  for _, name in ipairs(order.keys(shape.map(response.headers, place .. ".headers"))) do
    read.responseParameters["method.response.header." .. name] = false
  end
  local model = schemas.name_of(run, place .. " " .. status, response.schema)
  if response.content then
    read.responseModels = models_of_content(run, place .. status, response.content)
  elseif model then
    read.responseModels = json.object {}
    for _, kind in ipairs(kinds_of(run, place, operation, "produces")) do
      read.responseModels[kind] = model
    end
  end
  return read
end

local function read_responses(run, place, operation, method)
  method.methodResponses = json.object {}
  local said = shape.map(operation.responses, place .. ".responses")
  for _, status in ipairs(order.keys(said)) do
    if status:find "^%d%d%d$" then
      local response = shape.map(api_definition.follow(run.body, said[status]),
        ("%s.responses.%s"):format(place, status))
      method.methodResponses[status] = read_response(run, place, operation, status, response)
    end
  end
end

-- By status, as API Gateway keeps them; "default" is the one without a pattern.
local function integration_responses(said, place)
  local responses = json.object {}
  for _, pattern in ipairs(order.keys(said)) do
    local here = ("%s.%s"):format(place, pattern)
    local response = shape.map(said[pattern], here)
    local status = tostring(response.statusCode)
    local handling = shape.text(response.contentHandling, here .. ".contentHandling")
    responses[status] = {
      statusCode = status,
      selectionPattern = pattern ~= "default" and pattern or nil,
      responseParameters = shape.map(response.responseParameters, here .. ".responseParameters"),
      responseTemplates = shape.map(response.responseTemplates, here .. ".responseTemplates"),
      contentHandling = handling and handling:upper(),
    }
  end
  return responses
end

local function read_integration(said, place)
  if said == nil then
    return nil
  end
  said = shape.map(said, place)
  local function text(name)
    return shape.text(said[name], place .. "." .. name)
  end
  local function map(name)
    return shape.map(said[name], place .. "." .. name)
  end
  local handling = text "contentHandling"
  return {
    type = (text "type" or ""):upper(),
    httpMethod = text "httpMethod",
    uri = text "uri",
    connectionType = text "connectionType",
    credentials = text "credentials",
    requestParameters = map "requestParameters",
    requestTemplates = map "requestTemplates",
    passthroughBehavior = (text "passthroughBehavior" or "when_no_match"):upper(),
    contentHandling = handling and handling:upper(),
    timeoutInMillis = tonumber(tostring(said.timeoutInMillis)),
    integrationResponses = integration_responses(map "responses", place .. ".responses"),
  }
end

--- Reads an operation.
---@param run engine.local.services.apigateway.Import
---@param place string  "paths./pets.get"
---@param operation table
---@param item table     the path's
---@return table method  as GetMethod answers
function import_operation.read(run, place, operation, item)
  local method = { operationName = shape.text(operation.operationId, place .. ".operationId") }
  local validator = shape.text(operation[VALIDATOR] or run.body[VALIDATOR], VALIDATOR)
  method.requestValidatorId = run.validators[validator or ""]
  security.apply(run, operation, method)
  read_parameters(run, place, operation, item, method)
  if operation.requestBody then
    local said =
      shape.map(api_definition.follow(run.body, operation.requestBody), place .. ".requestBody")
    method.requestModels = models_of_content(run, place .. ".requestBody", said.content)
  end
  read_responses(run, place, operation, method)
  method.methodIntegration =
    read_integration(operation[INTEGRATION], ("%s.%s"):format(place, INTEGRATION))
  return method
end

return import_operation
