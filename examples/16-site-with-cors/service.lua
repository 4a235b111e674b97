-- A page and the API that it calls, of two origins, in one service.
local laconic = require "laconic"

local service = laconic.service { name = "guestbook", description = "A page that greets" }

local site = service:site { folder = "site", user_data = { title = "The guest book" } }

-- Browsers let the site's pages call it, and no other's.
local api = service:http_api {
  name = "greeter",
  cors = { allow_origins = { site.url }, allow_methods = { "GET" } },
}

local hello = service:lambda {
  name = "hello",
  handler = function(event)
    local query = event.queryStringParameters or {}
    return { message = ("Hello, %s!"):format(query.name or "whoever you are") }
  end,
}

api:route { key = "GET /hello", lambda = hello }

return service
