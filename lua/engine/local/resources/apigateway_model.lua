--- AWS::ApiGateway::Model: a JSON schema by name.
local fault = require "engine.local.fault"
local json = require "host.json"
local naming = require "engine.local.naming"
local part = require "engine.local.services.apigateway.part"

-- A template gives a schema as a structure or as a text; API Gateway keeps the text.
local function check(model, job)
  local given = job.properties.Schema
  if type(given) == "table" then
    model.schema = assert(json.encode(given))
  elseif type(given) ~= "string" or type(json.decode(given)) ~= "table" then
    fault.raise("BadRequestException", "Invalid model schema specified")
  else
    model.schema = given
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
