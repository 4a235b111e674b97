--- Records that Firehose has transformed on their way.
---
---     local firehose = require "laconic.event.firehose"
---
---     handler = function(event)
---       return firehose.transform(event, function(record)
---         local row = record:json()
---         if row.level == "debug" then
---           return nil -- dropped
---         end
---         return { data = row.message .. "\n", partition_keys = { customer = row.customer } }
---       end)
---     end
---
--- AWS: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html,
--- https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
---@module "laconic.event.firehose"
local batch = require "laconic.event.batch"
local check = require "engine.check"
local json = require "host.json"
local shape = require "laconic.event.shape"

local firehose = {}

--- A record. `record:json()` is its data decoded; what CloudWatch Logs put there is read by
--- `cloudwatch_logs.decode(record.data)`.
---@class laconic.event.FirehoseRecord
---@field record_id string
---@field data string  the producer's bytes
---@field approximate_arrival_timestamp? integer  milliseconds since 1970
---@field partition_key? string    of the Kinesis stream that it came from, if it did
---@field sequence_number? string
---@field raw table

local FIELDS = {
  { "record_id", "string", "recordId" },
  { "encoded", "string", "data" },
  { "approximate_arrival_timestamp", "integer?", "approximateArrivalTimestamp" },
  { "partition_key", "string?", "kinesisRecordMetadata", "partitionKey" },
  { "sequence_number", "string?", "kinesisRecordMetadata", "sequenceNumber" },
}

local TRANSFORMED = {
  data = { type = "string", required = true },
  partition_keys = {
    type = "table",
    test = function(keys)
      for name, value in pairs(keys) do
        if type(name) ~= "string" or type(value) ~= "string" then
          return "names and values must be strings"
        end
      end
    end,
  },
}

local methods = {} -- record:…

--- The data, decoded.
function methods:json()
  return shape.json("firehose", ("data of record %s"):format(self.record_id), self.data)
end

local Record = shape.class(methods, {
  data = function(self)
    return shape.base64("firehose", ("data of record %s"):format(self.record_id), self.encoded)
  end,
})

local SHAPE = { source = "firehose", list = "records", fields = FIELDS, class = Record }

--- The records of the event.
---@param event table
---@return laconic.event.FirehoseRecord[]
function firehose.records(event)
  return shape.records(event, SHAPE)
end

-- What was returned for a record, as Firehose wants it. Runs under protection, with the handler.
local function transformed(record, result)
  if result == nil or result == false then
    return { recordId = record.record_id, result = "Dropped", data = record.encoded }
  elseif type(result) == "string" then
    result = { data = result }
  end
  check.fields("firehose.transform: what was returned", result, TRANSFORMED)
  local keys = result.partition_keys
  return {
    recordId = record.record_id,
    result = "Ok",
    data = require("host.digest").to_base64(result.data),
    metadata = keys and { partitionKeys = json.object(keys) } or nil,
  }
end

--- Calls `handle(record, context)` for each record and returns what the handler has to return. The
--- handler gives the new bytes; or a table with `data` and `partition_keys`; or nil, and the record is
--- dropped. A record for which it raises an error is reported as "ProcessingFailed", with its data.
---@param event table
---@param handle fun(record: laconic.event.FirehoseRecord, context?: laconic.Context): string|table|nil
---@param context? laconic.Context  default: of the invocation at hand. Failures are logged
---@return { records: table[] }
function firehose.transform(event, handle, context)
  check.type("firehose.transform: handle", handle, "function")
  context = batch.context(context)
  local answers = json.array {}
  local function run(record)
    return transformed(record, handle(record, context))
  end
  for i, record in ipairs(firehose.records(event)) do
    local ok, answer = batch.try("firehose", record.record_id, run, record, context)
    answers[i] = ok and answer or {
      recordId = record.record_id, result = "ProcessingFailed", data = record.encoded,
    }
  end
  return { records = answers }
end

return firehose
