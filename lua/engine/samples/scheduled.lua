--- A rule's time has come.
local json = require "host.json"

local scheduled = {
  summary = "A schedule of EventBridge",
  options = { name = "nightly" },
}

function scheduled.make(options)
  return {
    version = "0",
    id = "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    ["detail-type"] = "Scheduled Event",
    source = "aws.events",
    account = "123456789012",
    time = "2026-01-02T03:00:00Z",
    region = "us-east-1",
    resources = { "arn:aws:events:us-east-1:123456789012:rule/" .. options.name },
    detail = json.object {},
  }
end

return scheduled
