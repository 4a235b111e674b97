local arrived = dofile "tests/stdlib/arrived.lua"
local json = require "host.json"
local s3 = require "laconic.event.s3"
local sns = require "laconic.event.sns"

describe("laconic.event.sns", function()
  it("reads notifications", function()
    local event = arrived("sns", { subject = "Hi" })
    local record = sns.records(event)[1]
    assert.equal("95df01b4-ee98-5cb9-9903-4c221d41eb5e", record.message_id)
    assert.equal("Hi", record.subject)
    assert.equal("The order was shipped.", record.message)
    assert.equal("arn:aws:sns:us-east-1:123456789012:shipping", record.topic_arn)
    assert.equal("2026-01-02T03:04:05.678Z", record.timestamp)
    assert.same({ carrier = "pigeon", label = { bytes = "\0\xff" } }, record.message_attributes)
    assert.equal(event.Records[1], record.raw)
  end)

  it("reads lists among the attributes, and none of either kind", function()
    local event = arrived "sns"
    event.Records[1].Sns.Subject = json.null
    event.Records[1].Sns.MessageAttributes = {
      list = { Type = "String.Array", Value = '["a",1,null]' },
    }
    local record = sns.records(event)[1]
    assert.is_nil(record.subject)
    assert.same({ "a", 1, json.null }, record.message_attributes.list)
    event.Records[1].Sns.MessageAttributes = nil
    assert.same({}, sns.records(event)[1].message_attributes)
  end)

  it("decodes and unwraps the message", function()
    local body = assert(json.encode(arrived "s3"))
    local record = sns.records(arrived("sns", { body = body }))[1]
    assert.equal("photos", s3.records(record:unwrap())[1].bucket)
    assert.equal("aws:s3", record:json().Records[1].eventSource)
  end)

  it("refuses what is none", function()
    assert.error_matches("^sns event: Records%[1%]%.EventSource: 'aws:sns' expected, got nothing",
      function()
        sns.records(arrived "sqs")
      end)
    local event = arrived "sns"
    event.Records[1].Sns = 5
    assert.has_error(function()
      sns.records(event)
    end, "sns event: Records[1].Sns: table expected, got integer")
    event = arrived "sns"
    event.Records[1].Sns.MessageAttributes.carrier = "pigeon"
    assert.error_matches("MessageAttributes%.carrier: table expected, got string$", function()
      return sns.records(event)[1].message_attributes
    end)
  end)
end)
