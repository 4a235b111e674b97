local laconic = require "laconic"

local service = laconic.service { name = "orders", description = "Interceptors around handlers" }

-- Around every handler of the service: one line for each invocation, whatever becomes of it.
service:interceptor {
  begin = function(context)
    context.began = context:remaining_time()
  end,
  complete = function(context, _, outcome)
    context.log.info("done", {
      ok = outcome.ok,
      error = outcome.error and outcome.error.errorType,
      in_time = context.began > context:remaining_time(),
    })
  end,
}

-- Around one handler: who asks is known before it runs, and its errors become answers.
local authorized = {
  before_dispatch = function(context, event)
    if event.token ~= "sesame" then
      error { type = "Forbidden", message = "who are you?" }
    end
    context.user = "Ali"
    event.token = nil -- the handler has no use for it
  end,
}

local STATUS = { OrderNotFound = 404 }

local answering = {
  after_dispatch = function(_, _, result, failed)
    if failed and STATUS[failed.errorType] then
      return { status = STATUS[failed.errorType], error = failed.errorMessage }
    elseif not failed then
      return { status = 200, order = result }
    end
  end,
}

service:lambda {
  name = "show",
  interceptors = { authorized, answering },
  handler = function(event, context)
    if event.order ~= 7 then
      error { type = "OrderNotFound", message = ("no order %s"):format(event.order) }
    end
    return { number = 7, of = context.user, request = event }
  end,
}

return service
