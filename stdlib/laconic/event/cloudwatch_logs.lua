--- Lines of log groups that a subscription filter sends.
---
---     local logs = require("laconic.event.cloudwatch_logs").read(event)
---     for _, line in ipairs(logs.log_events) do
---       context.log.info(line.message, { group = logs.log_group })
---     end
---
--- AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html,
--- https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
---@module "laconic.event.cloudwatch_logs"
local shape = require "laconic.event.shape"

local cloudwatch_logs = {}

local SOURCE = "cloudwatch_logs"
local MOST_BYTES = 32 * 1024 * 1024 -- opened; what arrives has 1 MB at most

---@class laconic.event.LogEvents
---@field message_type string  "DATA_MESSAGE"; CloudWatch tries a destination with "CONTROL_MESSAGE"
---@field owner string         the account
---@field log_group string
---@field log_stream string
---@field subscription_filters string[]
---@field log_events laconic.event.LogEvent[]
---@field raw table            as it was in the gzip

---@class laconic.event.LogEvent
---@field id string
---@field timestamp integer  milliseconds since 1970
---@field message string
---@field extracted_fields? table<string, any>  what the filter's pattern named

local FIELDS = {
  { "message_type", "string", "messageType" },
  { "owner", "string", "owner" },
  { "log_group", "string", "logGroup" },
  { "log_stream", "string", "logStream" },
  { "subscription_filters", "list", "subscriptionFilters" },
}

local LOG_EVENTS = {
  source = SOURCE,
  list = "logEvents",
  fields = {
    { "id", "string", "id" },
    { "timestamp", "integer", "timestamp" },
    { "message", "string", "message" },
    { "extracted_fields", "table?", "extractedFields" },
  },
}

--- Reads what a subscription sends where it is not wrapped further: the data of a Kinesis or Firehose
--- record.
---@param bytes string  gzip
---@param path? string  what errors call it
---@return laconic.event.LogEvents
function cloudwatch_logs.decode(bytes, path)
  path = path or "data"
  local text, problem = require("host.gzip").decompress(bytes, { max_bytes = MOST_BYTES })
  if not text then
    shape.fail(SOURCE, path, problem.message)
  end
  local data = shape.json(SOURCE, path, text)
  local logs = shape.read(SOURCE, path, data, FIELDS)
  logs.log_events = shape.records(data, LOG_EVENTS)
  return logs
end

--- Reads the event.
---@param event table
---@return laconic.event.LogEvents
function cloudwatch_logs.read(event)
  if type(event) ~= "table" then
    shape.fail(SOURCE, "", "table expected, got " .. type(event))
  end
  local text = shape.field(SOURCE, "", event, { "", "string", "awslogs", "data" })
  return cloudwatch_logs.decode(shape.base64(SOURCE, "awslogs.data", text), "awslogs.data")
end

return cloudwatch_logs
