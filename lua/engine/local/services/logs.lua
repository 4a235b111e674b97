--- CloudWatch Logs: groups, streams, and the events that functions and clients put there.
local digest = require "host.digest"
local fault = require "engine.local.fault"
local json = require "host.json"
local pages = require "engine.local.pages"
local part = require("engine.local.state").part
local pattern = require "engine.local.services.logs.pattern"
local store = require "engine.local.services.logs.store"

local logs = {
  protocol = "json",
  actions = {},
  members = require "engine.local.services.logs.members",
}
local actions = logs.actions

local MOST_EVENTS = 10000 -- of one page, and of one put
local MOST_BYTES = 1024 * 1024
local EVENT_OVERHEAD = 26 -- what AWS counts for an event beside its message
local LONGEST_MESSAGE = 256 * 1024
local OLDEST = 14 * 24 * 3600 * 1000
local NEWEST = 2 * 3600 * 1000

local RETENTIONS = {}
for days in ([[ 1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288
  3653 ]]):gmatch "%d+" do
  RETENTIONS[math.tointeger(tonumber(days))] = true
end

---@class engine.local.services.logs.Group
---@field name string
---@field created integer     milliseconds
---@field retention? integer  days
---@field tags table<string, string>

local function invalid(message)
  fault.raise("InvalidParameterException", message)
end

local function group_document(region, name)
  return ("logs/groups/%s/%s"):format(region, part(name))
end

local function data_folder(region, name)
  return ("logs/data/%s/%s"):format(region, part(name))
end

local function streams_folder(region, name)
  return ("logs/streams/%s/%s"):format(region, part(name))
end

local function stream_document(region, name, stream)
  return ("logs/streams/%s/%s/%s"):format(region, part(name), part(stream))
end

local function check_group_name(name)
  if type(name) ~= "string" or #name > 512 or not name:match "^[%w._/#-]+$" then
    invalid("1 validation error detected: Value at 'logGroupName' failed to satisfy constraint:"
      .. " Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+")
  end
end

local function check_stream_name(name)
  if type(name) ~= "string" or name == "" or #name > 512 or name:find "[:*]"
    or not utf8.len(name) then
    invalid("Value at 'logStreamName' failed to satisfy constraint: 1 to 512 characters,"
      .. " without : and *")
  end
end

-- A group by its name or its ARN.
local function group_name(params)
  local name = params.logGroupName or params.logGroupIdentifier or params.resourceArn
  if type(name) == "string" then
    name = name:match "^arn:aws:logs:[^:]*:[^:]*:log%-group:([^:]+)" or name
  end
  check_group_name(name)
  return name
end

local function no_group()
  fault.raise("ResourceNotFoundException", "The specified log group does not exist.")
end

local function find_group(request, params, cloud)
  local name = group_name(params)
  return cloud.state:get(group_document(request.region, name)) or no_group()
end

local function find_stream(request, group, name, cloud)
  check_stream_name(name)
  return cloud.state:get(stream_document(request.region, group.name, name))
    or fault.raise("ResourceNotFoundException", "The specified log stream does not exist.")
end

local function create_group(cloud, region, name, tags)
  local group = { name = name, created = store.now(), tags = json.object(tags or {}) }
  cloud.state:put(group_document(region, name), group)
  return group
end

local function create_stream(cloud, region, group, name)
  local stream = { name = name, created = store.now() }
  cloud.state:put(stream_document(region, group, name), stream)
  return stream
end

function actions.CreateLogGroup(request, params, cloud)
  local name = group_name(params)
  if cloud.state:get(group_document(request.region, name)) then
    fault.raise("ResourceAlreadyExistsException", "The specified log group already exists")
  end
  create_group(cloud, request.region, name, params.tags)
end

function actions.DeleteLogGroup(request, params, cloud)
  local group = find_group(request, params, cloud)
  cloud.state:remove(group_document(request.region, group.name))
  cloud.state:remove_folder(streams_folder(request.region, group.name))
  store.remove(cloud, data_folder(request.region, group.name))
end

function actions.PutRetentionPolicy(request, params, cloud)
  local group = find_group(request, params, cloud)
  if not RETENTIONS[params.retentionInDays] then
    invalid "The retention must be one of the numbers of days that CloudWatch Logs offers"
  end
  group.retention = params.retentionInDays
  cloud.state:put(group_document(request.region, group.name), group)
end

function actions.DeleteRetentionPolicy(request, params, cloud)
  local group = find_group(request, params, cloud)
  group.retention = nil
  cloud.state:put(group_document(request.region, group.name), group)
end

function actions.CreateLogStream(request, params, cloud)
  local group = find_group(request, params, cloud)
  check_stream_name(params.logStreamName)
  if cloud.state:get(stream_document(request.region, group.name, params.logStreamName)) then
    fault.raise("ResourceAlreadyExistsException", "The specified log stream already exists")
  end
  create_stream(cloud, request.region, group.name, params.logStreamName)
end

function actions.DeleteLogStream(request, params, cloud)
  local group = find_group(request, params, cloud)
  local stream = find_stream(request, group, params.logStreamName, cloud)
  cloud.state:remove(stream_document(request.region, group.name, stream.name))
end

local function check_events(events)
  if type(events) ~= "table" or #events < 1 or #events > MOST_EVENTS then
    invalid "logEvents must have 1 to 10000 events"
  end
  local bytes, before = 0, math.mininteger
  for _, event in ipairs(events) do
    if type(event) ~= "table" or type(event.message) ~= "string" or event.message == ""
      or not math.tointeger(event.timestamp) then
      invalid "Each log event has a timestamp in milliseconds and a message that is not empty"
    elseif #event.message > LONGEST_MESSAGE then
      invalid "Log event too large: the limit is 262144 bytes"
    elseif event.timestamp < before then
      invalid "Log events in a single PutLogEvents request must be in chronological order."
    end
    before, bytes = event.timestamp, bytes + #event.message + EVENT_OVERHEAD
  end
  if bytes > MOST_BYTES then
    invalid("Upload too large: " .. bytes .. " bytes exceeds limit of " .. MOST_BYTES)
  end
end

-- Events too old or too new are left out, and told of by their places.
local function split_by_age(events)
  local time, messages, times, rejected = store.now(), {}, {}, {}
  for place, event in ipairs(events) do
    if event.timestamp < time - OLDEST then
      rejected.tooOldLogEventEndIndex = place
    elseif event.timestamp > time + NEWEST then
      rejected.tooNewLogEventStartIndex = rejected.tooNewLogEventStartIndex or place - 1
    else
      table.insert(messages, event.message)
      table.insert(times, event.timestamp)
    end
  end
  return messages, times, next(rejected) and rejected or nil
end

-- What DescribeLogStreams tells of each stream: read from the events once, then kept up.
local function note(facts, stream, first, last, ingested)
  local fact = facts[stream] or {}
  facts[stream] = fact
  fact.first = math.min(fact.first or first, first)
  fact.last = math.max(fact.last or last, last)
  fact.ingested = ingested
end

local function stream_facts(cloud, folder)
  local known = cloud:memory "logs.streams"
  if not known[folder] then
    known[folder] = {}
    store.each(cloud, folder, function(event)
      note(known[folder], event.stream, event.timestamp, event.timestamp, event.ingested)
    end)
  end
  return known[folder]
end

-- The messages are in the order of time.
local function append(cloud, folder, stream, messages, times)
  local facts = cloud:memory("logs.streams")[folder]
  local ingested = store.append(cloud, folder, stream, messages, times)
  if facts and times[1] then
    note(facts, stream, times[1], times[#times], ingested)
  end
end

---@class engine.local.services.logs.Writer
local writer_methods = {}
writer_methods.__index = writer_methods

--- What another service adds to one stream with.
---
---     local writer = logs.writer(cloud, "us-east-1", "/aws/lambda/hello", stream)
---     writer:prepare()
---     writer:append({ "START RequestId: …" }, { 1700000000000 })
---
---@param region string
---@param group string
---@param stream string
---@return engine.local.services.logs.Writer
function logs.writer(cloud, region, group, stream)
  return setmetatable({
    cloud = cloud,
    region = region,
    group = group,
    stream = stream,
    group_document = group_document(region, group),
    stream_document = stream_document(region, group, stream),
    folder = data_folder(region, group),
  }, writer_methods)
end

--- Makes the group, when it is not there.
function writer_methods:prepare()
  if not self.cloud.state:get(self.group_document) then
    create_group(self.cloud, self.region, self.group)
  end
end

--- Adds events in the order of time, and makes the stream when it is not there. What comes for a
--- group that is gone is dropped.
---@param messages string[]
---@param times integer[]  milliseconds since 1970, one for each message
function writer_methods:append(messages, times)
  local state = self.cloud.state
  if not state:get(self.group_document) then
    return
  end
  if not state:get(self.stream_document) then
    create_stream(self.cloud, self.region, self.group, self.stream)
  end
  append(self.cloud, self.folder, self.stream, messages, times)
end

--- The cloud ends.
function logs.close(cloud)
  store.write_all(cloud)
end

function actions.PutLogEvents(request, params, cloud)
  local group = find_group(request, params, cloud)
  local stream = find_stream(request, group, params.logStreamName, cloud)
  check_events(params.logEvents)
  local messages, times, rejected = split_by_age(params.logEvents)
  append(cloud, data_folder(request.region, group.name), stream.name, messages, times)
  return { nextSequenceToken = ("%056d"):format(store.now()), rejectedLogEventsInfo = rejected }
end

local function limit_of(params, default, most)
  local limit = params.limit or default
  if not math.tointeger(limit) or limit < 1 or limit > most then
    invalid(("limit must be an integer between 1 and %d"):format(most))
  end
  return limit
end

local function bad_token()
  invalid "The specified nextToken is invalid."
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
    storedBytes = store.size(cloud, data_folder(region, group.name)),
  }
end

function actions.DescribeLogGroups(request, params, cloud)
  local prefix = params.logGroupNamePrefix or ""
  local within = (params.logGroupNamePattern or ""):lower()
  local names = {}
  for _, name in ipairs(cloud.state:list("logs/groups/" .. request.region)) do
    local fits = name:sub(1, #prefix) == prefix and name:lower():find(within, 1, true)
    table.insert(names, fits and name or nil)
  end
  local page, token = pages.cut(names, params.nextToken, limit_of(params, 50, 50), function(name)
    return name
  end)
  local groups = json.array {}
  for i, name in ipairs(page or bad_token()) do
    local group = cloud.state:get(group_document(request.region, name))
    groups[i] = shape_group(cloud, request.region, group)
  end
  return { logGroups = groups, nextToken = token }
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
  if params.orderBy == "LastEventTime" then
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
  local group = find_group(request, params, cloud)
  local facts = stream_facts(cloud, data_folder(request.region, group.name))
  local prefix = params.logStreamNamePrefix or ""
  local arn = ("arn:aws:logs:%s:%s:log-group:%s"):format(request.region, cloud.account, group.name)
  local list = {}
  local folder = streams_folder(request.region, group.name)
  for _, name in ipairs(cloud.state:list(folder)) do
    local stream = cloud.state:get(stream_document(request.region, group.name, name))
    if stream and stream.name:sub(1, #prefix) == prefix then
      table.insert(list, shape_stream(arn, stream, facts[stream.name]))
    end
  end
  local order = stream_order(params)
  local name_of = params.descending and function(stream)
    return inverted(order(stream))
  end or order
  table.sort(list, function(a, b)
    return name_of(a) < name_of(b)
  end)
  local page, token = pages.cut(list, params.nextToken, limit_of(params, 50, 50), name_of)
  return { logStreams = json.array(page or bad_token()), nextToken = token }
end

-- Where an event stands among all: by its time, and by its id within it.
local function place_of(event)
  return ("%020d/%s"):format(math.max(event.timestamp, 0), event.id)
end

-- The events of a group between two times that `wants(event)`, in the order of time.
local function gather(cloud, region, group, params, wants)
  local from = params.startTime or math.mininteger
  local to = params.endTime or math.maxinteger
  local list = {}
  store.each(cloud, data_folder(region, group), function(event)
    if event.timestamp >= from and event.timestamp <= to and wants(event) then
      event.place = place_of(event)
      table.insert(list, event)
    end
  end)
  table.sort(list, function(a, b)
    return a.place < b.place
  end)
  return list
end

-- Whether a stream is meant by the parameters of FilterLogEvents.
local function stream_filter(params)
  local names, prefix = params.logStreamNames, params.logStreamNamePrefix
  if names and prefix then
    invalid "logStreamNames and logStreamNamePrefix exclude each other"
  end
  local set = {}
  for _, name in ipairs(names or {}) do
    set[name] = true
  end
  return function(stream)
    return stream == store.NOTES
      or (not names or set[stream]) and (not prefix or stream:sub(1, #prefix) == prefix)
  end
end

-- As many of the first events as one answer may hold.
local function fit(list, first, limit)
  local out, bytes = json.array {}, 0
  for place = first, math.min(#list, first + limit - 1) do
    bytes = bytes + #list[place].message + EVENT_OVERHEAD
    if bytes > MOST_BYTES and #out > 0 then
      break
    end
    table.insert(out, list[place])
  end
  return out
end

-- The place in the list of the first event after a token's.
local function first_after(list, token)
  local after = token and digest.from_base64(token)
  if token and not after then
    bad_token()
  end
  for place, event in ipairs(list) do
    if not after or event.place > after then
      return place
    end
  end
  return #list + 1
end

function actions.FilterLogEvents(request, params, cloud)
  local group = find_group(request, params, cloud)
  local limit = limit_of(params, MOST_EVENTS, MOST_EVENTS)
  local matches, wants_stream = pattern.compile(params.filterPattern), stream_filter(params)
  local list = gather(cloud, request.region, group.name, params, function(event)
    return wants_stream(event.stream) and matches(event.message)
  end)
  local first = first_after(list, params.nextToken)
  local page = fit(list, first, limit)
  local last = list[first + #page - 1]
  local events = json.array {}
  for i, event in ipairs(page) do
    events[i] = {
      logStreamName = event.stream,
      timestamp = event.timestamp,
      message = event.message,
      ingestionTime = event.ingested,
      eventId = event.id,
    }
  end
  return {
    events = events,
    searchedLogStreams = json.array {},
    nextToken = list[first + #page] and digest.to_base64(last.place) or nil,
  }
end

-- Which part of a stream's events a token or a direction means: the places of first and last.
local function window(list, params, limit)
  local direction, place = (params.nextToken or ""):match "^([fb])/(.*)$"
  if params.nextToken and not direction then
    bad_token()
  end
  local from = direction == "f" or not direction and params.startFromHead
  if not direction then
    return from and 1 or math.max(#list - limit + 1, 1), from and math.min(limit, #list) or #list
  end
  local below = 0
  for i, event in ipairs(list) do
    if event.place < place or event.place == place and from then
      below = i
    end
  end
  if from then
    return below + 1, math.min(below + limit, #list)
  end
  return math.max(below - limit + 1, 1), below
end

function actions.GetLogEvents(request, params, cloud)
  local group = find_group(request, params, cloud)
  local stream = find_stream(request, group, params.logStreamName, cloud)
  local limit = limit_of(params, MOST_EVENTS, MOST_EVENTS)
  local list = gather(cloud, request.region, group.name, params, function(event)
    return event.stream == stream.name
  end)
  local first, last = window(list, params, limit)
  local page = fit(list, first, last - first + 1)
  local events = json.array {}
  for i, event in ipairs(page) do
    events[i] = {
      timestamp = event.timestamp,
      message = event.message,
      ingestionTime = event.ingested,
    }
  end
  local here = params.nextToken and params.nextToken:sub(3) or ""
  return {
    events = events,
    nextForwardToken = "f/" .. (page[#page] and page[#page].place or here),
    nextBackwardToken = "b/" .. (page[1] and page[1].place or here),
  }
end

function actions.ListTagsForResource(request, params, cloud)
  return { tags = json.object(find_group(request, params, cloud).tags) }
end

actions.ListTagsLogGroup = actions.ListTagsForResource

local function retag(request, params, cloud, change)
  local group = find_group(request, params, cloud)
  change(group.tags)
  cloud.state:put(group_document(request.region, group.name), group)
end

function actions.TagResource(request, params, cloud)
  retag(request, params, cloud, function(tags)
    for name, value in pairs(params.tags or {}) do
      tags[name] = value
    end
  end)
end

actions.TagLogGroup = actions.TagResource

function actions.UntagResource(request, params, cloud)
  retag(request, params, cloud, function(tags)
    for _, name in ipairs(params.tagKeys or params.tags or {}) do
      tags[name] = nil
    end
  end)
end

actions.UntagLogGroup = actions.UntagResource

return logs
