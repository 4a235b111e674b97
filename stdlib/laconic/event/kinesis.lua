--- Records of a Kinesis data stream.
---
---     local kinesis = require "laconic.event.kinesis"
---
---     handler = function(event)
---       return kinesis.each(event, function(record)
---         count(record.partition_key, record:json())
---       end)
---     end
---
--- AWS: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html,
--- https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
---@module "laconic.event.kinesis"
local batch = require "laconic.event.batch"
local shape = require "laconic.event.shape"

local kinesis = {}

--- A record. `record:json()` is its data decoded.
---@class laconic.event.KinesisRecord
---@field data string  the producer's bytes
---@field partition_key string
---@field sequence_number string
---@field shard_id? string
---@field approximate_arrival_timestamp? number  seconds since 1970
---@field event_source_arn? string  the stream
---@field raw table

local FIELDS = {
  { "event_id", "string?", "eventID" },
  { "partition_key", "string", "kinesis", "partitionKey" },
  { "sequence_number", "string", "kinesis", "sequenceNumber" },
  { "approximate_arrival_timestamp", "number?", "kinesis", "approximateArrivalTimestamp" },
  { "encoded", "string", "kinesis", "data" },
  { "event_source_arn", "string?", "eventSourceARN" },
}

local methods = {} -- record:…

--- The data, decoded.
function methods:json()
  return shape.json("kinesis", ("data of record %s"):format(self.sequence_number), self.data)
end

local Record = shape.class(methods, {
  data = function(self)
    return shape.base64("kinesis", ("data of record %s"):format(self.sequence_number), self.encoded)
  end,
  shard_id = function(self)
    return self.event_id and self.event_id:match "^(shardId%-%d+):"
  end,
})

local SHAPE = {
  source = "kinesis",
  list = "Records",
  fields = FIELDS,
  class = Record,
  origin = { "eventSource", "aws:kinesis" },
}

--- The records of the batch.
---@param event table
---@return laconic.event.KinesisRecord[]
function kinesis.records(event)
  return shape.records(event, SHAPE)
end

--- Calls `handle(record, context)` for one record after another, up to the first that raises an error or
--- for which there is no time, and returns what the handler has to return: Lambda brings that record and
--- all after it again, when the event source mapping says
--- `FunctionResponseTypes = { "ReportBatchItemFailures" }`.
---@param event table
---@param handle fun(record: laconic.event.KinesisRecord, context?: laconic.Context)
---@param context? laconic.Context  default: of the invocation at hand. Failures are logged
---@return laconic.event.BatchResponse
function kinesis.each(event, handle, context)
  return batch.in_order("kinesis", kinesis.records(event), handle, context)
end

return kinesis
