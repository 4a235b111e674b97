--- CloudWatch Logs' actions upon streams.
local facts = require "engine.local.services.logs.facts"
local fault = require "engine.local.fault"
local groups = require "engine.local.services.logs.groups"
local json = require "host.json"
local limits = require "engine.local.services.logs.limits"
local pages = require "engine.local.pages"
local refusal = require "engine.local.services.logs.refusal"
local streams = require "engine.local.services.logs.streams"

local actions = {}

function actions.CreateLogStream(request, params, cloud)
  local group = groups.find(request, params, cloud)
  streams.check_name(params.logStreamName)
  if cloud.state:get(streams.document(request.region, group.name, params.logStreamName)) then
    fault.raise("ResourceAlreadyExistsException", "The specified log stream already exists")
  end
  streams.create(cloud, request.region, group.name, params.logStreamName)
end

function actions.DeleteLogStream(request, params, cloud)
  local group = groups.find(request, params, cloud)
  local stream = streams.find(request, group, params.logStreamName, cloud)
  cloud.state:remove(streams.document(request.region, group.name, stream.name))
  facts.delete(cloud, groups.data(request.region, group.name), stream.name)
end

local function shape_stream(group_arn, stream, fact)
  return {
    logStreamName = stream.name,
    creationTime = stream.created,
    firstEventTimestamp = fact and fact.first,
    lastEventTimestamp = fact and fact.last,
    lastIngestionTime = fact and fact.ingested,
    uploadSequenceToken = ("%056d"):format(stream.created),
    arn = group_arn .. ":log-stream:" .. stream.name,
    storedBytes = 0, -- AWS says 0 for streams, always
  }
end

-- The name by which streams are sorted and paged; time as digits when it is asked for.
local function stream_order(params)
  local by = params.orderBy or "LogStreamName"
  if by ~= "LogStreamName" and by ~= "LastEventTime" then
    refusal.invalid(("1 validation error detected: Value '%s' at 'orderBy' failed to satisfy"
      .. " constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]"):format(
      by))
  elseif by == "LastEventTime" and params.logStreamNamePrefix then
    refusal.invalid "Cannot order by LastEventTime with a logStreamNamePrefix."
  elseif by == "LastEventTime" then
    return function(stream)
      return ("%020d/%s"):format(stream.lastEventTimestamp or 0, stream.logStreamName)
    end
  end
  return function(stream)
    return stream.logStreamName
  end
end

-- Turns a text's order around, so that pages go on in descending order too.
local function inverted(name)
  return (name:gsub(".", function(character)
    return string.char(255 - character:byte())
  end)) .. "\xff"
end

function actions.DescribeLogStreams(request, params, cloud)
  local group = groups.find(request, params, cloud)
  local known = facts.of(cloud, groups.data(request.region, group.name))
  local prefix = params.logStreamNamePrefix or ""
  local arn = ("arn:aws:logs:%s:%s:log-group:%s"):format(request.region, cloud.account, group.name)
  local list = {}
  local folder = streams.folder(request.region, group.name)
  for _, name in ipairs(cloud.state:list(folder)) do
    local stream = cloud.state:get(streams.document(request.region, group.name, name))
    if stream and stream.name:sub(1, #prefix) == prefix then
      table.insert(list, shape_stream(arn, stream, known[stream.name]))
    end
  end
  local order = stream_order(params)
  local name_of = params.descending and function(stream)
    return inverted(order(stream))
  end or order
  table.sort(list, function(a, b)
    return name_of(a) < name_of(b)
  end)
  local page, token = pages.cut(list, params.nextToken, limits.of(params, 50, 50), name_of)
  return { logStreams = json.array(page or refusal.bad_token()), nextToken = token }
end

return actions
