--- AWS::DynamoDB::Table. Its stream has a name and stays empty; recovery in time, insights, policies and
--- Kinesis are kept in the record.
local adoption = require "engine.local.adoption"
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"
local order = require "engine.order"
local resource_tags = require "engine.local.resource_tags"
local same = require "engine.same"

local dynamodb_table = {
  replacement = {
    ImportSourceSpecification = true,
    KeySchema = true,
    LocalSecondaryIndexes = true,
    TableName = true,
  },
  name_property = "TableName",
  taggable = true,
}

local GONE <const> = { ResourceNotFoundException = true }
local LONGEST_NAME <const> = 255

local function call(job, action, params)
  return job.cloud:call("dynamodb", action, params, { region = job.region })
end

local function is_true(value)
  return value == true or value == "true"
end

local function stream_of(properties)
  local said = properties.StreamSpecification
  return said and { StreamEnabled = true, StreamViewType = said.StreamViewType }
end

local function encryption_of(properties)
  local said = properties.SSESpecification
  return said and {
    Enabled = is_true(said.SSEEnabled),
    KMSMasterKeyId = said.KMSMasterKeyId,
    SSEType = said.SSEType,
  }
end

-- What a table is made of and changed by, but its keys and indexes.
local function settings_of(properties)
  return {
    BillingMode = properties.BillingMode or "PROVISIONED",
    DeletionProtectionEnabled = is_true(properties.DeletionProtectionEnabled),
    OnDemandThroughput = properties.OnDemandThroughput,
    ProvisionedThroughput = properties.ProvisionedThroughput,
    SSESpecification = encryption_of(properties),
    StreamSpecification = stream_of(properties),
    TableClass = properties.TableClass,
    WarmThroughput = properties.WarmThroughput,
  }
end

local function set_lifetime(job, name)
  local wanted = job.properties.TimeToLiveSpecification
  local wanted_name = wanted and is_true(wanted.Enabled) and wanted.AttributeName
  local had = call(job, "DescribeTimeToLive", { TableName = name })
    .TimeToLiveDescription.AttributeName
  local function set(attribute, enabled)
    call(job, "UpdateTimeToLive", {
      TableName = name,
      TimeToLiveSpecification = { AttributeName = attribute, Enabled = enabled },
    })
  end
  if had and had ~= wanted_name then
    set(had, false)
  end
  if wanted_name and had ~= wanted_name then
    set(wanted_name, true)
  end
end

local function arn_of(job, name)
  return naming.arn("dynamodb", job.region, job.account, "table/" .. name)
end

local function described(job, name)
  return call(job, "DescribeTable", { TableName = name }).Table
end

local function attributes(job, name)
  return { Arn = arn_of(job, name), StreamArn = described(job, name).LatestStreamArn }
end

function dynamodb_table.create(job)
  local properties = job.properties
  if properties.ImportSourceSpecification then
    fault.not_answered "AWS::DynamoDB::Table with ImportSourceSpecification"
  end
  local name = properties.TableName or naming.physical(job, LONGEST_NAME)
  local params = settings_of(properties)
  params.TableName = name
  params.AttributeDefinitions = properties.AttributeDefinitions
  params.GlobalSecondaryIndexes = properties.GlobalSecondaryIndexes
  params.KeySchema = properties.KeySchema
  params.LocalSecondaryIndexes = properties.LocalSecondaryIndexes
  params.Tags = resource_tags.list(job)
  adoption.create(job, { ResourceInUseException = true }, function()
    call(job, "CreateTable", params)
  end, function() end)
  set_lifetime(job, name)
  return name, attributes(job, name)
end

local function by_name(indexes)
  local map = {}
  for _, index in ipairs(indexes or {}) do
    map[index.IndexName] = index
  end
  return map
end

-- The changes that lead from the indexes that there are to those that are wanted. One with other keys
-- or another projection is made anew.
local function index_updates(had, wanted)
  local updates = {}
  for _, name in ipairs(order.keys(had)) do
    local now = wanted[name]
    if not now or not same(now.KeySchema, had[name].KeySchema)
      or not same(now.Projection, had[name].Projection) then
      table.insert(updates, { Delete = { IndexName = name } })
      had[name] = nil
    end
  end
  for _, name in ipairs(order.keys(wanted)) do
    if not had[name] then
      table.insert(updates, { Create = wanted[name] })
    elseif wanted[name].ProvisionedThroughput then
      table.insert(updates, { Update = {
        IndexName = name,
        ProvisionedThroughput = wanted[name].ProvisionedThroughput,
      } })
    end
  end
  return updates
end

local function retag(job, arn)
  local had, wanted = {}, resource_tags.map(job)
  for _, tag in ipairs(call(job, "ListTagsOfResource", { ResourceArn = arn }).Tags) do
    had[tag.Key] = tag.Value
  end
  call(job, "UntagResource", { ResourceArn = arn, TagKeys = resource_tags.gone(had, wanted) })
  call(job, "TagResource", { ResourceArn = arn, Tags = resource_tags.list(job) })
end

function dynamodb_table.update(job)
  local name, properties = job.physical_id, job.properties
  local now = described(job, name)
  local params = settings_of(properties)
  params.TableName = name
  params.AttributeDefinitions = properties.AttributeDefinitions
  params.StreamSpecification = params.StreamSpecification or { StreamEnabled = false }
  if same(now.StreamSpecification, params.StreamSpecification) then
    params.StreamSpecification = nil -- the same stream goes on
  end
  local updates = index_updates(by_name(now.GlobalSecondaryIndexes),
    by_name(properties.GlobalSecondaryIndexes))
  params.GlobalSecondaryIndexUpdates = #updates > 0 and updates or nil
  call(job, "UpdateTable", params)
  set_lifetime(job, name)
  retag(job, arn_of(job, name))
  return name, attributes(job, name)
end

function dynamodb_table.delete(job)
  adoption.delete(GONE, function()
    call(job, "DeleteTable", { TableName = job.physical_id })
  end)
end

return dynamodb_table
