local laconic = require "laconic"

local service = laconic.service { name = "hello", description = "Greets whoever calls" }

local hello = service:lambda {
  name = "hello",
  memory = 128, -- MB
  timeout = 3, -- seconds
  handler = function(event, context)
    context.log.info("greeting", { name = event.name })
    return { message = "Hello, " .. (event.name or "world") }
  end,
}

service:output { name = "Function", value = hello.ref, description = "What to invoke" }

return service
