local arrived = dofile "tests/stdlib/arrived.lua"
local eventbridge = require "laconic.event.eventbridge"

describe("laconic.event.eventbridge", function()
  it("reads an event", function()
    local event = arrived("eventbridge", { detail = '{"ids":[1,2]}' })
    assert.same({
      id = "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
      source = "com.example.shop",
      detail_type = "Order Placed",
      detail = { ids = { 1, 2 } },
      time = "2026-01-02T03:04:05Z",
      account = "123456789012",
      region = "us-east-1",
      resources = {},
      scheduled = false,
      raw = event,
    }, eventbridge.read(event))
  end)

  it("knows a schedule, and who only says so", function()
    local event = arrived "scheduled"
    assert.is_true(eventbridge.read(event).scheduled)
    event.source = "aws.scheduler"
    assert.is_true(eventbridge.read(event).scheduled)
    event.source = "com.example"
    assert.is_false(eventbridge.read(event).scheduled)
  end)

  it("refuses what is none", function()
    assert.has_error(function()
      eventbridge.read(arrived "sns")
    end, "eventbridge event: id: string expected, got nothing (it looks like an event of sns)")
    assert.has_error(function()
      eventbridge.read "text"
    end, "eventbridge event: table expected, got string")
  end)
end)
