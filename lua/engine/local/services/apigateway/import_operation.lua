--- One operation of an imported document as a method: its parameters, models, responses and
--- integration.
local json = require "host.json"
local order = require "engine.order"
local schemas = require "engine.local.services.apigateway.import_schema"
local security = require "engine.local.services.apigateway.import_security"

local import_operation = {}

local DEFAULT_TYPE <const> = "application/json"
local PLACES <const> = { header = "header", path = "path", query = "querystring" }

-- What a "$ref" in this document names, or the value itself.
local function resolved(run, value)
  local reference = type(value) == "table" and value["$ref"]
  if type(reference) ~= "string" or not reference:find "^#/" then
    return value
  end
  local found = run.body
  for part in reference:gmatch "/([^/]+)" do
    found = type(found) == "table" and found[(part:gsub("~1", "/"):gsub("~0", "~"))] or nil
  end
  return found
end

-- An operation's parameters, and the path's that it does not say itself.
local function parameters_of(run, operation, item)
  local list, said = {}, {}
  for _, source in ipairs { operation.parameters or {}, item.parameters or {} } do
    for _, given in ipairs(source) do
      local parameter = resolved(run, given)
      local place = type(parameter) == "table"
        and ("%s %s"):format(tostring(parameter["in"]), tostring(parameter.name))
      if place and not said[place] then
        said[place] = true
        table.insert(list, parameter)
      end
    end
  end
  return list
end

local function consumed(run, operation)
  return operation.consumes or run.body.consumes or { DEFAULT_TYPE }
end

local function produced(run, operation)
  local kinds = operation.produces or run.body.produces or {}
  return #kinds > 0 and kinds or { DEFAULT_TYPE }
end

local function read_parameters(run, place, operation, item, method)
  method.requestParameters, method.requestModels = json.object {}, json.object {}
  for _, parameter in ipairs(parameters_of(run, operation, item)) do
    local where = PLACES[parameter["in"]]
    if where then
      local key = ("method.request.%s.%s"):format(where, parameter.name)
      method.requestParameters[key] = parameter.required == true or where == "path"
    elseif parameter["in"] == "body" then
      local name = schemas.name_of(run, place, parameter.schema)
      for _, kind in ipairs(consumed(run, operation)) do
        method.requestModels[kind] = name
      end
    end
  end
end

-- OpenAPI 3 says media types and schemas together.
local function models_of_content(run, place, content)
  local models = json.object {}
  for _, kind in ipairs(order.keys(type(content) == "table" and content or {})) do
    models[kind] = schemas.name_of(run, place .. kind, content[kind].schema)
  end
  return models
end

local function read_response(run, place, operation, status, response)
  local read = { statusCode = status, responseParameters = json.object {} }
  for _, name in ipairs(order.keys(response.headers or {})) do
    read.responseParameters["method.response.header." .. name] = false
  end
  local model = schemas.name_of(run, place .. " " .. status, response.schema)
  if response.content then
    read.responseModels = models_of_content(run, place .. status, response.content)
  elseif model then
    read.responseModels = json.object {}
    for _, kind in ipairs(produced(run, operation)) do
      read.responseModels[kind] = model
    end
  end
  return read
end

local function read_responses(run, place, operation, method)
  method.methodResponses = json.object {}
  local said = operation.responses or {}
  for _, status in ipairs(order.keys(said)) do
    local response = resolved(run, said[status])
    if tostring(status):find "^%d%d%d$" and type(response) == "table" then
      method.methodResponses[tostring(status)] =
        read_response(run, place, operation, tostring(status), response)
    end
  end
end

-- By status, as API Gateway keeps them; "default" is the one without a pattern.
local function integration_responses(said)
  local responses = json.object {}
  for _, pattern in ipairs(order.keys(said or {})) do
    local response = said[pattern]
    local status = tostring(response.statusCode)
    responses[status] = {
      statusCode = status,
      selectionPattern = pattern ~= "default" and pattern or nil,
      responseParameters = response.responseParameters,
      responseTemplates = response.responseTemplates,
      contentHandling = response.contentHandling and response.contentHandling:upper(),
    }
  end
  return responses
end

local function read_integration(said)
  if type(said) ~= "table" then
    return nil
  end
  return {
    type = tostring(said.type):upper(),
    httpMethod = said.httpMethod,
    uri = said.uri,
    credentials = said.credentials,
    requestParameters = said.requestParameters,
    requestTemplates = said.requestTemplates,
    passthroughBehavior = tostring(said.passthroughBehavior or "when_no_match"):upper(),
    contentHandling = said.contentHandling and tostring(said.contentHandling):upper(),
    timeoutInMillis = tonumber(said.timeoutInMillis),
    integrationResponses = integration_responses(said.responses),
  }
end

--- Reads an operation.
---@param run engine.local.services.apigateway.Import
---@param place string  "GET /pets"
---@param operation table
---@param item table     the path's
---@return table method  as GetMethod answers
function import_operation.read(run, place, operation, item)
  local method = { operationName = operation.operationId }
  local validator = operation["x-amazon-apigateway-request-validator"]
    or run.body["x-amazon-apigateway-request-validator"]
  method.requestValidatorId = run.validators[validator or ""]
  security.apply(run, operation, method)
  read_parameters(run, place, operation, item, method)
  local request_body = resolved(run, operation.requestBody)
  if type(request_body) == "table" then
    method.requestModels = models_of_content(run, place, request_body.content)
  end
  read_responses(run, place, operation, method)
  method.methodIntegration = read_integration(operation["x-amazon-apigateway-integration"])
  return method
end

return import_operation
