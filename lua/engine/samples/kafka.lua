--- A record of a topic.
local digest = require "host.digest"

local kafka = {
  summary = "Records of a Kafka topic, from Amazon MSK",
  options = { body = '{"order":1}', name = "orders", key = "order-1" },
}

function kafka.make(options)
  return {
    eventSource = "aws:kafka",
    eventSourceArn = "arn:aws:kafka:us-east-1:123456789012:cluster/shop/"
      .. "b1ba8a5d-2f4c-4a3e-9c1d-0e5f6a7b8c9d-1",
    bootstrapServers = "b-1.shop.example.c1.kafka.us-east-1.amazonaws.com:9092",
    records = {
      [options.name .. "-0"] = {
        {
          topic = options.name,
          partition = 0,
          offset = 15,
          timestamp = 1767323045678,
          timestampType = "CREATE_TIME",
          key = digest.to_base64(options.key),
          value = digest.to_base64(options.body),
          headers = { { kind = { 0, -1, 65 } } },
        },
      },
    },
  }
end

return kafka
