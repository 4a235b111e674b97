--- Two records on their way.
local digest = require "host.digest"

local firehose = {
  summary = "Records that Firehose has transformed",
  options = { body = '{"page":"/"}', name = "clicks" },
}

function firehose.make(options)
  local arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/" .. options.name
  local function record(number)
    return {
      recordId = "4954698668313554428650793660006866715541111110000000" .. number,
      approximateArrivalTimestamp = 1767323045678,
      data = digest.to_base64(options.body),
    }
  end
  return {
    invocationId = "f3c0a1d2-6b47-4c58-9d6e-0a1b2c3d4e5f",
    deliveryStreamArn = arn,
    region = "us-east-1",
    records = { record "2", record "3" },
  }
end

return firehose
