--- Records on their way.
local digest = require "host.digest"

local firehose = {
  summary = "Records that Firehose has transformed",
  options = { body = { '{"page":"/"}', '{"page":"/tea"}' }, name = "clicks" },
}

function firehose.make(options)
  local arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/" .. options.name
  local records = {}
  for i, body in ipairs(options.body) do
    records[i] = {
      recordId = "49546986683135544286507936600068667155411111100000" .. 100 + i,
      approximateArrivalTimestamp = 1767323045678,
      data = digest.to_base64(body),
    }
  end
  return {
    invocationId = "f3c0a1d2-6b47-4c58-9d6e-0a1b2c3d4e5f",
    deliveryStreamArn = arn,
    region = "us-east-1",
    records = records,
  }
end

return firehose
