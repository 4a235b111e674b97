local laconic = require "laconic"
local sqs = require "laconic.event.sqs"

local service = laconic.service { name = "shop", description = "Places orders from a queue" }

local orders = service:resource {
  name = "Orders",
  type = "AWS::SQS::Queue",
  properties = { VisibilityTimeout = 60 }, -- seconds; six times the function's timeout, says AWS
}

-- Raises for an order that cannot be placed: that message comes again, and no other.
local function place(record, context)
  local order = record:json()
  if order.count < 1 then
    error { type = "InvalidOrder", message = "nothing is ordered" }
  end
  context.log.info("placed", { item = order.item, count = order.count })
end

local worker = service:lambda {
  name = "place",
  timeout = 10, -- seconds
  privileges = {
    {
      actions = { "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes" },
      resource = orders.arn,
    },
  },
  handler = function(event)
    return sqs.each(event, place)
  end,
}

service:resource {
  name = "FromOrders",
  type = "AWS::Lambda::EventSourceMapping",
  properties = {
    EventSourceArn = orders.arn,
    FunctionName = worker.ref,
    BatchSize = 10,
    FunctionResponseTypes = { "ReportBatchItemFailures" }, -- without it the answer is not read
  },
}

return service
