-- A REST API that answers with what reached its function: the envelope that API Gateway makes of a
-- request.
local laconic = require "laconic"

local service = laconic.service {
  name = "echo",
  description = "Answers with what it was asked",
}

local echo = service:lambda {
  name = "echo",
  handler = function(event)
    return event
  end,
}

local api = service:rest_api {
  name = "echo",
  stage = { name = "v1", variables = { colour = "blue" } },
}

api:method { path = "/echo", verb = "ANY", lambda = echo }
api:method { path = "/echo/{name}", verb = "GET", lambda = echo, query = { lang = "required" } }

return service
