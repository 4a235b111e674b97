--- Messages of an SQS queue.
---
---     local sqs = require "laconic.event.sqs"
---
---     handler = function(event)
---       return sqs.each(event, function(record)
---         place_order(record:json())
---       end)
---     end
---
--- What fails for one message makes that message alone come again, when the event source mapping says
--- `FunctionResponseTypes = { "ReportBatchItemFailures" }`; without that, Lambda does not read the answer.
---
--- AWS: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
--- https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
---@module "laconic.event.sqs"
local batch = require "laconic.event.batch"
local check = require "engine.check"
local shape = require "laconic.event.shape"

local sqs = {}

--- A message. `record:json()` is its body decoded; `record:unwrap()` also takes the envelopes of SNS off.
---@class laconic.event.SqsRecord
---@field message_id string
---@field receipt_handle string
---@field body string
---@field attributes table<string, string>  SQS's own: ApproximateReceiveCount, SentTimestamp, …
---@field message_attributes table<string, any>  the sender's, decoded; binary ones { bytes = "…" }
---@field message_group_id? string
---@field receive_count? integer  how often it was received, this time included
---@field event_source_arn string  the queue
---@field region? string
---@field raw table

local FIELDS = {
  { "message_id", "string", "messageId" },
  { "receipt_handle", "string?", "receiptHandle" },
  { "body", "string", "body" },
  { "attributes", "table?", "attributes" },
  { "message_group_id", "string?", "attributes", "MessageGroupId" },
  { "event_source_arn", "string", "eventSourceARN" },
  { "region", "string?", "awsRegion" },
}

local methods = {} -- record:…

--- The body, decoded.
function methods:json()
  return shape.json("sqs", ("body of message %s"):format(self.message_id), self.body)
end

--- The innermost value: JSON decoded, envelopes of SNS taken off. What S3 told a topic that tells this
--- queue is then an event for `laconic.event.s3`.
function methods:unwrap()
  return require("laconic.event.message").unwrap(self.body)
end

local function read_attributes(self)
  local attribute = require "laconic.event.message_attribute"
  local map = shape.field("sqs", "", self.raw, { "", "table?", "messageAttributes" })
  local path = "message " .. self.message_id .. ": messageAttributes"
  return attribute.read("sqs", path, map or {}, {
    type = "dataType", text = "stringValue", binary = "binaryValue",
  })
end

local Record = shape.class(methods, {
  message_attributes = read_attributes,
  receive_count = function(self)
    return math.tointeger(tonumber(self.attributes.ApproximateReceiveCount))
  end,
})

local SHAPE = {
  source = "sqs",
  list = "Records",
  fields = FIELDS,
  class = Record,
  origin = { "eventSource", "aws:sqs" },
}

--- The messages of the batch.
---@param event table
---@return laconic.event.SqsRecord[]
function sqs.records(event)
  local records = shape.records(event, SHAPE)
  for _, record in ipairs(records) do
    record.attributes = record.attributes or {}
  end
  return records
end

--- Calls `handle(record, context)` for each message and returns what the handler has to return: the
--- messages for which it raised an error, and those for which there was no time left. In a FIFO queue
--- the rest of a message group fails with its first failure, unhandled, so that order is kept; other
--- groups go on.
---@param event table
---@param handle fun(record: laconic.event.SqsRecord, context?: laconic.Context)
---@param context? laconic.Context  default: of the invocation at hand. Failures are logged
---@return laconic.event.BatchResponse
function sqs.each(event, handle, context)
  check.type("sqs.each: handle", handle, "function")
  context = batch.context(context)
  local records, failed, blocked, over = sqs.records(event), {}, {}, false
  for i, record in ipairs(records) do
    local id = record.message_id
    -- Standard queues have groups, too, but no order in them.
    local group = record.event_source_arn:match "%.fifo$" and record.message_group_id
    over = over or batch.is_over("sqs", #records - i + 1, context)
    if over or group and blocked[group] then
      table.insert(failed, id)
    elseif not batch.try("sqs", id, handle, record, context) then
      table.insert(failed, id)
      blocked[group or false] = true
    end
  end
  return batch.response(failed)
end

return sqs
