--- AWS::ApiGateway::RequestValidator.
local part = require "engine.local.services.apigateway.part"

return part {
  where = "requestValidators",
  replacement = { Name = true, RestApiId = true },
  attribute = "RequestValidatorId",
}
