--- Records of a stream.
local digest = require "host.digest"

local kinesis = {
  summary = "Records of a Kinesis data stream",
  options = { body = { '{"page":"/"}', '{"page":"/tea"}' }, name = "clicks", key = "visitor-1" },
}

function kinesis.make(options)
  local function record(number, body)
    local sequence = "4959033827149025660855969253836157109592157598913658" .. 8873 + number
    return {
      kinesis = {
        kinesisSchemaVersion = "1.0",
        partitionKey = options.key,
        sequenceNumber = sequence,
        data = digest.to_base64(body),
        approximateArrivalTimestamp = 1767323045.678,
      },
      eventSource = "aws:kinesis",
      eventVersion = "1.0",
      eventID = "shardId-000000000006:" .. sequence,
      eventName = "aws:kinesis:record",
      invokeIdentityArn = "arn:aws:iam::123456789012:role/clicks",
      awsRegion = "us-east-1",
      eventSourceARN = "arn:aws:kinesis:us-east-1:123456789012:stream/" .. options.name,
    }
  end
  local records = {}
  for i, body in ipairs(options.body) do
    records[i] = record(i, body)
  end
  return { Records = records }
end

return kinesis
