--- Notifications of an SNS topic.
---
---     for _, record in ipairs(require("laconic.event.sns").records(event)) do
---       context.log.info(record.subject or "no subject", { message = record.message })
---     end
---
--- AWS: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
---@module "laconic.event.sns"
local shape = require "laconic.event.shape"

local sns = {}

--- A notification. `record:json()` is its message decoded; `record:unwrap()` the innermost value.
---@class laconic.event.SnsRecord
---@field message_id string
---@field message string
---@field subject? string
---@field topic_arn string
---@field timestamp string  "2026-01-02T03:04:05.678Z"
---@field message_attributes table<string, any>  decoded; binary ones { bytes = "…" }
---@field event_subscription_arn? string
---@field raw table

local FIELDS = {
  { "message_id", "string", "Sns", "MessageId" },
  { "message", "string", "Sns", "Message" },
  { "subject", "string?", "Sns", "Subject" },
  { "topic_arn", "string", "Sns", "TopicArn" },
  { "timestamp", "string", "Sns", "Timestamp" },
  { "event_subscription_arn", "string?", "EventSubscriptionArn" },
}

local methods = {} -- record:…

--- The message, decoded.
function methods:json()
  return shape.json("sns", ("message %s"):format(self.message_id), self.message)
end

--- The innermost value: JSON decoded, envelopes of further topics taken off.
function methods:unwrap()
  return require("laconic.event.message").unwrap(self.message)
end

local Record = shape.class(methods, {
  message_attributes = function(self)
    local attribute = require "laconic.event.message_attribute"
    local map = shape.field("sns", "", self.raw, { "", "table?", "Sns", "MessageAttributes" })
    local path = "message " .. self.message_id .. ": MessageAttributes"
    return attribute.read("sns", path, map or {}, {
      type = "Type", text = "Value", binary = "Value",
    })
  end,
})

local SHAPE = {
  source = "sns",
  list = "Records",
  fields = FIELDS,
  class = Record,
  origin = { "EventSource", "aws:sns" },
}

--- The notifications of the event.
---@param event table
---@return laconic.event.SnsRecord[]
function sns.records(event)
  return shape.records(event, SHAPE)
end

return sns
