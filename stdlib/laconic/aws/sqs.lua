--- Messages of SQS's queues.
---
---     local sqs = require "laconic.aws.sqs"
---     local queue = os.getenv "QUEUE_URL"
---     sqs.send { queue = queue, body = { order = 7 } }  -- a table goes as JSON
---     for _, message in ipairs(sqs.receive { queue = queue, wait = 20 }) do
---       print(message.body)
---       sqs.delete { queue = queue, receipt = message.receipt }
---     end
---
---@module "laconic.aws.sqs"
local attributes = require "laconic.aws.attributes"
local batches = require "laconic.aws.batches"
local check = require "engine.check"
local client = require "laconic.aws.client"
local json = require "host.json"

local sqs = {}

local MOST = 10 -- messages in a call
local BYTES = 256 * 1024 -- in a call; queues may allow more, none allows less

local TEXT = { type = "string" }
local OWN = { type = "table" }
local QUEUE = { type = "string", required = true, least = 1 }
local RECEIPT = { type = "string", required = true, least = 1 }
local VISIBILITY = { type = "integer", least = 0, most = 43200, unit = "seconds" }

local MESSAGE = {
  body = { type = { "string", "table" }, required = true },
  attributes = { type = "table" },
  delay = { type = "integer", least = 0, most = 900, unit = "seconds" },
  deduplication_id = TEXT,
  group_id = TEXT,
}

---@class laconic.SqsMessage
---@field body string|table           a table goes as JSON
---@field attributes? table<string, any>  texts, numbers, { bytes = … }
---@field delay? integer              seconds, 0 to 900; not for FIFO queues
---@field group_id? string            FIFO queues want one
---@field deduplication_id? string    FIFO queues

local function with(rules, more)
  local all = { client = OWN, queue = QUEUE }
  for _, source in ipairs { rules, more or {} } do
    for name, rule in pairs(source) do
      all[name] = rule
    end
  end
  return all
end

local function write(message)
  local body = message.body
  return {
    MessageBody = type(body) == "table" and assert(json.encode(body)) or body,
    MessageAttributes = attributes.write(message.attributes),
    DelaySeconds = message.delay,
    MessageDeduplicationId = message.deduplication_id,
    MessageGroupId = message.group_id,
  }
end

local function read_sent(answer)
  return { message_id = answer.MessageId, sequence_number = answer.SequenceNumber }
end

--- The URL of a queue, by its name.
---@param name string
---@param options? { account?: string, client?: laconic.AwsClient }  account: the owner's, default one's own
---@return string
function sqs.url(name, options)
  check.type("sqs.url: name", name, "string")
  options = options or {}
  local answer = client.of("sqs", options):call("GetQueueUrl", {
    QueueName = name,
    QueueOwnerAWSAccountId = options.account,
  })
  return answer.QueueUrl
end

---@class laconic.SqsSend: laconic.SqsMessage
---@field queue string                the queue's URL
---@field client? laconic.AwsClient

--- Sends a message.
---@param request laconic.SqsSend
---@return { message_id: string, sequence_number?: string }
function sqs.send(request)
  check.fields("sqs.send", request, with(MESSAGE))
  local params = write(request)
  params.QueueUrl = request.queue
  return read_sent(client.of("sqs", request):call("SendMessage", params))
end

--- Sends any number of messages, ten in a call. What the queue took is in `sent`, what it refused in
--- `failed`: look at it, for nothing is raised for those.
---
---     local result = sqs.send_batch { queue = queue, messages = { { body = "a" }, { body = "b" } } }
---     for _, failure in ipairs(result.failed) do print(failure.index, failure.code) end
---
---@param request { queue: string, messages: laconic.SqsMessage[], client?: laconic.AwsClient }
---@return { sent: table[], failed: laconic.BatchFailure[] }  each with the `index` of its message
function sqs.send_batch(request)
  check.fields("sqs.send_batch", request, with({
    messages = { each = { fields = MESSAGE }, required = true },
  }))
  local entries = {}
  for i, message in ipairs(request.messages) do
    entries[i] = write(message)
  end
  return batches.send {
    client = client.of("sqs", request),
    action = "SendMessageBatch",
    entries = entries,
    most = MOST,
    bytes = BYTES,
    params = function(list)
      return { QueueUrl = request.queue, Entries = list }
    end,
    read_sent = read_sent,
  }
end

local RECEIVE = with({
  max = { type = "integer", least = 1, most = MOST },
  visibility = VISIBILITY,
  wait = { type = "integer", least = 0, most = 20, unit = "seconds" },
})

local function read_message(message)
  local system = {}
  for name, value in pairs(message.Attributes or {}) do
    system[name] = math.tointeger(value) or value
  end
  return {
    id = message.MessageId,
    body = message.Body,
    receipt = message.ReceiptHandle,
    attributes = attributes.read(message.MessageAttributes),
    system = system,
  }
end

---@class laconic.SqsReceived
---@field id string
---@field body string
---@field receipt string                   for delete and change_visibility
---@field attributes table<string, any>    as they were sent
---@field system table<string, any>        AWS's: ApproximateReceiveCount, SentTimestamp, …

--- Receives messages; they stay in the queue, unseen by others for a while, until they are deleted.
---@param request { queue: string, max?: integer, wait?: integer, visibility?: integer, client?: laconic.AwsClient }
---  max: 1 to 10, default 10; wait: seconds to wait for one, 0 to 20, default 0; visibility: seconds
---@return laconic.SqsReceived[] messages  {} when there is none
function sqs.receive(request)
  check.fields("sqs.receive", request, RECEIVE)
  local answer = client.of("sqs", request):call("ReceiveMessage", {
    QueueUrl = request.queue,
    MaxNumberOfMessages = request.max or MOST,
    WaitTimeSeconds = request.wait or 0,
    VisibilityTimeout = request.visibility,
    MessageAttributeNames = { "All" },
    MessageSystemAttributeNames = { "All" },
  })
  local messages = {}
  for i, message in ipairs(answer.Messages or {}) do
    messages[i] = read_message(message)
  end
  return messages
end

--- Deletes a message that was received.
---@param request { queue: string, receipt: string, client?: laconic.AwsClient }
function sqs.delete(request)
  check.fields("sqs.delete", request, with({ receipt = RECEIPT }))
  client.of("sqs", request):call("DeleteMessage", {
    QueueUrl = request.queue,
    ReceiptHandle = request.receipt,
  })
end

--- Deletes any number of messages, ten in a call; what fails is told, as in `send_batch`.
---@param request { queue: string, receipts: string[], client?: laconic.AwsClient }
---@return { sent: table[], failed: laconic.BatchFailure[] }
function sqs.delete_batch(request)
  check.fields("sqs.delete_batch", request, with({
    receipts = { each = { type = "string" }, required = true },
  }))
  local entries = {}
  for i, receipt in ipairs(request.receipts) do
    entries[i] = { ReceiptHandle = receipt }
  end
  return batches.send {
    client = client.of("sqs", request),
    action = "DeleteMessageBatch",
    entries = entries,
    most = MOST,
    params = function(list)
      return { QueueUrl = request.queue, Entries = list }
    end,
    read_sent = function()
      return {}
    end,
  }
end

--- Says how long, from now on, nobody else sees a message that was received; 0 gives it back at once.
---@param request { queue: string, receipt: string, visibility: integer, client?: laconic.AwsClient }
---  visibility: seconds, 0 to 43,200
function sqs.change_visibility(request)
  check.fields("sqs.change_visibility", request, with({
    receipt = RECEIPT,
    visibility = { type = "integer", least = 0, most = 43200, unit = "seconds", required = true },
  }))
  client.of("sqs", request):call("ChangeMessageVisibility", {
    QueueUrl = request.queue,
    ReceiptHandle = request.receipt,
    VisibilityTimeout = request.visibility,
  })
end

return sqs
