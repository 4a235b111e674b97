--- Messages from a queue. A name that ends in ".fifo" makes it a FIFO queue.
local digest = require "host.digest"
local json = require "host.json"

local sqs = {
  summary = "Messages of an SQS queue",
  options = { body = { '{"order":1}', '{"order":2}' }, name = "orders" },
}

local function message(number, body, options)
  local id = ("059f36b4-87a3-44ab-83d2-%012x"):format(0x661975830a7c + number)
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
  local records = {}
  for i, body in ipairs(options.body) do
    records[i] = message(i, body, options)
  end
  return { Records = records }
end

return sqs
