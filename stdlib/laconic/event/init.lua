--- Reading what arrived, in a handler: one module for each source of events.
---
---     local sqs = require "laconic.event.sqs"
---
--- | events | module | what to call |
--- |---|---|---|
--- | queues and streams | `sqs` `kinesis` `dynamodb` | `each(event, handle)`: answers for each record |
--- | lists of records | `s3` `sns` `ses` `codecommit` `kafka` | `records(event)` |
--- | transformations | `firehose` | `transform(event, handle)` |
--- | one fact | `eventbridge` `cloudwatch_logs` `cognito` | `read(event)` |
--- | HTTP | `api_gateway_v1` `api_gateway_v2` `websocket` `alb` | `request(event)`, `response { … }` |
---
--- What is read has fields in snake_case, with AWS's words, and the untouched table as `raw`. An event
--- of the wrong shape raises an error that names the place, with the type "InvalidEvent".
---@module "laconic.event"
local event = {}

local BY_EVENT_SOURCE = {
  ["aws:s3"] = "s3",
  ["aws:sns"] = "sns",
  ["aws:ses"] = "ses",
  ["aws:sqs"] = "sqs",
  ["aws:dynamodb"] = "dynamodb",
  ["aws:kinesis"] = "kinesis",
  ["aws:codecommit"] = "codecommit",
  ["aws:kafka"] = "kafka",
  SelfManagedKafka = "kafka",
}

local function of_records(records)
  local first = type(records) == "table" and records[1]
  if type(first) == "table" then
    local name = first.eventSource or first.EventSource
    return type(name) == "string" and BY_EVENT_SOURCE[name] or nil
  end
end

local function of_request(it)
  local context = it.requestContext
  if type(context) ~= "table" then
    return nil
  elseif context.elb then
    return "alb"
  elseif context.connectionId then
    return "websocket"
  elseif it.version == "2.0" then
    return "api_gateway_v2"
  end
  return it.httpMethod and "api_gateway_v1" or nil
end

--- Which module reads this event, by its shape: "sqs", "api_gateway_v2", …; nil for what none knows.
---@param it any
---@return string?
function event.source(it)
  if type(it) ~= "table" then
    return nil
  end
  return of_records(it.Records)
    or of_request(it)
    or it["detail-type"] and "eventbridge"
    or it.awslogs and "cloudwatch_logs"
    or it.triggerSource and it.userPoolId and "cognito"
    or it.deliveryStreamArn and it.records and "firehose"
    or type(it.eventSource) == "string" and BY_EVENT_SOURCE[it.eventSource]
    or nil
end

return event
