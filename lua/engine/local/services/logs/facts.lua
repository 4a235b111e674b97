--- What DescribeLogStreams tells of each stream: read from the events once, then kept up.
local store = require "engine.local.services.logs.store"

local facts = {}

---@class engine.local.services.logs.Fact
---@field first integer     milliseconds: the time of the first event
---@field last integer      milliseconds: the time of the last
---@field ingested integer  milliseconds: when the last were taken in

local function note(known, stream, first, last, ingested)
  local fact = known[stream] or {}
  known[stream] = fact
  fact.first = math.min(fact.first or first, first)
  fact.last = math.max(fact.last or last, last)
  fact.ingested = ingested
end

--- The facts of a group's streams, by their names.
---@param folder string  the group's, of the store
---@return table<string, engine.local.services.logs.Fact>
function facts.of(cloud, folder)
  local known = cloud:memory "logs.streams"
  if not known[folder] then
    known[folder] = {}
    store.each(cloud, folder, function(event)
      note(known[folder], event.stream, event.timestamp, event.timestamp, event.ingested)
    end)
  end
  return known[folder]
end

--- Adds events to a stream, in the order of time.
---@param folder string  the group's, of the store
---@param stream string
---@param messages string[]
---@param times integer[]  milliseconds since 1970, one for each message
function facts.append(cloud, folder, stream, messages, times)
  local known = cloud:memory("logs.streams")[folder]
  local ingested = store.append(cloud, folder, stream, messages, times)
  if known and times[1] then
    note(known, stream, times[1], times[#times], ingested)
  end
end

--- Deletes a stream's events, and what is known of them.
---@param folder string  the group's, of the store
---@param stream string
function facts.delete(cloud, folder, stream)
  local known = facts.of(cloud, folder)
  if known[stream] then
    known[stream] = nil
    store.delete(cloud, folder, stream)
  end
end

return facts
