--- The log groups: documents of the state, and the folder of a group's events.
local json = require "host.json"
local part = require("engine.local.state").part
local refusal = require "engine.local.services.logs.refusal"
local store = require "engine.local.services.logs.store"

local groups = {}

---@class engine.local.services.logs.Group
---@field name string
---@field created integer     milliseconds
---@field retention? integer  days
---@field tags table<string, string>

--- Where the document of a group is.
---@return string
function groups.document(region, name)
  return ("logs/groups/%s/%s"):format(region, part(name))
end

--- Where the events of a group are; see engine.local.services.logs.store.
---@return string
function groups.data(region, name)
  return ("logs/data/%s/%s"):format(region, part(name))
end

local function check_name(name)
  if type(name) ~= "string" or #name > 512 or not name:match "^[%w._/#-]+$" then
    refusal.invalid("1 validation error detected: Value at 'logGroupName' failed to satisfy"
      .. " constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+")
  end
end

--- The name of the group that a request means, by its name or its ARN.
---@return string
function groups.name_of(params)
  local name = params.logGroupName or params.logGroupIdentifier or params.resourceArn
  if type(name) == "string" then
    name = name:match "^arn:aws:logs:[^:]*:[^:]*:log%-group:([^:]+)" or name
  end
  check_name(name)
  return name
end

--- The group that a request means.
---@return engine.local.services.logs.Group
function groups.find(request, params, cloud)
  local name = groups.name_of(params)
  return cloud.state:get(groups.document(request.region, name)) or refusal.no_group()
end

--- Writes down what has changed of a group.
---@param group engine.local.services.logs.Group
function groups.keep(cloud, region, group)
  cloud.state:put(groups.document(region, group.name), group)
end

--- Makes a group that is not there.
---@param tags? table<string, string>
---@return engine.local.services.logs.Group
function groups.create(cloud, region, name, tags)
  local group = { name = name, created = store.now(), tags = json.object(tags or {}) }
  groups.keep(cloud, region, group)
  return group
end

return groups
