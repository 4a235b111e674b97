--- The local cloud of a folder, for commands with --local: the one that runs there, or one started
--- for as long as this command, or another that has found it, runs.
local attendance = require "engine.local.attendance"
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
    "--attended",
    error = "inherit",
    die_with_parent = false, -- others may use it when we are gone
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
  folder = folder_of(folder)
  local lock = attendance.join(folder, PATIENCE)
  local ok, child, url = pcall(find_or_start, folder)
  if not ok then
    lock:close()
    error(child, 0)
  end
  return setmetatable({
    folder = folder,
    lock = lock,
    child = child,
    endpoint_url = url,
    region = credentials.REGION,
    credentials = {
      access_key_id = credentials.ACCESS_KEY_ID,
      secret_access_key = credentials.SECRET_ACCESS_KEY,
    },
  }, attach)
end

-- The cloud ends its functions, and says nothing. One that was asked while it ends by itself would say
-- that it was interrupted.
local function stop(child, is_ending)
  if not is_ending then
    child:kill(15)
  end
  child:wait(PATIENCE)
  child:close()
end

--- Leaves the cloud. One that was started here ends now, unless others use it: then it ends when the
--- last of them has left.
function attach:close()
  local child, lock = self.child, self.lock
  if not lock then
    return
  end
  self.child, self.lock = nil, nil
  lock:close()
  if not child then
    return
  end
  local alone <close> = attendance.alone(self.folder)
  if alone then
    stop(child, false)
  elseif not attendance.is_attended(self.folder) then
    stop(child, true) -- it has seen that it is alone
  else
    child:release()
  end
end

attach.__close = attach.close

return attach
