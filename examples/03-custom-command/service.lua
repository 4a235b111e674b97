local laconic = require "laconic"
local prices = require "lib.prices"

local service = laconic.service { name = "shop", description = "Says what things cost" }

service:lambda {
  name = "quote",
  handler = function(event)
    return { total = prices.text(prices.total(event.items, event.discount)) }
  end,
}

-- A command of the service's own: `laconic quote book pen --discount 10`.
service:command {
  name = "quote",
  summary = "Say what things cost, with the very code that is deployed",
  flags = {
    {
      name = "discount",
      short = "d",
      type = "integer",
      default = 0,
      value = "PERCENT",
      summary = "What to take off",
    },
  },
  run = function(args)
    print(prices.text(prices.total(args, args.discount)))
    return 0
  end,
}

-- A flag of its own for a built-in command, and a hook that heeds it.
service:flag {
  command = "provision",
  name = "memory",
  type = "integer",
  value = "MB",
  summary = "Give the function that much memory",
}

service:hook("post_marshal", function(build)
  local memory = build.options.memory
  if memory then
    build.template.Resources.QuoteFunction.Properties.MemorySize = memory
  end
end)

return service
