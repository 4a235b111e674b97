--- CloudWatch Logs' actions upon groups, and upon their tags.
local fault = require "engine.local.fault"
local groups = require "engine.local.services.logs.groups"
local json = require "host.json"
local limits = require "engine.local.services.logs.limits"
local pages = require "engine.local.pages"
local refusal = require "engine.local.services.logs.refusal"
local store = require "engine.local.services.logs.store"
local streams = require "engine.local.services.logs.streams"
local tags = require "engine.local.services.logs.tags"

local actions = {}

local RETENTIONS = {}
for days in ([[ 1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288
  3653 ]]):gmatch "%d+" do
  RETENTIONS[math.tointeger(tonumber(days))] = true
end

function actions.CreateLogGroup(request, params, cloud)
  local name = groups.name_of(params)
  if cloud.state:get(groups.document(request.region, name)) then
    fault.raise("ResourceAlreadyExistsException", "The specified log group already exists")
  end
  groups.create(cloud, request.region, name, tags.merge({}, params.tags or {}))
end

function actions.DeleteLogGroup(request, params, cloud)
  local group = groups.find(request, params, cloud)
  cloud.state:remove(groups.document(request.region, group.name))
  cloud.state:remove_folder(streams.folder(request.region, group.name))
  store.remove(cloud, groups.data(request.region, group.name))
end

function actions.PutRetentionPolicy(request, params, cloud)
  local group = groups.find(request, params, cloud)
  if not RETENTIONS[params.retentionInDays] then
    refusal.invalid "The retention must be one of the numbers of days that CloudWatch Logs offers"
  end
  group.retention = params.retentionInDays
  groups.keep(cloud, request.region, group)
end

function actions.DeleteRetentionPolicy(request, params, cloud)
  local group = groups.find(request, params, cloud)
  group.retention = nil
  groups.keep(cloud, request.region, group)
end

local function shape_group(cloud, region, group)
  local arn = ("arn:aws:logs:%s:%s:log-group:%s"):format(region, cloud.account, group.name)
  return {
    logGroupName = group.name,
    creationTime = group.created,
    retentionInDays = group.retention,
    metricFilterCount = 0,
    arn = arn .. ":*",
    logGroupArn = arn,
    logGroupClass = "STANDARD",
    storedBytes = store.size(cloud, groups.data(region, group.name)),
  }
end

function actions.DescribeLogGroups(request, params, cloud)
  if params.logGroupNamePrefix and params.logGroupNamePattern then
    refusal.invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive"
      .. " parameters.")
  end
  local prefix, within = params.logGroupNamePrefix or "", params.logGroupNamePattern or ""
  local names = {}
  for _, name in ipairs(cloud.state:list("logs/groups/" .. request.region)) do
    local fits = name:sub(1, #prefix) == prefix and name:find(within, 1, true)
    table.insert(names, fits and name or nil)
  end
  local page, token = pages.cut(names, params.nextToken, limits.of(params, 50, 50), function(name)
    return name
  end)
  local shapes = json.array {}
  for i, name in ipairs(page or refusal.bad_token()) do
    local group = cloud.state:get(groups.document(request.region, name))
    shapes[i] = shape_group(cloud, request.region, group)
  end
  return { logGroups = shapes, nextToken = token }
end

function actions.ListTagsForResource(request, params, cloud)
  return { tags = json.object(groups.find(request, params, cloud).tags) }
end

actions.ListTagsLogGroup = actions.ListTagsForResource

function actions.TagResource(request, params, cloud)
  local group = groups.find(request, params, cloud)
  group.tags = tags.merge(group.tags, params.tags)
  groups.keep(cloud, request.region, group)
end

actions.TagLogGroup = actions.TagResource

function actions.UntagResource(request, params, cloud)
  local group = groups.find(request, params, cloud)
  for _, name in ipairs(params.tagKeys or params.tags or {}) do
    group.tags[name] = nil
  end
  groups.keep(cloud, request.region, group)
end

actions.UntagLogGroup = actions.UntagResource

return actions
