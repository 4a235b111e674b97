--- The objects of one bucket: every version of every key in memory, each change in a journal on disk,
--- and the bodies in files beside it.
---
--- A body is in its place before the journal tells of it, and leaves after, so that a kill in between
--- leaves a file that nobody names: those go when the bucket is next opened.
local file = require "host.file"
local identifier = require "engine.local.identifier"
local journal = require "engine.local.journal"

local index = {}
index.__index = index

---@class engine.local.services.s3.Version
---@field key string
---@field id string              the version id, "null" without versioning
---@field modified number
---@field marker? boolean        a delete marker: no body
---@field body? string           the name of its file
---@field size? integer
---@field etag? string           without its quotes
---@field headers? table<string, string>   content-type and its kin
---@field metadata? table<string, string>  names without "x-amz-meta-"
---@field checksums? table<string, string>
---@field checksum_type? string  "FULL_OBJECT" or "COMPOSITE"
---@field parts? integer[]       sizes, of an object that came in parts
---@field tags? { Key: string, Value: string }[]

local WASTE = 1000 -- lines that may be out of date before the journal is written anew

local function bodies_folder(self)
  return self.folder .. "/bodies"
end

local function remember(self, version)
  local versions = self.keys[version.key]
  if not versions then
    versions = {}
    self.keys[version.key] = versions
    self.sorted = nil
  end
  table.insert(versions, version)
end

local function forget(self, key, id)
  local versions = self.keys[key] or {}
  for place = #versions, 1, -1 do
    if versions[place].id == id then
      local gone = table.remove(versions, place)
      if #versions == 0 then
        self.keys[key] = nil
        self.sorted = nil
      end
      return gone
    end
  end
end

local function remove_orphans(self)
  local named = {}
  for _, versions in pairs(self.keys) do
    for _, version in ipairs(versions) do
      named[version.body or ""] = true
    end
  end
  for _, name in ipairs(file.list(bodies_folder(self)) or {}) do
    if not named[name] then
      file.remove(bodies_folder(self) .. "/" .. name)
    end
  end
end

local function tidy_journal(self, lines, torn)
  local kept = {}
  for _, key in ipairs(self:sorted_keys()) do
    for _, version in ipairs(self.keys[key]) do
      table.insert(kept, { put = version })
    end
  end
  if torn or lines > #kept * 2 + WASTE then
    journal.rewrite(self.path, kept)
  end
end

--- Reads the index of the bucket whose files are in `folder`.
---@param folder string
---@return engine.local.services.s3.Index
function index.open(folder)
  local path = folder .. "/objects.jsonl"
  local self = setmetatable({ folder = folder, path = path, keys = {} }, index)
  assert(file.make_folder(bodies_folder(self)))
  local lines, torn = journal.read(self.path, function(line)
    if line.put then
      forget(self, line.put.key, line.put.id)
      remember(self, line.put)
    else
      forget(self, line.drop, line.id)
    end
  end)
  tidy_journal(self, lines, torn)
  remove_orphans(self)
  return self
end

--- A name for a new body, and the path it is to be moved to.
---@return string name
---@return string path
function index:new_body()
  local name = identifier.uuid()
  return name, bodies_folder(self) .. "/" .. name
end

---@param version engine.local.services.s3.Version
---@return string path
function index:body_path(version)
  return bodies_folder(self) .. "/" .. version.body
end

--- The versions of a key, oldest first, or nil.
---@return engine.local.services.s3.Version[]?
function index:versions(key)
  return self.keys[key]
end

--- The latest version of a key, which may be a delete marker, or nil.
---@return engine.local.services.s3.Version?
function index:latest(key)
  local versions = self.keys[key]
  return versions and versions[#versions]
end

---@return engine.local.services.s3.Version?
function index:find(key, id)
  for _, version in ipairs(self.keys[key] or {}) do
    if version.id == id then
      return version
    end
  end
end

local function remove_body(self, version)
  if version and version.body then
    assert(file.remove(self:body_path(version)))
  end
end

--- Adds a version as the latest of its key; one of the same id is replaced, and its body removed.
---@param version engine.local.services.s3.Version
function index:put(version)
  journal.add(self.path, { put = version })
  local replaced = forget(self, version.key, version.id)
  remember(self, version)
  if replaced and replaced.body ~= version.body then
    remove_body(self, replaced)
  end
end

--- Writes down a change of a version that is in already, without making it the latest.
---@param key string
function index:rewrite(key)
  for _, version in ipairs(self.keys[key]) do
    journal.add(self.path, { put = version })
  end
end

--- Takes a version away, with its body.
---@return engine.local.services.s3.Version? gone
function index:drop(key, id)
  if not self:find(key, id) then
    return nil
  end
  journal.add(self.path, { drop = key, id = id })
  local gone = forget(self, key, id)
  remove_body(self, gone)
  return gone
end

--- Every key in byte order, delete markers too.
---@return string[]
function index:sorted_keys()
  if not self.sorted then
    self.sorted = {}
    for key in pairs(self.keys) do
      table.insert(self.sorted, key)
    end
    table.sort(self.sorted)
  end
  return self.sorted
end

---@return boolean
function index:is_empty()
  return next(self.keys) == nil
end

return index
