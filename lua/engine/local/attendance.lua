--- Who uses a cloud that was started for commands: each of them shares a lock on one file, which ends
--- with its process, however that ends. Whoever gets the lock alone knows that nobody is left, and that
--- nobody comes until it lets go.
local clock = require "host.clock"
local failure = require "engine.failure"
local file = require "host.file"
local loop = require "engine.local.loop"

local attendance = {}

local LOOK = 0.1 -- seconds between two looks of the cloud
local PAUSE = 0.02 -- seconds, while a cloud that nobody used any more ends

local function path_of(folder)
  return folder .. "/attended"
end

-- The lock, or nil when another's is in the way.
local function try(folder, options)
  local lock, err = file.lock(path_of(folder), options)
  if not lock and err.code ~= "EAGAIN" then
    error(err, 0)
  end
  return lock
end

--- Joins those who use the cloud of a state folder, made when absent; waits while one ends there.
---@param folder string
---@param patience number  seconds
---@return { close: fun(self) }
function attendance.join(folder, patience)
  assert(file.make_folder(folder))
  local deadline = clock.monotonic() + patience
  repeat
    local lock = try(folder, { shared = true })
    if lock then
      return lock
    end
    assert(clock.sleep(PAUSE))
  until clock.monotonic() > deadline
  failure.raise("failed", "the local cloud of " .. folder .. " does not come to its end")
end

--- The lock that says that nobody uses the cloud, for as long as it is held; nil when somebody does.
---@param folder string
---@return { close: fun(self) }?
function attendance.alone(folder)
  return try(folder)
end

--- Whether somebody uses the cloud now: not so while it ends.
---@param folder string
---@return boolean
function attendance.is_attended(folder)
  local lock = try(folder, { shared = true })
  if lock then
    lock:close()
  end
  return lock ~= nil
end

--- Lets `serve()` run, as a task, until nobody uses the cloud; to be called from a task.
---@param folder string
---@param serve fun()
---@return { close: fun(self) }? lock  to be held until the cloud has ended
function attendance.serve(folder, serve)
  local serving = loop.spawn(serve)
  while not serving:wait(LOOK) do
    local ok, lock = pcall(attendance.alone, folder)
    if not ok then
      return nil -- a folder that is no more has nobody who uses it
    elseif lock then
      return lock
    end
  end
  error(serving.result, 0)
end

return attendance
