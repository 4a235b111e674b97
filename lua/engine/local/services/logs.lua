--- CloudWatch Logs: groups, streams, and the events that functions and clients put there.
---
--- logs/groups.lua finds and makes groups and streams, logs/store.lua has their events.
local group_actions = require "engine.local.services.logs.group_actions"
local put_action = require "engine.local.services.logs.put_action"
local read_actions = require "engine.local.services.logs.read_actions"
local store = require "engine.local.services.logs.store"
local stream_actions = require "engine.local.services.logs.stream_actions"
local writer = require "engine.local.services.logs.writer"

local logs = {
  protocol = "json",
  actions = {},
  members = require "engine.local.services.logs.members",
}

for _, group in ipairs { group_actions, stream_actions, put_action, read_actions } do
  for name, action in pairs(group) do
    logs.actions[name] = action
  end
end

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
  return writer.new(cloud, region, group, stream)
end

--- The cloud ends.
function logs.close(cloud)
  store.write_all(cloud)
end

return logs
