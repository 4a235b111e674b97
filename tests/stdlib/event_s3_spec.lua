local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"
local s3 = require "laconic.event.s3"

local KEY = "in/1+1 = 2 é&%41.jpg"

describe("laconic.event.s3", function()
  it("reads notifications, whose keys are escaped", function()
    local event = arrived("s3", { key = KEY })
    local record = s3.records(event)[1]
    assert.equal("in/1%2B1+%3D+2+%C3%A9%26%2541.jpg", event.Records[1].s3.object.key)
    assert.same({
      event_name = "ObjectCreated:Put",
      event_time = "2026-01-02T03:04:05.678Z",
      region = "us-east-1",
      bucket = "photos",
      bucket_arn = "arn:aws:s3:::photos",
      key = KEY,
      size = 1305107,
      etag = "b21b84d653bb07b05b1e6b33684dc11b",
      version_id = "096fKKXTRTtl3on89fVO.nfljtsv6qko",
      sequencer = "0055AED6DCD90281E5",
      principal_id = "AWS:AIDAJDPLRKLG7UEXAMPLE",
      source_ip_address = "192.0.2.7",
      raw = event.Records[1],
    }, record)
    assert.equal("integer", math.type(record.size))
  end)

  it("reads what EventBridge says, whose keys are not", function()
    local event = arrived("s3_eventbridge", { key = KEY })
    local record = s3.records(event)[1]
    assert.equal("Object Created", record.event_name)
    assert.equal("photos", record.bucket)
    assert.equal("arn:aws:s3:::photos", record.bucket_arn)
    assert.equal(KEY, record.key)
    assert.equal(1305107, record.size)
    assert.equal("0055AED6DCD90281E5", record.sequencer)
    assert.equal(event, record.raw)
  end)

  it("reads a removal, and the tiering that has a name of its own for the object", function()
    local event = arrived "s3"
    local about = event.Records[1].s3
    about.object = { key = "gone", sequencer = "1" }
    assert.is_nil(s3.records(event)[1].size)
    about.object, about.get_object = nil, { key = "tiered", size = 1 }
    assert.equal("tiered", s3.records(event)[1].key)
  end)

  it("finds no record in S3's test event", function()
    assert.same({}, s3.records {
      Service = "Amazon S3",
      Event = "s3:TestEvent",
      Time = "2026-01-02T03:04:05.678Z",
      Bucket = "photos",
    })
  end)

  it("refuses what is none", function()
    assert.has_error(function()
      s3.records(arrived "eventbridge")
    end, "s3 event: source: 'aws.s3' expected, got 'com.example.shop'"
      .. " (it looks like an event of eventbridge)")
    local event = arrived "s3"
    event.Records[1].s3.object.size = "12"
    assert.has_error(function()
      s3.records(event)
    end, "s3 event: Records[1].s3.object.size: integer expected, got string")
    event.Records[1].s3.object = { key = "%zz" }
    assert.has_error(function()
      s3.records(event)
    end, "s3 event: Records[1].s3.object.key: malformed escape at byte 1")
    event.Records[1].s3 = json.null
    assert.has_error(function()
      s3.records(event)
    end, "s3 event: Records[1].s3: table expected, got null")
  end)
end)
