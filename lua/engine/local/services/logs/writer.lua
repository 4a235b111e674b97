--- What another service adds to one stream with.
local facts = require "engine.local.services.logs.facts"
local groups = require "engine.local.services.logs.groups"
local streams = require "engine.local.services.logs.streams"

---@class engine.local.services.logs.Writer
local writer = {}
writer.__index = writer

--- A writer of one stream, neither of which nor its group need be there.
---@param region string
---@param group string
---@param stream string
---@return engine.local.services.logs.Writer
function writer.new(cloud, region, group, stream)
  return setmetatable({
    cloud = cloud,
    region = region,
    group = group,
    stream = stream,
    group_document = groups.document(region, group),
    stream_document = streams.document(region, group, stream),
    folder = groups.data(region, group),
  }, writer)
end

--- Makes the group, when it is not there.
function writer:prepare()
  if not self.cloud.state:get(self.group_document) then
    groups.create(self.cloud, self.region, self.group)
  end
end

--- Adds events in the order of time, and makes the stream when it is not there. What comes for a
--- group that is gone is dropped.
---@param messages string[]
---@param times integer[]  milliseconds since 1970, one for each message
function writer:append(messages, times)
  local state = self.cloud.state
  if not state:get(self.group_document) then
    return
  end
  if not state:get(self.stream_document) then
    streams.create(self.cloud, self.region, self.group, self.stream)
  end
  facts.append(self.cloud, self.folder, self.stream, messages, times)
end

return writer
