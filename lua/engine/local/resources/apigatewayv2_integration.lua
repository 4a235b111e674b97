--- AWS::ApiGatewayV2::Integration.
local part_resource = require "engine.local.services.apigatewayv2.part_resource"

return part_resource.new {
  where = "integrations", attribute = "IntegrationId", replacement = { ApiId = true },
}
