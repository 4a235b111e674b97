local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"
local kinesis = require "laconic.event.kinesis"

local quiet = { log = { error = function() end } }

describe("laconic.event.kinesis", function()
  it("reads records with their bytes", function()
    local event = arrived("kinesis", { body = "\0\xff{}", key = "k" })
    local record = kinesis.records(event)[1]
    assert.equal("\0\xff{}", record.data)
    assert.equal("k", record.partition_key)
    assert.equal("shardId-000000000006", record.shard_id)
    assert.equal(event.Records[1].kinesis.sequenceNumber, record.sequence_number)
    assert.equal(1767323045.678, record.approximate_arrival_timestamp)
    assert.equal("arn:aws:kinesis:us-east-1:123456789012:stream/clicks", record.event_source_arn)
    assert.same({ page = "/tea" }, kinesis.records(arrived "kinesis")[2]:json())
  end)

  it("stops at the first failure, and names it", function()
    local event, calls = arrived "kinesis", 0
    local response = kinesis.each(event, function()
      calls = calls + 1
      error "no"
    end, quiet)
    assert.equal(1, calls)
    assert.same({ batchItemFailures = {
      { itemIdentifier = event.Records[1].kinesis.sequenceNumber },
    } }, response)
  end)

  it("gives back what there is no time for", function()
    local event, calls = arrived "kinesis", 0
    local context = { log = { warn = function() end } }
    function context.cancelled()
      return calls == 1
    end
    local response = kinesis.each(event, function()
      calls = calls + 1
    end, context)
    assert.equal(1, calls)
    assert.equal(event.Records[2].kinesis.sequenceNumber,
      response.batchItemFailures[1].itemIdentifier)
  end)

  it("fails the record alone whose data is no base64", function()
    local event = arrived "kinesis"
    event.Records[2].kinesis.data = "?"
    local response = kinesis.each(event, function(record)
      return record.data
    end, quiet)
    assert.equal(event.Records[2].kinesis.sequenceNumber,
      response.batchItemFailures[1].itemIdentifier)
  end)

  it("answers an empty list when all went well", function()
    assert.equal('{"batchItemFailures":[]}', json.encode(kinesis.each(arrived "kinesis", type)))
  end)

  it("refuses what is none", function()
    local event = arrived "kinesis"
    event.Records[1].kinesis.data = nil
    assert.has_error(function()
      kinesis.records(event)
    end, "kinesis event: Records[1].kinesis.data: string expected, got nothing")
  end)
end)
