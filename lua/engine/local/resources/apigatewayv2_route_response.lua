--- AWS::ApiGatewayV2::RouteResponse: what lets a WebSocket route answer its client.
local part = require "engine.local.services.apigatewayv2.part"

return part {
  where = "routeResponses",
  attribute = "RouteResponseId",
  replacement = { ApiId = true, RouteId = true },
}
