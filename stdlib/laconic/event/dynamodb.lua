--- Changes of a DynamoDB table, from its stream.
---
---     local dynamodb = require "laconic.event.dynamodb"
---
---     handler = function(event)
---       return dynamodb.each(event, function(record)
---         if record.event_name == "MODIFY" and record.new_image.total > record.old_image.total then
---           celebrate(record.keys.id)
---         end
---       end)
---     end
---
--- AWS: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html,
--- https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
---@module "laconic.event.dynamodb"
local batch = require "laconic.event.batch"
local shape = require "laconic.event.shape"

local dynamodb = {}

--- A change. Keys and images are Lua values, as laconic.aws.dynamodb.values has them.
---@class laconic.event.DynamodbRecord
---@field event_id? string
---@field event_name "INSERT"|"MODIFY"|"REMOVE"
---@field keys table<string, any>
---@field new_image? table<string, any>  the item after the change, where the stream carries it
---@field old_image? table<string, any>  the item before it
---@field sequence_number string
---@field stream_view_type? string
---@field approximate_creation_date_time? number  seconds since 1970
---@field size_bytes? integer
---@field event_source_arn? string  the stream
---@field user_identity? table      { type = "Service", … } when its time to live had the item deleted
---@field raw table

local FIELDS = {
  { "event_id", "string?", "eventID" },
  { "event_name", "string", "eventName" },
  { "sequence_number", "string", "dynamodb", "SequenceNumber" },
  { "stream_view_type", "string?", "dynamodb", "StreamViewType" },
  { "approximate_creation_date_time", "number?", "dynamodb", "ApproximateCreationDateTime" },
  { "size_bytes", "integer?", "dynamodb", "SizeBytes" },
  { "event_source_arn", "string?", "eventSourceARN" },
  { "user_identity", "table?", "userIdentity" },
}

local function image(name)
  return function(self)
    local item = shape.field("dynamodb", "", self.raw, { "", "table?", "dynamodb", name })
    return item and require("laconic.aws.dynamodb.values").read_map(item, name)
  end
end

local Record = shape.class({}, {
  keys = image "Keys",
  new_image = image "NewImage",
  old_image = image "OldImage",
})

local SHAPE = {
  source = "dynamodb",
  list = "Records",
  fields = FIELDS,
  class = Record,
  origin = { "eventSource", "aws:dynamodb" },
}

--- The changes of the batch.
---@param event table
---@return laconic.event.DynamodbRecord[]
function dynamodb.records(event)
  return shape.records(event, SHAPE)
end

--- Calls `handle(record, context)` for one change after another, up to the first that raises an error or
--- for which there is no time, and returns what the handler has to return: Lambda brings that change and
--- all after it again, when the event source mapping says
--- `FunctionResponseTypes = { "ReportBatchItemFailures" }`.
---@param event table
---@param handle fun(record: laconic.event.DynamodbRecord, context?: laconic.Context)
---@param context? laconic.Context  default: of the invocation at hand. Failures are logged
---@return laconic.event.BatchResponse
function dynamodb.each(event, handle, context)
  return batch.in_order("dynamodb", dynamodb.records(event), handle, context)
end

return dynamodb
