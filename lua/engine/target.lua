--- Which AWS a command talks to: the flags, the environment, or, with --local, the local cloud of the
--- service's folder, found or started for as long as the command runs. The only place that knows the
--- difference; everything behind it sees an endpoint, a region and credentials.
local target = {}

local function folder_of(path)
  return path and path:match "^(.*)/[^/]*$" or "."
end

--- What to connect with. `close` ends the local cloud when it was started for this.
---@param globals table   the global flags
---@param path? string    the service file
---@return table target   { endpoint_url?, region?, credentials?, profile?, close }
function target.open(globals, path)
  if not globals["local"] then
    return setmetatable({
      endpoint_url = globals.endpoint_url,
      region = globals.region,
      profile = globals.profile,
      close = function() end,
    }, { __close = function() end })
  end
  local cloud = require("engine.local.attach").open(folder_of(path))
  local opened = {
    endpoint_url = cloud.endpoint_url,
    region = globals.region or cloud.region,
    credentials = cloud.credentials,
  }
  function opened.close()
    cloud:close()
  end
  return setmetatable(opened, { __close = opened.close })
end

return target
