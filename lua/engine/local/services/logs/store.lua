--- The events of log groups, on disk: append-only files, bounded per group.
---
--- What is added together is one line: { at, count, stream, messages = { … }, times = { … } }.
--- Lines are written together, a moment after the first of them came: a function that is called
--- thousands of times a second shall not wait for thousands of writes. Who reads sees them all.
---
--- A group has two files. When the newer is half of the bound, it takes the older one's place and a
--- new one begins with a note that says what is gone: a function that prints without end fills no disk.
---
--- Beside each of them is a file of the streams that were deleted while it was the newer: up to which id
--- their events are no longer told. It goes with its events.
local clock = require "host.clock"
local file = require "host.file"
local journal = require "engine.local.journal"
local json = require "host.json"
local loop = require "engine.local.loop"

local store = {}

--- How many bytes the newer file may reach.
store.half = 32 * 1024 * 1024

--- The stream that the notes of dropped events stand in.
store.NOTES = "laconic-local"

local WRITE_SECONDS <const> = 0.05
local MOST_BYTES <const> = 32 * 1024 -- that wait so long: to write more takes a while
local UNSORTED <const> = { sorted = false }
local STEP_BYTES <const> = 1024 * 1024
local STEP_SECONDS <const> = 0.01

---@class engine.local.services.logs.Event
---@field id string
---@field stream string
---@field timestamp integer  milliseconds
---@field ingested integer   milliseconds
---@field message string

local function open(cloud, folder)
  local known = cloud:memory "logs.files"
  if not known[folder] then
    local path = cloud.state:folder(folder)
    local facts = file.stat(path .. "/events.jsonl")
    file.remove(path .. "/events-dropped.jsonl") -- when a cloud ended while it went
    known[folder] = {
      path = path,
      size = facts and facts.size or 0, -- of the newer file
      count = 0, -- of the events since the start
      lines = file.appender(path .. "/events.jsonl"), -- that are to be written
    }
  end
  return known[folder]
end

--- The time of what comes in now, in milliseconds since 1970.
---@return integer
function store.now()
  return clock.now() * 1000 // 1 | 0
end

-- Ids grow with time, as AWS's do; events of one millisecond are told apart by a count.
local function id_of(at, count)
  return ("%040d%016d"):format(at, count)
end

local function dispose(path)
  local facts = file.stat(path)
  local left = facts and facts.size or 0
  while left > STEP_BYTES do
    left = left - STEP_BYTES
    if not file.shorten(path, left) then
      return -- the group is gone
    end
    loop.sleep(STEP_SECONDS)
  end
  file.remove(path)
end

-- To take tens of megabytes away at once would keep all requests waiting for tens of milliseconds.
local function dispose_slowly(older, dropped)
  assert(file.rename(older, dropped))
  if loop.in_task() then
    loop.spawn(dispose, dropped)
  else
    file.remove(dropped)
  end
end

-- The deletions of a file's time are about events of that file, and of the older that is now gone.
local function rotate_deletions(files)
  local newer, older = files.path .. "/deleted.jsonl", files.path .. "/deleted-before.jsonl"
  file.remove(older)
  if file.exists(newer) then
    assert(file.rename(newer, older))
  end
end

local function rotate(files, now)
  local newer, older = files.path .. "/events.jsonl", files.path .. "/events-before.jsonl"
  local had_older = file.exists(older)
  if had_older then
    dispose_slowly(older, files.path .. "/events-dropped.jsonl")
  end
  assert(file.rename(newer, older))
  rotate_deletions(files)
  files.size = 0
  if had_older then
    local note = ("laconic local dropped this group's older events here: it keeps the last %d MiB")
      :format(store.half * 2 // (1024 * 1024))
    journal.add(newer, {
      id = ("0"):rep(56), -- before every event of its time
      stream = store.NOTES,
      timestamp = now,
      ingested = now,
      message = note,
    })
  end
end

local function write(files)
  local bytes = files.lines:waiting()
  assert(files.lines:write())
  files.size = files.size + bytes
  if files.size > store.half then
    rotate(files, store.now())
  end
end

-- Outside of a task nobody can be trusted to write later: the cloud closes, perhaps.
local function write_soon(files)
  if files.lines:waiting() > math.min(MOST_BYTES, store.half // 8) or not loop.in_task() then
    write(files)
  elseif not files.is_awaited then
    files.is_awaited = true
    loop.spawn(function()
      loop.sleep(WRITE_SECONDS)
      files.is_awaited = nil
      write(files)
    end)
  end
end

--- Adds events to the group whose files are in `folder`.
---@param folder string  a folder of the state
---@param stream string
---@param messages string[]
---@param times integer[]  milliseconds since 1970, one for each message
---@return integer at  when they were taken in, milliseconds
function store.append(cloud, folder, stream, messages, times)
  local files, now = open(cloud, folder), store.now()
  if #messages == 0 then
    return now
  end
  local line = assert(json.encode({
    at = now, count = files.count, stream = stream, messages = messages, times = times,
  }, UNSORTED)) .. "\n"
  files.count = files.count + #messages
  assert(files.lines:add(line))
  write_soon(files)
  return now
end

--- Writes what is left to be written of all groups.
function store.write_all(cloud)
  for _, files in pairs(cloud:memory "logs.files") do
    write(files)
  end
end

-- The note that the newer file begins with when events were dropped, or nil.
local function read_note(files)
  local source <close> = io.open(files.path .. "/events.jsonl", "rb")
  local first = source and json.decode(source:read "L" or "")
  return first and first.stream == store.NOTES and first or nil
end

--- Deletes the events that a stream has: those that come later are told again.
---@param folder string
---@param stream string
function store.delete(cloud, folder, stream)
  local files = open(cloud, folder)
  journal.add(files.path .. "/deleted.jsonl", {
    stream = stream,
    before = id_of(store.now(), files.count),
  })
end

-- By stream, the id of the first event that is not deleted.
local function read_deletions(files)
  local first = {}
  for _, name in ipairs { "deleted-before.jsonl", "deleted.jsonl" } do
    journal.read(files.path .. "/" .. name, function(deletion)
      first[deletion.stream] = deletion.before
    end)
  end
  return first
end

--- Calls `take(event)` for every event of a group, in the order in which they came; where events were
--- dropped before them, a note that says so is the first.
---@param folder string
---@param take fun(event: engine.local.services.logs.Event)
function store.each(cloud, folder, take)
  local files = open(cloud, folder)
  write(files)
  local note, first_kept = read_note(files), read_deletions(files)
  for _, name in ipairs { "events-before.jsonl", "events.jsonl" } do
    journal.read(files.path .. "/" .. name, function(line)
      if note and line.messages then
        note.timestamp = line.times[1]
        take(note)
        note = nil
      end
      local first = first_kept[line.stream]
      local is_deleted = first and line.messages and id_of(line.at, line.count) < first
      for i, message in ipairs(not is_deleted and line.messages or {}) do
        take {
          id = id_of(line.at, line.count + i - 1),
          stream = line.stream,
          timestamp = line.times[i],
          ingested = line.at,
          message = message,
        }
      end
    end)
  end
end

--- How many bytes a group's events take.
---@return integer
function store.size(cloud, folder)
  local files = open(cloud, folder)
  local older = file.stat(files.path .. "/events-before.jsonl")
  return files.size + files.lines:waiting() + (older and older.size or 0)
end

--- Removes a group's files, and forgets what was still to be written to them.
function store.remove(cloud, folder)
  local known = cloud:memory "logs.files"
  local files = known[folder]
  if files then
    files.lines:drop()
  end
  known[folder] = nil
  cloud.state:remove_folder(folder)
end

return store
