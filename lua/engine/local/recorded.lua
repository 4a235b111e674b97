--- Resource types that are recorded only: nothing is made, but Ref and the attributes resolve to what
--- AWS would plausibly give, so that what depends on them can be made.
local naming = require "engine.local.naming"

local recorded = {}

--- The status reason that says so in the events.
recorded.REASON = "recorded only: this cloud does not act out %s"

-- name: the property that names the resource, and that Ref gives. replace: further properties whose
-- change makes a new resource. id: what Ref gives in place of a name. arn: the ARN's last part,
-- %s being the name. attributes: those besides the ARN that follow from the id.
local TYPES <const> = {
  ["AWS::ApiGateway::Account"] = { id = "short" },
  ["AWS::CloudWatch::Alarm"] = {
    name = "AlarmName", service = "cloudwatch", arn = "alarm:%s",
  },
  ["AWS::CloudWatch::Dashboard"] = { name = "DashboardName" },
  ["AWS::Cognito::UserPool"] = {
    id = "pool", service = "cognito-idp", arn = "userpool/%s",
    attributes = {
      ProviderName = function(id, region)
        return ("cognito-idp.%s.amazonaws.com/%s"):format(region, id)
      end,
      ProviderURL = function(id, region)
        return ("https://cognito-idp.%s.amazonaws.com/%s"):format(region, id)
      end,
      UserPoolId = function(id)
        return id
      end,
    },
  },
  ["AWS::Cognito::UserPoolClient"] = {
    id = "client", service = "cognito-idp", replace = { "GenerateSecret", "UserPoolId" },
    attributes = {
      ClientId = function(id)
        return id
      end,
    },
  },
  ["AWS::Events::EventBus"] = { name = "Name", service = "events", arn = "event-bus/%s" },
  ["AWS::Events::Rule"] = {
    name = "Name", service = "events", arn = "rule/%s", replace = { "EventBusName" },
  },
  ["AWS::Kinesis::Stream"] = { name = "Name", service = "kinesis", arn = "stream/%s" },
  ["AWS::KMS::Key"] = { id = "uuid", service = "kms", arn = "key/%s" },
  ["AWS::Lambda::EventSourceMapping"] = {
    id = "uuid", service = "lambda", arn = "event-source-mapping:%s",
    replace = { "EventSourceArn", "SelfManagedEventSource", "StartingPosition",
      "StartingPositionTimestamp" },
  },
  ["AWS::Lambda::LayerVersion"] = {
    id = "arn", name = "LayerName", service = "lambda", arn = "layer:%s:1",
    replace = { "CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description",
      "LicenseInfo" },
  },
  ["AWS::Scheduler::Schedule"] = {
    name = "Name", service = "scheduler", arn = "schedule/default/%s",
  },
  ["AWS::SNS::Subscription"] = {
    id = "arn", service = "sns", arn = "%s", replace = { "Endpoint", "Protocol", "TopicArn" },
  },
  ["AWS::SNS::Topic"] = {
    id = "arn", name = "TopicName", service = "sns", arn = "%s", replace = { "FifoTopic" },
  },
  ["AWS::SQS::Queue"] = {
    id = "url", name = "QueueName", service = "sqs", arn = "%s", replace = { "FifoQueue" },
  },
  ["AWS::StepFunctions::StateMachine"] = {
    id = "arn", name = "StateMachineName", service = "states", arn = "stateMachine:%s",
    replace = { "StateMachineType" },
  },
}

-- The properties that most types use for their name.
local function guess_name_property(type_name)
  return type_name:match "%w+$" .. "Name"
end

local function arn_of(facts, type_name, name, job)
  local service = facts.service or type_name:match "^AWS::(%w+)::" or "custom"
  local part = facts.arn or type_name:match("%w+$"):lower() .. "/%s"
  return naming.arn(service:lower(), job.region, job.account, (part:gsub("%%s", function()
    return name
  end)))
end

local IDS <const> = {
  short = function(job)
    return naming.digest(job, 10):lower()
  end,
  uuid = function(job)
    local hex = naming.digest_hex(job)
    return ("%s-%s-4%s-a%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(13, 15),
      hex:sub(16, 18), hex:sub(19, 30))
  end,
  pool = function(job)
    return job.region .. "_" .. naming.digest(job, 9)
  end,
  client = function(job)
    return naming.digest(job, 26):lower()
  end,
  arn = function(job, facts, name)
    return arn_of(facts, job.type, name, job)
  end,
  url = function(job, _, name)
    return ("%s/%s/%s"):format(job.cloud.url, job.account, name)
  end,
}

local function physical_name(job, facts)
  local name = facts.name and job.properties[facts.name]
  return type(name) == "string" and name or naming.physical(job, 64)
end

local function create(facts, job)
  local name = physical_name(job, facts)
  local make_id = IDS[facts.id]
  local id = make_id and make_id(job, facts, name) or name
  local attributes = { Arn = arn_of(facts, job.type, make_id and facts.id ~= "arn"
    and facts.id ~= "url" and id or name, job) }
  for attribute, make in pairs(facts.attributes or {}) do
    attributes[attribute] = make(id, job.region)
  end
  return id, attributes
end

local function attribute(facts, record, name, job)
  if name:find "Arn$" and not record.attributes[name] then
    return record.attributes.Arn
  elseif name == facts.name or name:find "Name$" and record.properties[name] == nil then
    return record.properties[name] or record.physical_id
  elseif name == "RootResourceId" then
    return naming.digest(job, 10):lower()
  elseif name == "StreamArn" then
    return record.attributes.Arn .. "/stream/2000-01-01T00:00:00.000"
  end
  local value = record.properties[name]
  return type(value) == "string" and value or "recorded-only:" .. name
end

local function build(type_name)
  local facts = TYPES[type_name] or { name = guess_name_property(type_name) }
  local replacement = {}
  for _, name in ipairs(facts.replace or {}) do
    replacement[name] = true
  end
  if facts.name then
    replacement[facts.name] = true
  end
  return {
    recorded = true,
    replacement = replacement,
    name_property = facts.name,
    create = function(job)
      return create(facts, job)
    end,
    update = function(job)
      return job.physical_id, job.attributes
    end,
    delete = function() end,
    attribute = function(record, name, job)
      return attribute(facts, record, name, job)
    end,
  }
end

local built = {}

--- How a type is recorded.
---@param type_name string
---@return engine.local.Resource
function recorded.of(type_name)
  built[type_name] = built[type_name] or build(type_name)
  return built[type_name]
end

return recorded
