--- What was sent to S3 by runs that have not ended well: <output_dir>/uploads.json.
---
--- An object is written down before it is sent, and struck out when the run ends: because the stack
--- uses it, or because it was taken back. So whatever kills a run, the next one knows what it left.
--- While a journal is open, no other run works in the same folder.
local failure = require "engine.failure"
local file = require "host.file"
local json = require "host.json"

---@class engine.Upload
---@field endpoint string  "aws", or the host of another back end: ports come and go
---@field region string
---@field bucket string
---@field key string

---@class engine.Journal
---@field path string
---@field uploads engine.Upload[]
local journal = {}
journal.__index = journal

local MAX_BYTES = 4 * 1024 * 1024

local function read(path)
  local text, err = file.read(path, { max_bytes = MAX_BYTES })
  if not text then
    if err.code == "ENOENT" then
      return {}
    end
    error(err, 0)
  end
  local document = json.decode(text)
  if type(document) ~= "table" or type(document.uploads) ~= "table" then
    failure.raise("failed", ("%s is damaged"):format(path), {
      hint = "it names objects in S3 that may be left over: look at it, then remove it",
    })
  end
  return document.uploads
end

--- Opens the journal of an output folder, alone.
---@param folder string
---@return engine.Journal
function journal.open(folder)
  assert(file.make_folder(folder))
  local lock, err = file.lock(folder .. "/lock")
  if not lock then
    if err.code ~= "EAGAIN" then
      error(err, 0)
    end
    failure.raise("failed", ("another laconic is at work in %s"):format(folder), {
      code = "E505",
      hint = "wait for it, or name another folder with --output-dir",
    })
  end
  local path = folder .. "/uploads.json"
  local ok, uploads = pcall(read, path)
  if not ok then
    lock:close()
    error(uploads, 0)
  end
  return setmetatable({ path = path, uploads = uploads, lock = lock }, journal)
end

local function same(a, b)
  return a.key == b.key and a.bucket == b.bucket and a.endpoint == b.endpoint
end

local function save(self)
  if #self.uploads == 0 then
    assert(file.remove(self.path))
    return
  end
  local text = assert(json.encode({ uploads = json.array(self.uploads) }, { indent = 2 }))
  assert(file.write(self.path, text .. "\n", { sync = true }))
end

--- Writes down what is about to be sent; returns when that is on the disk.
---@param uploads engine.Upload[]
function journal:note(uploads)
  local changed = false
  for _, upload in ipairs(uploads) do
    local known = false
    for _, other in ipairs(self.uploads) do
      known = known or same(upload, other)
    end
    if not known then
      table.insert(self.uploads, upload)
      changed = true
    end
  end
  if changed then
    save(self)
  end
end

--- Strikes out what is used, or gone.
---@param uploads engine.Upload[]
function journal:strike(uploads)
  local kept = {}
  for _, upload in ipairs(self.uploads) do
    local struck = false
    for _, other in ipairs(uploads) do
      struck = struck or same(upload, other)
    end
    if not struck then
      table.insert(kept, upload)
    end
  end
  if #kept ~= #self.uploads then
    self.uploads = kept
    save(self)
  end
end

function journal:close()
  self.lock:close()
end

journal.__close = journal.close

return journal
