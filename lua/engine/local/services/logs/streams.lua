--- The streams of log groups, documents of the state.
local fault = require "engine.local.fault"
local invalid = require("engine.local.services.logs.refusal").invalid
local part = require("engine.local.state").part
local store = require "engine.local.services.logs.store"

local streams = {}

---@class engine.local.services.logs.Stream
---@field name string
---@field created integer  milliseconds

--- Where the documents of a group's streams are.
---@return string
function streams.folder(region, group)
  return ("logs/streams/%s/%s"):format(region, part(group))
end

--- Where the document of a stream is.
---@return string
function streams.document(region, group, name)
  return ("logs/streams/%s/%s/%s"):format(region, part(group), part(name))
end

--- Refuses what no stream can be called.
---@param name any
function streams.check_name(name)
  if type(name) ~= "string" or name == "" or #name > 512 or name:find "[:*]"
    or not utf8.len(name) then
    invalid("Value at 'logStreamName' failed to satisfy constraint: 1 to 512 characters,"
      .. " without : and *")
  end
end

--- A stream of a group.
---@return engine.local.services.logs.Stream
function streams.find(request, group, name, cloud)
  streams.check_name(name)
  return cloud.state:get(streams.document(request.region, group.name, name))
    or fault.raise("ResourceNotFoundException", "The specified log stream does not exist.")
end

--- Makes a stream that is not there.
---@return engine.local.services.logs.Stream
function streams.create(cloud, region, group, name)
  local stream = { name = name, created = store.now() }
  cloud.state:put(streams.document(region, group, name), stream)
  return stream
end

return streams
