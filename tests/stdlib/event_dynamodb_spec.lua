local arrived = dofile "tests/stdlib/arrived.lua"
local dynamodb = require "laconic.event.dynamodb"
local json = require "host.json"
local values = require "laconic.aws.dynamodb.values"

local quiet = { log = { error = function() end } }

describe("laconic.event.dynamodb", function()
  it("reads changes with plain images", function()
    local event = arrived "dynamodb"
    local records = dynamodb.records(event)
    local insert, modify, remove = records[1], records[2], records[3]
    assert.equal("INSERT", insert.event_name)
    assert.same({ id = "order-1" }, insert.keys)
    assert.is_nil(insert.old_image)
    assert.same({
      id = "order-1",
      total = 19.5,
      express = true,
      lines = { { sku = "tea", count = 2 } },
      tags = values.set { "gift", "new" },
      label = values.binary "\0\xff",
      note = json.null,
    }, insert.new_image)
    assert.equal("\0\xff", insert.new_image.label.bytes)
    assert.same(event.Records[1].dynamodb.NewImage, values.write_map(insert.new_image))
    assert.equal(19.5, modify.old_image.total)
    assert.equal(24, modify.new_image.total)
    assert.is_nil(remove.new_image)
    assert.equal("4421584500000000017450439002", modify.sequence_number)
    assert.equal("NEW_AND_OLD_IMAGES", modify.stream_view_type)
    assert.equal(1767323045, modify.approximate_creation_date_time)
    assert.equal(event.Records[2], modify.raw)
  end)

  it("knows what a time to live removed", function()
    local event = arrived "dynamodb"
    event.Records[3].userIdentity = { type = "Service", principalId = "dynamodb.amazonaws.com" }
    assert.equal("Service", dynamodb.records(event)[3].user_identity.type)
  end)

  it("stops at the first failure, and names it", function()
    local seen = {}
    local response = dynamodb.each(arrived "dynamodb", function(record)
      table.insert(seen, record.event_name)
      assert(record.event_name ~= "MODIFY")
    end, quiet)
    assert.same({ "INSERT", "MODIFY" }, seen)
    assert.equal('{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439002"}]}',
      json.encode(response))
  end)

  it("answers an empty list when all went well", function()
    assert.equal('{"batchItemFailures":[]}', json.encode(dynamodb.each(arrived "dynamodb", type)))
  end)

  it("fails the record alone whose image is malformed", function()
    local event = arrived "dynamodb"
    event.Records[1].dynamodb.NewImage.total = { N = "many" }
    local response = dynamodb.each(event, function(record)
      return record.new_image
    end, quiet)
    assert.equal("4421584500000000017450439001", response.batchItemFailures[1].itemIdentifier)
    assert.has_error(function()
      return dynamodb.records(event)[1].new_image
    end, "NewImage.total: a number expected")
  end)

  it("refuses what is none", function()
    local event = arrived "dynamodb"
    event.Records[2].dynamodb.SequenceNumber = 5
    assert.has_error(function()
      dynamodb.records(event)
    end, "dynamodb event: Records[2].dynamodb.SequenceNumber: string expected, got integer")
    assert.error_matches("it looks like an event of kinesis", function()
      dynamodb.records(arrived "kinesis")
    end)
  end)
end)
