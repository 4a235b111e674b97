--- Pushes to a CodeCommit repository, from its triggers.
---
--- AWS: https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-lambda.html
---@module "laconic.event.codecommit"
local shape = require "laconic.event.shape"

local codecommit = {}

---@class laconic.event.CodecommitRecord
---@field event_id string
---@field event_name string  "ReferenceChanges"; "TriggerEventTest"
---@field event_time string
---@field trigger_name string
---@field repository string
---@field repository_arn string
---@field region? string
---@field custom_data? string
---@field user_identity_arn? string  who pushed
---@field references laconic.event.CodecommitReference[]
---@field raw table

---@class laconic.event.CodecommitReference
---@field ref string      "refs/heads/main"
---@field branch? string  "main"
---@field tag? string
---@field commit string
---@field created boolean
---@field deleted boolean

local FIELDS = {
  { "event_id", "string", "eventId" },
  { "event_name", "string", "eventName" },
  { "event_time", "string", "eventTime" },
  { "trigger_name", "string", "eventTriggerName" },
  { "repository_arn", "string", "eventSourceARN" },
  { "region", "string?", "awsRegion" },
  { "custom_data", "string?", "customData" },
  { "user_identity_arn", "string?", "userIdentityARN" },
  { "references", "list", "codecommit", "references" },
}

local REFERENCE = {
  { "ref", "string", "ref" },
  { "commit", "string", "commit" },
  { "created", "boolean?", "created" },
  { "deleted", "boolean?", "deleted" },
}

local SHAPE = {
  source = "codecommit",
  list = "Records",
  fields = FIELDS,
  origin = { "eventSource", "aws:codecommit" },
}

local function read_reference(path, item)
  local reference = shape.read("codecommit", path, item, REFERENCE)
  reference.branch = reference.ref:match "^refs/heads/(.+)$"
  reference.tag = reference.ref:match "^refs/tags/(.+)$"
  reference.created, reference.deleted = reference.created or false, reference.deleted or false
  return reference
end

--- What was pushed.
---@param event table
---@return laconic.event.CodecommitRecord[]
function codecommit.records(event)
  local records = shape.records(event, SHAPE)
  for i, record in ipairs(records) do
    local path = ("Records[%d]"):format(i)
    record.repository = record.repository_arn:match "[^:]*$"
    local references = {}
    for j, item in ipairs(record.references) do
      references[j] = read_reference(("%s.codecommit.references[%d]"):format(path, j), item)
    end
    record.references = references
  end
  return records
end

return codecommit
