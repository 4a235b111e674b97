--- CloudWatch Logs' actions that read events.
local digest = require "host.digest"
local groups = require "engine.local.services.logs.groups"
local json = require "host.json"
local limits = require "engine.local.services.logs.limits"
local pattern = require "engine.local.services.logs.pattern"
local refusal = require "engine.local.services.logs.refusal"
local store = require "engine.local.services.logs.store"
local streams = require "engine.local.services.logs.streams"

local actions = {}

-- Where an event stands among all: by its time, and by its id within it.
local function place_of(event)
  return ("%020d/%s"):format(math.max(event.timestamp, 0), event.id)
end

-- The events of a group from one time up to another, both included, that `wants(event)`, in the order
-- of time.
local function gather(cloud, region, group, from, to, wants)
  local list = {}
  store.each(cloud, groups.data(region, group), function(event)
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
    refusal.invalid "logStreamNames and logStreamNamePrefix exclude each other"
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
    bytes = bytes + #list[place].message + limits.EVENT_OVERHEAD
    if bytes > limits.MOST_BYTES and #out > 0 then
      break
    end
    table.insert(out, list[place])
  end
  return out
end

-- The place of the first event that fits into one answer with all up to `last`.
local function fit_before(list, first, last)
  local bytes = 0
  for place = last, first, -1 do
    bytes = bytes + #list[place].message + limits.EVENT_OVERHEAD
    if bytes > limits.MOST_BYTES and place < last then
      return place + 1
    end
  end
  return first
end

-- The place in the list of the first event after a token's.
local function first_after(list, token)
  local after = token and digest.from_base64(token)
  if token and not after then
    refusal.bad_token()
  end
  for place, event in ipairs(list) do
    if not after or event.place > after then
      return place
    end
  end
  return #list + 1
end

function actions.FilterLogEvents(request, params, cloud)
  local group = groups.find(request, params, cloud)
  local limit = limits.of(params, limits.MOST_EVENTS, limits.MOST_EVENTS)
  local matches, wants_stream = pattern.compile(params.filterPattern), stream_filter(params)
  local from, to = params.startTime or math.mininteger, params.endTime or math.maxinteger
  local list = gather(cloud, request.region, group.name, from, to, function(event)
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
    refusal.bad_token()
  end
  local from = direction == "f" or not direction and params.startFromHead
  local below = (direction or from) and 0 or #list
  for i, event in ipairs(direction and list or {}) do
    if event.place < place or event.place == place and from then
      below = i
    end
  end
  if from then
    return below + 1, math.min(below + limit, #list)
  end
  return fit_before(list, math.max(below - limit + 1, 1), below), below
end

function actions.GetLogEvents(request, params, cloud)
  local group = groups.find(request, params, cloud)
  local stream = streams.find(request, group, params.logStreamName, cloud)
  local limit = limits.of(params, limits.MOST_EVENTS, limits.MOST_EVENTS)
  local from = params.startTime or math.mininteger
  local to = params.endTime and params.endTime - 1 or math.maxinteger -- the end is not included here
  local list = gather(cloud, request.region, group.name, from, to, function(event)
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

return actions
