--- AWS::ApiGateway::Model: a JSON schema by name.
local fault = require "engine.local.fault"
local models = require "engine.local.http.models"
local naming = require "engine.local.naming"
local part = require "engine.local.services.apigateway.part"

local function check(model, job)
  model.schema = models.text(job.properties.Schema)
  if not model.schema then
    fault.raise("BadRequestException", "Invalid model schema specified")
  end
  if model.name ~= nil and (type(model.name) ~= "string" or model.name:find "%W") then
    fault.raise("BadRequestException", "Model name must be alphanumeric: " .. tostring(model.name))
  end
  model.name = model.name or naming.digest(job, 12)
  model.contentType = model.contentType or "application/json"
end

return part {
  where = "models",
  replacement = { ContentType = true, Name = true, RestApiId = true },
  name_property = "Name",
  check = check,
  key = function(model)
    return model.name
  end,
}
