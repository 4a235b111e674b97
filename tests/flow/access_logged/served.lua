-- An API of each kind, with access logs: tests/flow/access_logs_spec.lua asks them, on the local cloud.
local laconic = require "laconic"

local service = laconic.service { name = "watched" }

local hello = service:lambda {
  name = "hello",
  handler = function(event)
    local query = event.queryStringParameters
    if type(query) == "table" and query.fail then
      error("no tea", 0)
    end
    return { statusCode = 200, body = "hello" }
  end,
}

local rest = service:rest_api { name = "shop", stage = { name = "v1", access_log = true } }
rest:method { path = "/cups/{id}", verb = "GET", lambda = hello, proxy = true }

local http = service:http_api {
  name = "desk",
  stages = {
    { name = "$default", access_log = true },
    {
      name = "test",
      access_log = {
        format = '$context.identity.sourceIp [$context.requestTime] "$context.httpMethod '
          .. '$context.path $context.protocol" $context.status $context.responseLength '
          .. "$context.requestId $context.identity.userAgent $context.error.messageString",
      },
    },
  },
}
http:route { key = "GET /hello/{name}", lambda = hello }

local chat = service:websocket_api { name = "chat", stage = { name = "live", access_log = true } }
chat:route { key = "$connect", lambda = hello }
chat:route { key = "say", lambda = hello }

return service
