--- AWS::ApiGatewayV2::Integration.
local part = require "engine.local.services.apigatewayv2.part"

return part {
  where = "integrations", attribute = "IntegrationId", replacement = { ApiId = true },
}
