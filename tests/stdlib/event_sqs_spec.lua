local arrived = dofile "tests/stdlib/arrived.lua"
local current = require "engine.runtime.current"
local digest = require "host.digest"
local json = require "host.json"
local s3 = require "laconic.event.s3"
local sqs = require "laconic.event.sqs"

local function batch(bodies, name)
  local event = arrived("sqs", { name = name })
  local records = {}
  for i, body in ipairs(bodies) do
    local record = assert(json.decode(assert(json.encode(event.Records[1]))))
    record.messageId, record.body = "message-" .. i, body
    record.attributes.MessageGroupId = body:match "^group (%w+)" or nil
    records[i] = record
  end
  event.Records = json.array(records)
  return event
end

-- A context whose log is kept.
local function new_context()
  local lines = {}
  local function keep(message, fields)
    table.insert(lines, { message = message, fields = fields })
  end
  return {
    lines = lines,
    log = {
      error = keep,
      warn = keep,
    },
  }
end

local function failed(response)
  local list = {}
  for i, item in ipairs(response.batchItemFailures) do
    list[i] = item.itemIdentifier
  end
  return list
end

describe("laconic.event.sqs", function()
  it("reads messages", function()
    local event = arrived("sqs", { body = '{"order":9007199254740993}' })
    local record = sqs.records(event)[2]
    assert.equal("059f36b4-87a3-44ab-83d2-661975830a7e", record.message_id)
    assert.equal('{"order":9007199254740993}', record.body)
    assert.equal(9007199254740993, record:json().order)
    assert.equal("1", record.attributes.ApproximateReceiveCount)
    assert.equal(1, record.receive_count)
    assert.equal("arn:aws:sqs:us-east-1:123456789012:orders", record.event_source_arn)
    assert.equal(event.Records[2], record.raw)
    assert.is_nil(record.no_such_field)
  end)

  it("decodes the sender's attributes", function()
    local event = arrived "sqs"
    event.Records[1].messageAttributes = {
      whole = { dataType = "Number", stringValue = "-3" },
      large = { dataType = "Number.float", stringValue = "1e3" },
      text = { dataType = "String", stringValue = "12" },
      bytes = { dataType = "Binary.png", binaryValue = digest.to_base64 "\0\xff" },
    }
    local attributes = sqs.records(event)[1].message_attributes
    assert.same({ whole = -3, large = 1000, text = "12", bytes = { bytes = "\0\xff" } }, attributes)
    assert.equal("integer", math.type(attributes.whole))

    event.Records[1].messageAttributes.bytes.binaryValue = "?"
    local pattern = "^sqs event: message [%x-]+: messageAttributes%.bytes%.binaryValue: base64"
    assert.error_matches(pattern, function()
      return sqs.records(event)[1].message_attributes
    end)
  end)

  it("says nothing failed when nothing did", function()
    local seen, context = {}, new_context()
    local response = sqs.each(batch { "a", "b" }, function(record, given)
      table.insert(seen, record.body)
      assert.equal(context, given)
    end, context)
    assert.same({ "a", "b" }, seen)
    assert.equal('{"batchItemFailures":[]}', json.encode(response))
    assert.same({}, context.lines)
  end)

  it("marks what fails alone, and logs why and where", function()
    local context = new_context()
    local response = sqs.each(batch { "a", "b", "c", "d" }, function(record)
      if record.body == "b" then
        error "no such order"
      elseif record.body == "c" then
        error { type = "OrderNotFound", message = "no order c" }
      end
    end, context)
    assert.equal('{"batchItemFailures":[{"itemIdentifier":"message-2"},'
      .. '{"itemIdentifier":"message-3"}]}', json.encode(response))
    assert.equal(2, #context.lines)
    local fields = context.lines[1].fields
    assert.equal("sqs", fields.source)
    assert.equal("message-2", fields.record)
    assert.matches("event_sqs_spec%.lua:%d+: no such order$", fields.error)
    assert.matches("event_sqs_spec%.lua:%d+: no order c$", context.lines[2].fields.error)
  end)

  it("survives whatever is raised", function()
    local things = { false, {}, setmetatable({}, { __tostring = error }), 12, json.null,
      setmetatable({}, { __index = error }) }
    local context, i = new_context(), 0
    local response = sqs.each(batch { "a", "b", "c", "d", "e", "f" }, function()
      i = i + 1
      error(things[i])
    end, context)
    assert.equal(6, #response.batchItemFailures)
    assert.equal(6, #context.lines)
  end)

  it("lets a time-out and the wish to stop pass", function()
    for _, kind in ipairs { "interrupt", "timeout" } do
      local raised = assert.has_error(function()
        sqs.each(batch { "a" }, function()
          error { kind = kind, message = "stop" }
        end, new_context())
      end)
      assert.equal(kind, raised.kind)
    end
  end)

  it("gives back what there is no time for", function()
    local context, calls = new_context(), 0
    function context:cancelled()
      return self == context and calls == 1
    end
    local response = sqs.each(batch { "a", "b", "c" }, function()
      calls = calls + 1
    end, context)
    assert.equal(1, calls)
    assert.same({ "message-2", "message-3" }, failed(response))
    assert.same({ { message = "no time is left for records",
      fields = { source = "sqs", records = 2 } } }, context.lines)
  end)

  it("takes the context of the invocation at hand", function()
    local context = new_context()
    current.begin(context)
    sqs.each(batch { "a" }, function(_, given)
      assert.equal(context, given)
      error "no"
    end)
    current.finish()
    assert.equal("message-1", context.lines[1].fields.record)
  end)

  it("keeps the order of a FIFO queue's groups", function()
    local seen = {}
    local event = batch({ "group a 1", "group b 1", "group a 2", "group b 2", "group a 3" },
      "orders.fifo")
    local response = sqs.each(event, function(record)
      table.insert(seen, record.body)
      if record.body == "group a 2" then
        error "no"
      end
    end, new_context())
    assert.same({ "group a 1", "group b 1", "group a 2", "group b 2" }, seen)
    assert.same({ "message-3", "message-5" }, failed(response))
  end)

  it("does not hold up a standard queue's groups", function()
    local seen = {}
    local response = sqs.each(batch { "group a 1", "group a 2" }, function(record)
      table.insert(seen, record.body)
      error "no"
    end, new_context())
    assert.equal(2, #seen)
    assert.same({ "message-1", "message-2" }, failed(response))
  end)

  it("refuses a batch that is none before anything is handled", function()
    local event, calls = arrived "sqs", 0
    event.Records[2].messageId = json.null
    assert.has_error(function()
      sqs.each(event, function()
        calls = calls + 1
      end)
    end, "sqs event: Records[2].messageId: string expected, got null")
    assert.equal(0, calls)
  end)

  it("says what it got instead", function()
    assert.has_error(function()
      sqs.records(arrived "s3")
    end, "sqs event: Records[1].eventSource: 'aws:sqs' expected, got 'aws:s3'"
      .. " (it looks like an event of s3)")
    assert.has_error(function()
      sqs.records(arrived "api_gateway_v2")
    end, "sqs event: Records: list expected, got nothing"
      .. " (it looks like an event of api_gateway_v2)")
    assert.has_error(function()
      sqs.records(nil)
    end, "sqs event: table expected, got nothing")
    assert.has_error(function()
      sqs.records { Records = { "text" } }
    end, "sqs event: Records[1]: table expected, got string")
  end)

  it("raises for a body that is no JSON", function()
    local record = sqs.records(arrived("sqs", { body = "{" }))[1]
    assert.error_matches("^sqs event: body of message [%x-]+: no JSON: ", function()
      record:json()
    end)
  end)

  it("unwraps what S3 told a topic that told the queue", function()
    local notification = assert(json.encode(arrived("s3", { key = "a b+c.jpg" })))
    local envelope = assert(json.encode {
      Type = "Notification",
      MessageId = "1",
      TopicArn = "arn:aws:sns:us-east-1:123456789012:t",
      Message = notification,
    })
    for _, body in ipairs { notification, envelope } do
      local record = sqs.records(arrived("sqs", { body = body }))[1]
      assert.equal("a b+c.jpg", s3.records(record:unwrap())[1].key)
    end
    assert.equal("plain text", sqs.records(arrived("sqs", { body = "plain text" }))[1]:unwrap())
    assert.equal("12", sqs.records(arrived("sqs", { body = "12" }))[1]:unwrap())
  end)

  it("does not unwrap for ever", function()
    local body = "{}"
    for _ = 1, 12 do
      body = assert(json.encode { Type = "Notification", TopicArn = "t", Message = body })
    end
    assert.equal("string", type(sqs.records(arrived("sqs", { body = body }))[1]:unwrap()))
  end)

  it("blames the author's line for a handler that is none", function()
    assert.error_matches("event_sqs_spec%.lua:%d+: sqs%.each: handle: function expected", function()
      sqs.each(arrived "sqs")
    end)
  end)
end)
