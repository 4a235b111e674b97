--- An event of one's own.
local json = require "host.json"

local eventbridge = {
  summary = "An event of EventBridge",
  options = { detail = '{"order":1}', name = "Order Placed" },
}

function eventbridge.make(options)
  return {
    version = "0",
    id = "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    ["detail-type"] = options.name,
    source = "com.example.shop",
    account = "123456789012",
    time = "2026-01-02T03:04:05Z",
    region = "us-east-1",
    resources = json.array {},
    detail = assert(json.decode(options.detail)),
  }
end

return eventbridge
