local arrived = dofile "tests/stdlib/arrived.lua"
local digest = require "host.digest"
local firehose = require "laconic.event.firehose"
local json = require "host.json"

local quiet = { log = { error = function() end } }

local function transform(handle, context)
  local event = arrived "firehose"
  return firehose.transform(event, handle, context or quiet).records, event.records
end

describe("laconic.event.firehose", function()
  it("reads records with their bytes", function()
    local event = arrived("firehose", { body = "\0\xff" })
    event.records[1].kinesisRecordMetadata = { partitionKey = "k", sequenceNumber = "12" }
    local records = firehose.records(event)
    assert.equal("\0\xff", records[1].data)
    assert.equal(event.records[1].recordId, records[1].record_id)
    assert.equal("k", records[1].partition_key)
    assert.equal("12", records[1].sequence_number)
    assert.is_nil(records[2].partition_key)
    assert.same({ page = "/" }, firehose.records(arrived "firehose")[1]:json())
  end)

  it("answers new bytes under the same id", function()
    local answers, records = transform(function(record)
      return record.data .. "\n"
    end)
    assert.same({
      recordId = records[2].recordId,
      result = "Ok",
      data = digest.to_base64 '{"page":"/tea"}\n',
    }, answers[2])
  end)

  it("answers partition keys", function()
    local answers = transform(function(record)
      return { data = record.data, partition_keys = { page = record:json().page } }
    end)
    assert.same({ partitionKeys = { page = "/" } }, answers[1].metadata)
  end)

  it("drops a record for which nothing is returned", function()
    local answers, records = transform(function() end)
    assert.same({ recordId = records[1].recordId, result = "Dropped", data = records[1].data },
      answers[1])
  end)

  it("reports a failure with the record's data, and goes on", function()
    local lines, calls = {}, 0
    local answers, records = transform(function(record)
      calls = calls + 1
      return calls == 1 and error "bad row" or record.data
    end, { log = { error = function(_, fields)
      table.insert(lines, fields)
    end } })
    assert.same({
      recordId = records[1].recordId,
      result = "ProcessingFailed",
      data = records[1].data,
    }, answers[1])
    assert.equal("Ok", answers[2].result)
    assert.matches("event_firehose_spec%.lua:%d+: bad row", lines[1].error)
  end)

  it("takes what no record can be for a failure", function()
    for _, wrong in ipairs { 12, true, {}, { data = 1 }, { data = "", partition_keys = { a = 1 } },
      { data = "", partitionKeys = {} } } do
      local answers = transform(function()
        return wrong
      end)
      assert.equal("ProcessingFailed", answers[1].result)
    end
  end)

  it("refuses what is none", function()
    assert.error_matches("^firehose event: records: list expected, got nothing %(it looks like",
      function()
        firehose.records(arrived "kinesis")
      end)
    local event = arrived "firehose"
    event.records[2].recordId = json.null
    assert.has_error(function()
      firehose.transform(event, type)
    end, "firehose event: records[2].recordId: string expected, got null")
  end)
end)
