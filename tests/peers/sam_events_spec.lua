-- What SAM's `local generate-event` makes (LACONIC_EVENTS is its folder), read by laconic.event.*. The
-- expected values are the defaults of SAM's own options.
local event = require "laconic.event"
local file = require "host.file"
local json = require "host.json"

local folder = assert(os.getenv "LACONIC_EVENTS", "LACONIC_EVENTS is not set")

local function load(name)
  return assert(json.decode(assert(file.read(folder .. "/" .. name .. ".json"))))
end

local function records(source, name)
  return require("laconic.event." .. source).records(load(name))
end

local function first(source, name)
  return records(source, name)[1]
end

local function request(source, name)
  local given = load(name)
  assert.equal(source, event.source(given))
  return require("laconic.event.http").request(given)
end

describe("SAM's events", function()
  it("of SQS", function()
    local record = first("sqs", "sqs_receive-message")
    assert.equal("Hello from SQS!", record.body)
    assert.equal("arn:aws:sqs:us-east-1:123456789012:MyQueue", record.event_source_arn)
    assert.equal(1, record.receive_count)
  end)

  it("of SNS", function()
    local given = load "sns_notification"
    given.Records[1].Sns.MessageAttributes.TestBinary.Value = "AP8=" -- SAM's is no base64
    local record = require("laconic.event.sns").records(given)[1]
    assert.equal("example message", record.message)
    assert.equal("example subject", record.subject)
    assert.equal("TestString", record.message_attributes.Test)
    assert.equal("\0\xff", record.message_attributes.TestBinary.bytes)
  end)

  it("of S3", function()
    for _, name in ipairs { "put", "delete" } do
      local record = first("s3", "s3_" .. name)
      assert.equal("example-bucket", record.bucket)
      assert.equal("test/key", record.key)
    end
    assert.equal(1024, first("s3", "s3_put").size)
  end)

  it("of DynamoDB", function()
    local changes = records("dynamodb", "dynamodb_update")
    assert.equal(3, #changes)
    assert.same({ Id = 101 }, changes[1].keys)
    assert.equal("This item has changed", changes[2].new_image.Message)
    assert.equal("New item!", changes[2].old_image.Message)
    assert.is_nil(changes[3].new_image)
  end)

  it("of Kinesis", function()
    local record = first("kinesis", "kinesis_get-records")
    assert.equal("Hello, this is a test 123.", record.data)
    assert.equal("partitionKey-03", record.partition_key)
    assert.equal("shardId-000000000000", record.shard_id)
  end)

  it("of Firehose", function()
    assert.equal("Hello, this is a test 123.", first("firehose", "kinesis_kinesis-firehose").data)
    local streamed = first("firehose", "kinesis_streams-as-source")
    assert.equal("partitionKey-03", streamed.partition_key)
    local decode = require("laconic.event.cloudwatch_logs").decode
    local types = {}
    for i, record in ipairs(records("firehose", "kinesis_cloudwatch-logs-processor")) do
      types[i] = decode(record.data).message_type
    end
    assert.equal("CONTROL_MESSAGE DATA_MESSAGE", table.concat(types, " "):match "^%S+ %S+")
  end)

  it("of CloudWatch Logs, and a schedule", function()
    local logs = require("laconic.event.cloudwatch_logs").read(load "cloudwatch_logs")
    assert.equal("testLogGroup", logs.log_group)
    assert.equal(2, #logs.log_events)
    assert.equal("[ERROR] First test message", logs.log_events[1].message)
    local fact = require("laconic.event.eventbridge").read(load "cloudwatch_scheduled-event")
    assert.is_true(fact.scheduled)
  end)

  it("of SES and CodeCommit", function()
    assert.equal("PASS", first("ses", "ses_email-receiving").verdicts.spam)
    assert.equal("Test Subject", first("ses", "ses_email-receiving").subject)
    local push = first("codecommit", "codecommit_repository")
    assert.equal("my-repo", push.repository)
    assert.equal("master", push.references[1].branch)
  end)

  it("of API Gateway and a load balancer", function()
    local v1 = request("api_gateway_v1", "apigateway_aws-proxy")
    assert.equal("/path/to/resource", v1.path)
    assert.equal("body", v1:json().test)
    assert.equal("prod", v1.stage)
    local v2 = request("api_gateway_v2", "apigateway_http-api-proxy")
    assert.equal("POST", v2.method)
    assert.equal("value1,value2", table.concat(v2.multi_value_query.parameter1, ","))
    assert.same({ "cookie1", "cookie2" }, v2.raw.cookies)
    local alb = request("alb", "alb_request")
    assert.equal("1234ABCD", alb.query.query)
    assert.equal("72.12.164.125", alb.source_ip)
    assert.equal("body", alb:json().test)
  end)
end)
