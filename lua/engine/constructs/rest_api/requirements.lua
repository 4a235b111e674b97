--- What methods of a REST API ask of a request before it goes on: parameters, and bodies that obey
--- models.
local ids = require "engine.constructs.rest_api.ids"
local order = require "engine.order"
local value = require "engine.constructs.parts.value"

local requirements = {}

--- The parameters that are named, and whether they are required: those of the path always are.
---@param method table
---@return table<string, boolean>?
function requirements.parameters(method)
  local parameters = {}
  for _, segment in ipairs(method.segments) do
    if segment.name then
      parameters["method.request.path." .. segment.name] = true
    end
  end
  local options = method.options
  for place, said in pairs { querystring = options.query, header = options.headers } do
    for name, need in pairs(said) do
      parameters[("method.request.%s.%s"):format(place, name)] = need == "required"
    end
  end
  return next(parameters) and parameters or nil
end

local function needs_parameters(options)
  for _, said in pairs { options.query or {}, options.headers or {} } do
    for _, need in pairs(said) do
      if need == "required" then
        return true
      end
    end
  end
  return false
end

local VALIDATORS <const> = {
  body = { part = "Body", body = true, parameters = false },
  parameters = { part = "Parameters", body = false, parameters = true },
  all = { part = "", body = true, parameters = true },
}

-- Without a word of its author's, a method is validated as far as there is something to validate.
local function validation(method)
  local said = method.options.validate
  if said == nil then
    local body, parameters = next(method.models) ~= nil, needs_parameters(method.options)
    said = body and parameters and "all" or body and "body" or parameters and "parameters"
  end
  return said == true and VALIDATORS.all or VALIDATORS[said]
end

--- The validator of a method, shared by all that validate as much.
---@param method table
---@param context table  see methods.add
---@return table?
function requirements.validator(method, context)
  local kind = validation(method)
  if not kind then
    return nil
  end
  local id = context.api_id .. kind.part .. "Validator"
  if not context.made[id] then
    context.add(id, {
      Type = "AWS::ApiGateway::RequestValidator",
      Properties = {
        RestApiId = value.ref(context.api_id),
        ValidateRequestBody = kind.body,
        ValidateRequestParameters = kind.parameters,
      },
    }, method.where)
  end
  return value.ref(id)
end

local DRAFT <const> = "http://json-schema.org/draft-04/schema#"

--- The resource of a model.
---@param api_id string
---@param said { schema: table, content_type: string, name?: string, description?: string }
---@return table
function requirements.model(api_id, said)
  local schema = { ["$schema"] = DRAFT }
  for key, item in pairs(said.schema) do
    schema[key] = item
  end
  return {
    Type = "AWS::ApiGateway::Model",
    Properties = {
      ContentType = said.content_type,
      Description = said.description,
      Name = said.name,
      RestApiId = value.ref(api_id),
      Schema = schema,
    },
  }
end

--- The models of a method's bodies by content type; those that it alone has are added.
---@param method table
---@param context table
---@return table<string, table>?
function requirements.models(method, context)
  local models = {}
  for _, content_type in ipairs(order.keys(method.models)) do
    local model = method.models[content_type]
    local id = model.id or ids.model(context.words, method, content_type)
    if not model.id then
      context.add(id, requirements.model(context.api_id, {
        schema = model.schema,
        content_type = content_type,
      }), method.where)
    end
    models[content_type] = value.ref(id)
  end
  return next(models) and models or nil
end

return requirements
