--- AWS::ApiGatewayV2::IntegrationResponse.
local part = require "engine.local.services.apigatewayv2.part"

return part {
  where = "integrationResponses",
  attribute = "IntegrationResponseId",
  replacement = { ApiId = true, IntegrationId = true },
}
