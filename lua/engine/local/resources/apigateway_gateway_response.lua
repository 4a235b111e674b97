--- AWS::ApiGateway::GatewayResponse: what an API says when it refuses by itself.
local fault = require "engine.local.fault"
local part = require "engine.local.services.apigateway.part"
local refusal = require "engine.local.services.apigateway.refusal"

local function check(response)
  if not refusal.is_type(response.responseType) then
    fault.raise("BadRequestException",
      "Invalid Response type specified: " .. tostring(response.responseType))
  end
  response.statusCode = response.statusCode and tostring(response.statusCode)
end

return part {
  where = "gatewayResponses",
  replacement = { ResponseType = true, RestApiId = true },
  check = check,
  key = function(response)
    return response.responseType
  end,
}
