--- AWS::ApiGatewayV2::RouteResponse: what lets a WebSocket route answer its client.
local part_resource = require "engine.local.services.apigatewayv2.part_resource"

return part_resource.new {
  where = "routeResponses",
  attribute = "RouteResponseId",
  replacement = { ApiId = true, RouteId = true },
}
