local laconic = require "laconic"

local service = laconic.service { name = "least" }

service:lambda {
  name = "hello",
  handler = function()
    return "hello"
  end,
}

return service
