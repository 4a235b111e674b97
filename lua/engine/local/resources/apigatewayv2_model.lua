--- AWS::ApiGatewayV2::Model: a JSON schema that routes of a WebSocket API name.
local fault = require "engine.local.fault"
local models = require "engine.local.http.models"
local order = require "engine.order"
local part = require "engine.local.services.apigatewayv2.part"

local function check(own, _, api, id)
  if type(own.Name) ~= "string" or not own.Name:find "^%w+$" then
    fault.raise("BadRequestException", "Model name must be alphanumeric: " .. tostring(own.Name))
  end
  own.Schema = models.text(own.Schema)
  if not own.Schema then
    fault.raise("BadRequestException", "Invalid model schema specified")
  end
  for _, other in ipairs(order.keys(api.definition.models)) do
    if other ~= id and api.definition.models[other].Name == own.Name then
      fault.raise("ConflictException",
        ("Model name already exists for this API: %s"):format(own.Name), 409)
    end
  end
end

return part {
  where = "models", attribute = "ModelId", replacement = { ApiId = true }, check = check,
}
