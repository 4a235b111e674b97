local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"
local kafka = require "laconic.event.kafka"

describe("laconic.event.kafka", function()
  it("reads records", function()
    local event = arrived("kafka", { name = "clicks" })
    local record = kafka.records(event)[1]
    assert.equal("clicks", record.topic)
    assert.equal(0, record.partition)
    assert.equal(15, record.offset)
    assert.equal("order-1", record.key)
    assert.equal('{"order":1}', record.value)
    assert.equal(1, record:json().order)
    assert.same({ { name = "kind", value = "\0\xffA" } }, record.headers)
    assert.equal(event.records["clicks-0"][1], record.raw)
  end)

  it("goes through partitions in their order", function()
    local event = arrived "kafka"
    local one = event.records["orders-0"]
    event.records["orders-1"], event.records["events-0"] = one, one
    one[2] = { topic = "orders", partition = 0, offset = 16, timestamp = 1, value = json.null }
    local offsets = {}
    for i, record in ipairs(kafka.records(event)) do
      offsets[i] = record.offset
    end
    assert.same({ 15, 16, 15, 16, 15, 16 }, offsets)
    assert.is_nil(kafka.records(event)[2].value)
    assert.is_nil(kafka.records(event)[2].key)
    assert.same({}, kafka.records(event)[2].headers)
  end)

  it("refuses what is none", function()
    assert.error_matches("^kafka event: records: list expected, got nothing", function()
      kafka.records(arrived "sqs")
    end)
    local event = arrived "kafka"
    event.records["orders-0"][1].offset = "15"
    assert.has_error(function()
      kafka.records(event)
    end, "kafka event: records.orders-0[1].offset: integer expected, got string")
    event = arrived "kafka"
    for _, header in ipairs { 1, json.array {}, { a = 1 }, { a = { 300 } }, { a = { "x" } } } do
      event.records["orders-0"][1].headers = { header }
      assert.error_matches("^kafka event: headers of record orders%-0 at 15: ", function()
        return kafka.records(event)[1].headers
      end)
    end
  end)
end)
