--- What happened to objects of an S3 bucket: as its notifications say it, and as EventBridge does.
---
---     for _, record in ipairs(require("laconic.event.s3").records(event)) do
---       context.log.info(record.event_name, { bucket = record.bucket, key = record.key })
---     end
---
--- A notification that came by way of SNS or SQS: `s3.records(record:unwrap())`.
---
--- AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
--- https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
---@module "laconic.event.s3"
local shape = require "laconic.event.shape"

local s3 = {}

--- What happened to one object. Notifications escape keys (a space is "+"), EventBridge does not: `key`
--- is the object's own, either way.
---@class laconic.event.S3Record
---@field event_name string   "ObjectCreated:Put"; EventBridge's "Object Created"
---@field event_time string
---@field region? string
---@field bucket string
---@field bucket_arn? string
---@field key string
---@field size? integer       bytes; a removed object has none
---@field etag? string
---@field version_id? string
---@field sequencer? string   of two events for one key the greater one is later
---@field principal_id? string  who did it
---@field source_ip_address? string
---@field raw table

local ABOUT_OBJECT = {
  { "key", "string", "key" },
  { "size", "integer?", "size" },
  { "etag", "string?", "eTag" },
  { "version_id", "string?", "versionId" },
  { "sequencer", "string?", "sequencer" },
}

local NOTIFICATION = {
  { "event_name", "string", "eventName" },
  { "event_time", "string", "eventTime" },
  { "region", "string?", "awsRegion" },
  { "bucket", "string", "s3", "bucket", "name" },
  { "bucket_arn", "string?", "s3", "bucket", "arn" },
  { "principal_id", "string?", "userIdentity", "principalId" },
  { "source_ip_address", "string?", "requestParameters", "sourceIPAddress" },
}

local OF_EVENTBRIDGE = {
  { "event_name", "string", "detail-type" },
  { "event_time", "string", "time" },
  { "region", "string?", "region" },
  { "bucket", "string", "detail", "bucket", "name" },
  { "bucket_arn", "string?", "resources", 1 },
  { "principal_id", "string?", "detail", "requester" },
  { "source_ip_address", "string?", "detail", "source-ip-address" },
  { "key", "string", "detail", "object", "key" },
  { "size", "integer?", "detail", "object", "size" },
  { "etag", "string?", "detail", "object", "etag" },
  { "version_id", "string?", "detail", "object", "version-id" },
  { "sequencer", "string?", "detail", "object", "sequencer" },
}

local function read_notification(path, item)
  local record = shape.read("s3", path, item, NOTIFICATION)
  shape.expect("s3", path .. ".eventSource", item.eventSource, "aws:s3")
  -- Events of Intelligent-Tiering call it get_object.
  local name = item.s3.get_object and "get_object" or "object"
  path = path .. ".s3." .. name
  for field, value in pairs(shape.read("s3", path, item.s3[name], ABOUT_OBJECT)) do
    record[field] = record[field] or value
  end
  local key, problem = require("host.uri").decode(record.key, true)
  if not key then
    shape.fail("s3", path .. ".key", problem.message)
  end
  record.key, record.raw = key, item
  return record
end

--- What the event says, one record for each object. The test event that S3 sends when a notification
--- is set up has none.
---@param event table
---@return laconic.event.S3Record[]
function s3.records(event)
  if type(event) == "table" and event.Event == "s3:TestEvent" then
    return {}
  elseif type(event) == "table" and event["detail-type"] then
    shape.expect("s3", "source", event.source, "aws.s3", event)
    return { shape.read("s3", "", event, OF_EVENTBRIDGE) }
  end
  local records = {}
  for i, item in ipairs(shape.list("s3", event, "Records")) do
    records[i] = read_notification(("Records[%d]"):format(i), item)
  end
  return records
end

return s3
