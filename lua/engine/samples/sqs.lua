--- Two messages from a queue. A name that ends in ".fifo" makes it a FIFO queue.
local digest = require "host.digest"
local json = require "host.json"

local sqs = {
  summary = "Messages of an SQS queue",
  options = { body = '{"order":1}', name = "orders" },
}

local function message(id, body, options)
  local fifo = options.name:match "%.fifo$" ~= nil
  return {
    messageId = id,
    receiptHandle = "AQEBzWwaftRI0KuVm4tP+/7q1rGgNqicHq",
    body = body,
    attributes = {
      ApproximateReceiveCount = "1",
      SentTimestamp = "1767323045000",
      SenderId = "AIDAIENQZJOLO23YVJ4VO",
      ApproximateFirstReceiveTimestamp = "1767323045012",
      MessageGroupId = fifo and "customer-7" or nil,
      MessageDeduplicationId = fifo and digest.sha256(id .. body) or nil,
      SequenceNumber = fifo and "18849496460467696128" or nil,
    },
    messageAttributes = {
      customer = {
        stringValue = "7",
        dataType = "Number",
        stringListValues = json.array {},
        binaryListValues = json.array {},
      },
    },
    md5OfBody = digest.md5(body),
    eventSource = "aws:sqs",
    eventSourceARN = "arn:aws:sqs:us-east-1:123456789012:" .. options.name,
    awsRegion = "us-east-1",
  }
end

function sqs.make(options)
  return {
    Records = {
      message("059f36b4-87a3-44ab-83d2-661975830a7d", options.body, options),
      message("2e1424d4-f796-459a-8184-9c92662be6da", options.body, options),
    },
  }
end

return sqs
