-- A REST API that answers with what reached its function: the envelope that API Gateway makes of a
-- request, or one part of it.
local laconic = require "laconic"
local response = require "laconic.response"

local service = laconic.service { name = "echo", description = "Answers with what it was asked" }

local echo = service:lambda {
  name = "echo",
  handler = function(event)
    local part = event.pathParams.part
    if part and event[part] == nil then
      return response.error(404, "a request has no part '" .. part .. "'")
    end
    return response.new(200, part and event[part] or event)
  end,
}

local api = service:rest_api {
  name = "echo",
  stage = { name = "v1", variables = { colour = "blue" } },
}

api:method { path = "/echo", verb = "ANY", lambda = echo }
api:method { path = "/echo/{part}", verb = "ANY", lambda = echo, statuses = { 404 } }

return service
