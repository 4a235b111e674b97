--- Mail that SES received, by way of a receipt rule's Lambda action.
---
---     local ses = require "laconic.event.ses"
---
---     handler = function(event)
---       local mail = ses.records(event)[1]
---       return ses.response(mail.verdicts.spam == "FAIL" and "STOP_RULE_SET" or "CONTINUE")
---     end
---
--- The mail's text is not in the event: an S3 action before this one keeps it, under the message's id.
---
--- AWS: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
---@module "laconic.event.ses"
local check = require "engine.check"
local shape = require "laconic.event.shape"

local ses = {}

--- A mail.
---@class laconic.event.SesRecord
---@field message_id string
---@field source string         the envelope's sender
---@field destination string[]  the envelope's recipients
---@field recipients string[]   those of them that the rule is for
---@field subject? string
---@field from? string[]
---@field to? string[]
---@field date? string
---@field headers { name: string, value: string }[]
---@field headers_truncated boolean
---@field timestamp string
---@field verdicts table<string, string>  spam, virus, spf, dkim, dmarc: "PASS", "FAIL", "GRAY", …
---@field action table  { type = "Lambda", invocationType = "Event", … }
---@field raw table

local FIELDS = {
  { "message_id", "string", "ses", "mail", "messageId" },
  { "source", "string", "ses", "mail", "source" },
  { "destination", "list", "ses", "mail", "destination" },
  { "recipients", "list", "ses", "receipt", "recipients" },
  { "subject", "string?", "ses", "mail", "commonHeaders", "subject" },
  { "from", "list?", "ses", "mail", "commonHeaders", "from" },
  { "to", "list?", "ses", "mail", "commonHeaders", "to" },
  { "date", "string?", "ses", "mail", "commonHeaders", "date" },
  { "headers", "list?", "ses", "mail", "headers" },
  { "headers_truncated", "boolean?", "ses", "mail", "headersTruncated" },
  { "timestamp", "string", "ses", "mail", "timestamp" },
  { "action", "table?", "ses", "receipt", "action" },
}

local VERDICTS = {
  { "spam", "string?", "ses", "receipt", "spamVerdict", "status" },
  { "virus", "string?", "ses", "receipt", "virusVerdict", "status" },
  { "spf", "string?", "ses", "receipt", "spfVerdict", "status" },
  { "dkim", "string?", "ses", "receipt", "dkimVerdict", "status" },
  { "dmarc", "string?", "ses", "receipt", "dmarcVerdict", "status" },
}

local SHAPE = {
  source = "ses",
  list = "Records",
  fields = FIELDS,
  origin = { "eventSource", "aws:ses" },
}

local DISPOSITION = { type = "string", one_of = { "STOP_RULE", "STOP_RULE_SET", "CONTINUE" } }

--- The mails of the event: one, in practice.
---@param event table
---@return laconic.event.SesRecord[]
function ses.records(event)
  local records = shape.records(event, SHAPE)
  for i, record in ipairs(records) do
    record.headers = record.headers or {}
    record.headers_truncated = record.headers_truncated or false
    record.verdicts = shape.read("ses", ("Records[%d]"):format(i), record.raw, VERDICTS)
    record.verdicts.raw = nil
  end
  return records
end

--- What the handler of a rule that waits for its answer returns.
---@param disposition "STOP_RULE"|"STOP_RULE_SET"|"CONTINUE"  whether further actions and rules are run
---@return { disposition: string }
function ses.response(disposition)
  check.value("ses.response", disposition, DISPOSITION)
  return { disposition = disposition }
end

return ses
