--- Messages to SNS's topics.
---
---     local sns = require "laconic.aws.sns"
---     sns.publish { topic = os.getenv "TOPIC_ARN", message = { order = 7 }, attributes = { kind = "new" } }
---
---@module "laconic.aws.sns"
local attributes = require "laconic.aws.attributes"
local batches = require "laconic.aws.batches"
local check = require "engine.check"
local client = require "laconic.aws.client"
local json = require "host.json"

local sns = {}

local MOST = 10 -- messages in a call
local BYTES = 256 * 1024

local TEXT = { type = "string" }

local MESSAGE = {
  message = { type = { "string", "table" }, required = true },
  attributes = { type = "table" },
  deduplication_id = TEXT,
  group_id = TEXT,
  structure = { one_of = { "json" } },
  subject = { type = "string", least = 1, most = 100 },
}

---@class laconic.SnsMessage
---@field message string|table        a table goes as JSON
---@field subject? string             for e-mail
---@field attributes? table<string, any>  texts, numbers, { bytes = … }: subscriptions filter by them
---@field structure? "json"           the message holds one text for each protocol
---@field group_id? string            FIFO topics
---@field deduplication_id? string    FIFO topics

local function write(message)
  local text = message.message
  return {
    Message = type(text) == "table" and assert(json.encode(text)) or text,
    MessageAttributes = attributes.write(message.attributes),
    MessageDeduplicationId = message.deduplication_id,
    MessageGroupId = message.group_id,
    MessageStructure = message.structure,
    Subject = message.subject,
  }
end

local function read_sent(answer)
  return { message_id = answer.MessageId, sequence_number = answer.SequenceNumber }
end

local PUBLISH = { client = { type = "table" }, topic = TEXT, target = TEXT, phone = TEXT }
for name, rule in pairs(MESSAGE) do
  PUBLISH[name] = rule
end

---@class laconic.SnsPublish: laconic.SnsMessage
---@field topic? string               the topic's ARN, or
---@field target? string              a device's, or
---@field phone? string               "+4915112345678": an SMS
---@field client? laconic.AwsClient

--- Publishes a message.
---@param request laconic.SnsPublish
---@return { message_id: string, sequence_number?: string }
function sns.publish(request)
  check.fields("sns.publish", request, PUBLISH)
  if not (request.topic or request.target or request.phone) then
    check.fail("E102", "sns.publish: one of 'topic', 'target' and 'phone' is needed")
  end
  local params = write(request)
  params.TopicArn, params.TargetArn = request.topic, request.target
  params.PhoneNumber = request.phone
  return read_sent(client.of("sns", request):call("Publish", params))
end

--- Publishes any number of messages, ten in a call. What the topic took is in `sent`, what it refused
--- in `failed`: look at it, for nothing is raised for those.
---@param request { topic: string, messages: laconic.SnsMessage[], client?: laconic.AwsClient }
---@return { sent: table[], failed: laconic.BatchFailure[] }  each with the `index` of its message
function sns.publish_batch(request)
  check.fields("sns.publish_batch", request, {
    client = { type = "table" },
    messages = { each = { fields = MESSAGE }, required = true },
    topic = { type = "string", required = true },
  })
  local entries = {}
  for i, message in ipairs(request.messages) do
    entries[i] = write(message)
  end
  return batches.send {
    client = client.of("sns", request),
    action = "PublishBatch",
    entries = entries,
    most = MOST,
    bytes = BYTES,
    params = function(list)
      return { TopicArn = request.topic, PublishBatchRequestEntries = list }
    end,
    read_sent = read_sent,
  }
end

return sns
