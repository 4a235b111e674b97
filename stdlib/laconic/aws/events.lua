--- Events to EventBridge's buses.
---
---     local events = require "laconic.aws.events"
---     local result = events.put {
---       { source = "shop.orders", type = "Order placed", detail = { order = 7 } },
---     }
---     assert(#result.failed == 0)
---
---@module "laconic.aws.events"
local batches = require "laconic.aws.batches"
local check = require "engine.check"
local client = require "laconic.aws.client"
local json = require "host.json"

local events = {}

local MOST = 10 -- events in a call
local BYTES = 256 * 1024

local EVENT = {
  bus = { type = "string", least = 1 },
  detail = { type = { "table", "string" }, required = true },
  resources = { each = { type = "string" } },
  source = { type = "string", required = true, least = 1 },
  time = { type = "number" },
  trace = { type = "string" },
  type = { type = "string", required = true, least = 1, most = 128 },
}

---@class laconic.BusEvent
---@field source string           "shop.orders"
---@field type string             "Order placed": what rules call detail-type
---@field detail table|string     a table goes as JSON
---@field bus? string             name or ARN; default: the account's default bus
---@field resources? string[]     ARNs
---@field time? number            seconds since 1970; default now
---@field trace? string           X-Ray's header

local function write(event)
  local detail = event.detail
  return {
    Detail = type(detail) == "table" and assert(json.encode(detail)) or detail,
    DetailType = event.type,
    EventBusName = event.bus,
    Resources = event.resources and #event.resources > 0 and event.resources or nil,
    Source = event.source,
    Time = event.time,
    TraceHeader = event.trace,
  }
end

--- Puts any number of events, ten in a call. What EventBridge took is in `sent`, what it refused in
--- `failed`: look at it, for nothing is raised for those.
---@param list laconic.BusEvent[]
---@param options? { client?: laconic.AwsClient }
---@return { sent: { index: integer, event_id: string }[], failed: laconic.BatchFailure[] } result
function events.put(list, options)
  check.value("events.put", list, { each = { fields = EVENT } })
  local own, entries = client.of("events", options), {}
  for i, event in ipairs(list) do
    entries[i] = write(event)
  end
  local result = { sent = {}, failed = {} }
  for before, items in batches.cut(entries, MOST, BYTES) do
    local answer = own:call("PutEvents", { Entries = items })
    for i, entry in ipairs(answer.Entries or {}) do -- in the order of the events
      local index = before + i
      if entry.EventId then
        table.insert(result.sent, { index = index, event_id = entry.EventId })
      else
        table.insert(result.failed, {
          index = index,
          code = entry.ErrorCode,
          message = entry.ErrorMessage,
        })
      end
    end
  end
  return result
end

return events
