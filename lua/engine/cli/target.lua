--- Which AWS a command talks to: the flags and the environment say, or, with --local, the local cloud
--- of the service's folder, found or started for as long as the command runs. The only place that
--- knows the difference; everything behind it sees a session.
local default = require "engine.aws.default"
local session = require "engine.aws.session"

local target = {}
target.__index = target

local function folder_of(path)
  return path and path:match "^(.*)/[^/]*$" or "."
end

---@class engine.Target
---@field session engine.Session
---@field cloud? engine.local.Attached  with --local
---@field close fun(self: engine.Target)  ends the local cloud when it was started for this

local function opened(here, cloud)
  default.set(here) -- a hook's own calls mean the same AWS
  return setmetatable({ session = here, cloud = cloud }, target)
end

---@param globals table   the global flags
---@param path? string    the service file
---@return engine.Target
function target.open(globals, path)
  if globals.noop then
    require("engine.cli.arguments").refuse "--noop touches no network, and this cannot do without"
  end
  if not globals["local"] then
    return opened(session.new {
      endpoint_url = globals.endpoint_url,
      region = globals.region,
      profile = globals.profile,
    })
  end
  local cloud = require("engine.local.attach").open(folder_of(path))
  local here = session.new {
    endpoint_url = cloud.endpoint_url,
    region = globals.region or cloud.region,
  }
  return opened(here:as(cloud.credentials), cloud)
end

function target:close()
  default.set(nil)
  if self.cloud then
    self.cloud:close()
    self.cloud = nil
  end
end

target.__close = target.close

return target
