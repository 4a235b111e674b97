local laconic = require "laconic"

local service = laconic.service { name = "countdown", description = "Answers line by line" }

service:lambda {
  name = "count",
  timeout = 5,
  handler = function(event, context)
    local stream = context:stream { content_type = "text/plain" }
    for i = event.from or 3, 1, -1 do
      if i == event.trip then
        error(("tripped over %d"):format(i))
      end
      stream:write(("%d\n"):format(i)) -- on its way before the next one is made
    end
    stream:write "lift-off\n"
  end,
}

service:lambda {
  name = "page",
  handler = function(event, context)
    local stream = context:stream {
      status = event.rawPath == "/" and 200 or 404,
      content_type = "text/html",
      cookies = { "seen=1" },
    }
    stream:write "<title>Countdown</title>\n"
  end,
}

return service
