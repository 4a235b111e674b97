--- AWS::Logs::LogGroup.
local adoption = require "engine.local.adoption"
local naming = require "engine.local.naming"
local resource_tags = require "engine.local.resource_tags"

local log_group = {
  replacement = { LogGroupName = true, LogGroupClass = true },
  name_property = "LogGroupName",
  taggable = true,
}

local function call(job, action, params)
  return job.cloud:call("logs", action, params, { region = job.region })
end

local function set_retention(job, name)
  local days = job.properties.RetentionInDays
  if days then
    call(job, "PutRetentionPolicy", { logGroupName = name, retentionInDays = tonumber(days) })
  elseif job.previous and job.previous.RetentionInDays then
    call(job, "DeleteRetentionPolicy", { logGroupName = name })
  end
end

local function attributes(job, name)
  return { Arn = naming.arn("logs", job.region, job.account, ("log-group:%s:*"):format(name)) }
end

function log_group.create(job)
  local name = job.properties.LogGroupName or naming.physical(job, 512)
  adoption.create(job, { ResourceAlreadyExistsException = true }, function()
    call(job, "CreateLogGroup", { logGroupName = name, tags = resource_tags.map(job) })
  end, function() end)
  set_retention(job, name)
  return name, attributes(job, name)
end

local function retag(job, arn)
  local wanted = resource_tags.map(job)
  local had = call(job, "ListTagsForResource", { resourceArn = arn }).tags
  call(job, "UntagResource", { resourceArn = arn, tagKeys = resource_tags.gone(had, wanted) })
  call(job, "TagResource", { resourceArn = arn, tags = wanted })
end

function log_group.update(job)
  local given = attributes(job, job.physical_id)
  set_retention(job, job.physical_id)
  retag(job, given.Arn)
  return job.physical_id, given
end

function log_group.delete(job)
  adoption.delete({ ResourceNotFoundException = true }, function()
    call(job, "DeleteLogGroup", { logGroupName = job.physical_id })
  end)
end

return log_group
