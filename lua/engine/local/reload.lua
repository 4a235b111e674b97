--- Keeps a service in the local cloud as its files are: provisions it, and again after every change.
---
--- The provision is a process of its own, which reaches the cloud as any other does: what is wrong
--- with the service is told, and ends nothing.
local changes = require "engine.source.changes"
local credentials = require "engine.local.credentials"
local file = require "host.file"
local loop = require "engine.local.loop"
local process = require "host.process"

local reload = {}

local LOOK_SECONDS <const> = 0.25 -- between two looks at the files
local QUIET_SECONDS <const> = 0.1 -- without a change, before a provision: editors save in steps

-- The environment of the cloud's own process is not the child's: there is no list of it to be had, and
-- what a provision takes of it is little.
local PASSED_ON <const> = {
  "PATH", "HOME", "USER", "TMPDIR", "LANG", "TERM", "NO_COLOR", "XDG_CONFIG_HOME", "ASAN_OPTIONS",
  "LACONIC_LUA", "LACONIC_ENV", "LUA_PATH", "LUA_CPATH",
}

local function environment(cloud)
  local env = {
    AWS_ENDPOINT_URL = cloud.url,
    AWS_REGION = cloud.region,
    AWS_ACCESS_KEY_ID = credentials.ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY = credentials.SECRET_ACCESS_KEY,
    AWS_EC2_METADATA_DISABLED = "true",
  }
  for _, name in ipairs(PASSED_ON) do
    env[name] = os.getenv(name)
  end
  return env
end

local function provision(cloud, path)
  local child <close> = assert(process.spawn {
    file.program(), "provision", path,
    env = environment(cloud),
  })
  local bytes = child:read()
  while bytes do
    io.stderr:write(bytes)
    loop.wait_readable(child:fd(), LOOK_SECONDS)
    bytes = child:read()
  end
end

local function wait_for_change(looked)
  local names = looked:look()
  while #names == 0 do
    loop.sleep(LOOK_SECONDS)
    names = looked:look()
  end
  repeat
    loop.sleep(QUIET_SECONDS)
  until #looked:look() == 0
  return names
end

--- Provisions the service now and after every change in its folder; for ever, so in a task.
---@param cloud engine.local.Cloud
---@param path string                      the service file
---@param on_change fun(names: string[])   is told which files
function reload.run(cloud, path, on_change)
  local looked = changes.new(path:match "^(.*)/[^/]*$" or ".")
  while true do
    provision(cloud, path)
    on_change(wait_for_change(looked))
  end
end

return reload
