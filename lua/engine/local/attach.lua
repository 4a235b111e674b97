--- The local cloud of a folder, for commands with --local: the one that runs there, or one started
--- for as long as the command runs.
local clock = require "host.clock"
local credentials = require "engine.local.credentials"
local failure = require "engine.failure"
local file = require "host.file"
local http = require "host.http"
local poll = require "host.poll"
local process = require "host.process"
local state = require "engine.local.state"

local attach = {}
attach.__index = attach

local PATIENCE = 10 -- seconds for the cloud to be ready
local PAUSE = 0.05 -- seconds, while a cloud that was killed leaves its folder

---@class engine.local.Attached
---@field endpoint_url string
---@field region string
---@field credentials { access_key_id: string, secret_access_key: string }

local function folder_of(folder)
  return (folder or ".") .. "/.laconic/local"
end

local function answers(url)
  local response = http.request { url = url .. "/_laconic/health", timeout = 2, proxy = "" }
  return response ~= nil and response.status == 200
end

-- The URL of a cloud that serves the folder now, or nil.
local function find_running(folder)
  local announced = state.announced(folder)
  if announced and process.alive(announced.pid) and answers(announced.url) then
    return announced.url
  end
end

-- Waits for the child's first line: "ready URL", or "held" when another cloud has the folder.
local function first_line(child, deadline)
  local text = ""
  while not text:find("\n", 1, true) do
    local left = deadline - clock.monotonic()
    if left <= 0 then
      failure.raise("failed", ("the local cloud was not ready within %d s"):format(PATIENCE))
    end
    assert(poll.wait({ child:fd() }, left))
    local bytes = child:read()
    if not bytes then
      failure.raise("failed", "the local cloud ended before it was ready; what it said is above")
    end
    text = text .. bytes
  end
  return text:match "^[^\n]*"
end

local function start(folder)
  local child = assert(process.spawn {
    file.program(),
    "local",
    "--port",
    "0",
    "--quiet",
    "--state",
    folder,
    error = "inherit",
  })
  local ok, line = pcall(first_line, child, clock.monotonic() + PATIENCE)
  local url = ok and line:match "^ready (%S+)$"
  if url then
    return child, url
  end
  child:close()
  if not ok then
    error(line, 0)
  end
end

-- Starts one; where another just has the folder, that one is used, or awaited when it is on its way out.
local function find_or_start(folder)
  local deadline = clock.monotonic() + PATIENCE
  repeat
    local running = find_running(folder)
    if running then
      return nil, running
    end
    local child, url = start(folder)
    if child then
      return child, url
    end
    assert(clock.sleep(PAUSE))
  until clock.monotonic() > deadline
  failure.raise("failed", "another local cloud holds " .. folder .. " and does not answer")
end

--- Finds or starts the cloud of a service's folder.
---
---     local cloud <close> = attach.open "."
---     print(cloud.endpoint_url)  --> http://127.0.0.1:40213
---
---@param folder? string  the service's; its state is in .laconic/local below. Default: the current
---@return engine.local.Attached
function attach.open(folder)
  local child, url = find_or_start(folder_of(folder))
  return setmetatable({
    child = child,
    endpoint_url = url,
    region = credentials.REGION,
    credentials = {
      access_key_id = credentials.ACCESS_KEY_ID,
      secret_access_key = credentials.SECRET_ACCESS_KEY,
    },
  }, attach)
end

--- Ends the cloud when it was started here: asked first, so that it ends its functions.
function attach:close()
  local child = self.child
  if child then
    self.child = nil
    child:kill(15)
    child:wait(5)
    child:close()
  end
end

attach.__close = attach.close

return attach
