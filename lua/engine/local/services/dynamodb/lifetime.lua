--- Time to live: the attribute that says when an item expires. What has expired is gone when it is next
--- looked for, where DynamoDB takes up to days.
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local tables = require "engine.local.services.dynamodb.tables"

local lifetime = { actions = {} }
local actions = lifetime.actions

local NO_TABLE <const> = "Requested resource not found: Table: %s not found"

function actions.UpdateTimeToLive(request, params, cloud)
  local found = tables.find(cloud, request.region, params.TableName, NO_TABLE)
  local said, had = params.TimeToLiveSpecification, found.TimeToLive
  local enabled, name = said.Enabled, said.AttributeName
  if type(enabled) ~= "boolean" or type(name) ~= "string" or name == "" then
    invalid "TimeToLiveSpecification: Enabled and AttributeName are required"
  elseif enabled and had then
    invalid "TimeToLive is already enabled"
  elseif not enabled and not had then
    invalid "TimeToLive is already disabled"
  elseif not enabled and had.AttributeName ~= name then
    invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s",
      had.AttributeName)
  end
  found.TimeToLive = enabled and { Enabled = true, AttributeName = name } or nil
  tables.keep(cloud, request.region, found)
  return { TimeToLiveSpecification = { Enabled = enabled, AttributeName = name } }
end

function actions.DescribeTimeToLive(request, params, cloud)
  local live = tables.find(cloud, request.region, params.TableName, NO_TABLE).TimeToLive
  return {
    TimeToLiveDescription = {
      TimeToLiveStatus = live and "ENABLED" or "DISABLED",
      AttributeName = live and live.AttributeName,
    },
  }
end

return lifetime
