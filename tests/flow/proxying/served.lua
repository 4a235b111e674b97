-- A function of one's own, and beside it a shop that somebody else's server is: the spec puts its address
-- in the place of http://shop.example.
local laconic = require "laconic"

local service = laconic.service { name = "mall" }
local greet = service:lambda {
  name = "greet",
  handler = function()
    return { message = "Hello" }
  end,
}

local front = service:http_api { name = "front" }
front:route { key = "GET /hello", lambda = greet }
front:route {
  key = "ANY /shop/{proxy+}",
  url = "http://shop.example/v1/{proxy}",
  request_parameters = { ["append:header.x-stage"] = "$context.stage" },
}
front:route { key = "$default", url = "http://shop.example" }

local back = service:rest_api { name = "back" }
back:method { path = "/hello", verb = "GET", lambda = greet }
back:method {
  path = "/shop/{proxy+}",
  verb = "ANY",
  integration = {
    Type = "HTTP_PROXY",
    IntegrationHttpMethod = "ANY",
    Uri = "http://shop.example/v2/{proxy}",
    RequestParameters = { ["integration.request.path.proxy"] = "method.request.path.proxy" },
  },
}

return service
