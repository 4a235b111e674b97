--- An event of EventBridge: of AWS's services, of your own, or of a schedule.
---
---     local fact = require("laconic.event.eventbridge").read(event)
---     if fact.scheduled then … end
---
--- AWS: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
---@module "laconic.event.eventbridge"
local shape = require "laconic.event.shape"

local eventbridge = {}

---@class laconic.event.EventbridgeEvent
---@field id string
---@field source string       "aws.ec2", "com.example.shop"
---@field detail_type string  "EC2 Instance State-change Notification"
---@field detail any          what happened
---@field time string         "2026-01-02T03:04:05Z"
---@field account string
---@field region string
---@field resources string[]  ARNs
---@field scheduled boolean   whether a schedule made it: a rule's, or EventBridge Scheduler's
---@field raw table

local FIELDS = {
  { "id", "string", "id" },
  { "source", "string", "source" },
  { "detail_type", "string", "detail-type" },
  { "time", "string", "time" },
  { "account", "string", "account" },
  { "region", "string", "region" },
  { "resources", "list", "resources" },
}

local SCHEDULERS = { ["aws.events"] = true, ["aws.scheduler"] = true }

--- Reads the event.
---@param event table
---@return laconic.event.EventbridgeEvent
function eventbridge.read(event)
  local fact = shape.read("eventbridge", "", event, FIELDS)
  fact.detail = event.detail
  fact.scheduled = fact.detail_type == "Scheduled Event" and SCHEDULERS[fact.source] == true
  return fact
end

return eventbridge
