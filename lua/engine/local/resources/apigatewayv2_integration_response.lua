--- AWS::ApiGatewayV2::IntegrationResponse.
local part_resource = require "engine.local.services.apigatewayv2.part_resource"

return part_resource.new {
  where = "integrationResponses",
  attribute = "IntegrationResponseId",
  replacement = { ApiId = true, IntegrationId = true },
}
