--- CloudWatch Logs' action by which clients put events.
local facts = require "engine.local.services.logs.facts"
local groups = require "engine.local.services.logs.groups"
local invalid = require("engine.local.services.logs.refusal").invalid
local limits = require "engine.local.services.logs.limits"
local store = require "engine.local.services.logs.store"
local streams = require "engine.local.services.logs.streams"

local actions = {}

local LONGEST_MESSAGE = 256 * 1024
local OLDEST = 14 * 24 * 3600 * 1000
local NEWEST = 2 * 3600 * 1000

local function check_events(events)
  if type(events) ~= "table" or #events < 1 or #events > limits.MOST_EVENTS then
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
    before, bytes = event.timestamp, bytes + #event.message + limits.EVENT_OVERHEAD
  end
  if bytes > limits.MOST_BYTES then
    invalid("Upload too large: " .. bytes .. " bytes exceeds limit of " .. limits.MOST_BYTES)
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

function actions.PutLogEvents(request, params, cloud)
  local group = groups.find(request, params, cloud)
  local stream = streams.find(request, group, params.logStreamName, cloud)
  check_events(params.logEvents)
  local messages, times, rejected = split_by_age(params.logEvents)
  facts.append(cloud, groups.data(request.region, group.name), stream.name, messages, times)
  return { nextSequenceToken = ("%056d"):format(store.now()), rejectedLogEventsInfo = rejected }
end

return actions
