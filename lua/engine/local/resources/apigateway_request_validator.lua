--- AWS::ApiGateway::RequestValidator.
local part_resource = require "engine.local.services.apigateway.part_resource"

return part_resource.new {
  where = "requestValidators",
  replacement = { Name = true, RestApiId = true },
  attribute = "RequestValidatorId",
  key = function(_, id)
    return id
  end,
}
