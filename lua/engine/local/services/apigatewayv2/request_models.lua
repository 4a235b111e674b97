--- What the messages of a route of a WebSocket API have to look like ("Request validation for WebSocket
--- APIs in API Gateway",
--- docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-request-validation.html): its model
--- selection expression names one of its request models, or `$default` stands in. Where neither is
--- there a message is refused; without an expression nothing is asked of it.
local json = require "host.json"
local json_schema = require "engine.json_schema"
local models = require "engine.local.http.models"
local selection = require "engine.local.services.apigatewayv2.selection"

local request_models = {}

-- The API's models by their names.
local function texts_of(definition)
  local texts = {}
  for _, model in pairs(definition.models or {}) do
    texts[model.Name] = model.Schema
  end
  return texts
end

--- What checks a route's messages; nil when nothing is asked of them.
---@param route table  its properties
---@param definition engine.local.services.apigatewayv2.Definition
---@return (fun(message: engine.local.services.apigatewayv2.Message): boolean)?
function request_models.compile(route, definition)
  local expression = route.ModelSelectionExpression
  if type(expression) ~= "string" or expression == "" then
    return nil
  end
  local select, texts, schemas = selection.compile(expression), texts_of(definition), {}
  for key, name in pairs(route.RequestModels or {}) do
    schemas[key] = texts[name] and json.decode(texts[name])
  end
  local options = { resolve = models.resolver(texts) }
  return function(message)
    local schema = schemas[select(message) or ""] or schemas["$default"]
    local value, is_json = selection.body(message)
    return schema ~= nil and is_json and #json_schema.problems(schema, value, options) == 0
  end
end

return request_models
