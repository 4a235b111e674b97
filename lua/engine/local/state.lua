--- What the local cloud remembers: JSON documents in a folder, each written at once and renamed into
--- place, so that a kill at any moment leaves every document whole, the old one or the new one.
---
--- A document's name is a path such as "iam/roles/hello": any text between the slashes, and `part` for
--- one that may hold slashes of its own. `get` gives the table that is kept in memory: change it and
--- `put` it without waiting in between.
local digest = require "host.digest"
local failure = require "engine.failure"
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"
local uri = require "host.uri"

local state = {}
state.__index = state

local SLASH = "\1" -- stands for a slash within a part of a name
local LONGEST_NAME = 180 -- of a file, so that its temporary neighbour fits into 255 bytes too

--- The code of the error that says that another cloud serves the folder.
state.HELD = "held"

---@class engine.local.State
---@field root string

-- A segment of a name as a file name. What is too long keeps its beginning, and "=" (which encoding
-- never leaves) and a digest take the rest's place; the document itself holds the whole name.
local function file_name(segment)
  local name = uri.encode(segment):gsub("^%.+", function(dots)
    return ("%2E"):rep(#dots)
  end)
  if #name > LONGEST_NAME then
    name = name:sub(1, LONGEST_NAME - 33) .. "=" .. digest.sha256(segment):sub(1, 32)
  end
  return name
end

local function path_of(self, name)
  local parts = { self.root }
  for segment in (name .. "/"):gmatch "(.-)/" do
    table.insert(parts, file_name(segment))
  end
  return table.concat(parts, "/")
end

local function read(path)
  local text, err = file.read(path)
  if not text then
    if err.code == "ENOENT" then
      return nil
    end
    error(err, 0)
  end
  local document, problem = json.decode(text)
  if type(document) ~= "table" or document.value == nil then
    failure.raise("input", ("%s is damaged: %s; remove it to go on without what it held"):format(
      path, problem and tostring(problem) or "it is not one of ours"))
  end
  return document
end

--- A text as one part of a name, whatever slashes it has: "/aws/lambda/hello".
---@param text string
---@return string
function state.part(text)
  return (text:gsub("/", SLASH))
end

--- Opens the state in `folder`, made when absent. One cloud holds a folder at a time: the lock ends
--- with the process, however it ends.
---@param folder string
---@return engine.local.State
function state.open(folder)
  assert(file.make_folder(folder))
  folder = assert(file.real_path(folder)) -- functions run in folders of their own
  local lock, err = file.lock(folder .. "/lock")
  if not lock then
    if err.code == "EAGAIN" then
      local other = state.announced(folder)
      local who = other and (": process %d, %s"):format(other.pid, other.url) or ""
      failure.raise("input", ("another local cloud holds %s%s"):format(folder, who), {
        code = state.HELD,
        hint = "end it, or give this one a folder of its own with --state",
      })
    end
    error(err, 0)
  end
  local self = setmetatable({ root = folder, lock = lock, cache = {} }, state)
  assert(file.remove_tree(folder .. "/spool"))
  return self
end

--- The document of that name, or nil.
---@param name string
---@return any
function state:get(name)
  local value = self.cache[name]
  if value == nil then
    local document = read(path_of(self, name) .. ".json")
    value = document and document.value -- what is absent is not cached: names come from outside
    self.cache[name] = value
  end
  return value
end

--- Writes a document.
---@param name string
---@param value table
function state:put(name, value)
  local text = assert(json.encode({ name = name, value = value }))
  local path = path_of(self, name) .. ".json"
  local done, err = file.write(path, text, { private = true })
  if not done and err.code == "ENOENT" then
    assert(file.make_folder(path:match "^(.*)/"))
    done, err = file.write(path, text, { private = true })
  end
  assert(done, err)
  self.cache[name] = value
end

--- Removes a document; an absent one is no mistake.
---@param name string
function state:remove(name)
  assert(file.remove(path_of(self, name) .. ".json"))
  self.cache[name] = nil
end

--- The names of the documents in a folder ("iam/roles"), without the folder, slashes and all, sorted.
---@param folder string
---@return string[]
function state:list(folder)
  local path = path_of(self, folder)
  local files, err = file.list(path)
  if not files then
    if err.code == "ENOENT" then
      return {}
    end
    error(err, 0)
  end
  local names = {}
  for _, entry in ipairs(files) do
    local encoded = entry:match "^(.+)%.json$"
    local name = encoded and uri.decode(encoded)
    if encoded and encoded:find("=", 1, true) then
      local document = read(path .. "/" .. entry)
      name = document and document.name:sub(#folder + 2)
    end
    table.insert(names, name and name:gsub(SLASH, "/") or nil)
  end
  table.sort(names)
  return names
end

--- A folder for files that are no documents (bodies, logs, unpacked archives), made when absent.
---@param name string
---@return string path
function state:folder(name)
  local path = path_of(self, name)
  assert(file.make_folder(path))
  return path
end

--- Removes a folder with all documents and files in it.
---@param name string
function state:remove_folder(name)
  assert(file.remove_tree(path_of(self, name)))
  for cached in pairs(self.cache) do
    if cached:sub(1, #name + 1) == name .. "/" then
      self.cache[cached] = nil
    end
  end
end

--- Tells other commands where this cloud listens.
---@param endpoint { url: string }
function state:announce(endpoint)
  local value = { url = endpoint.url, pid = process.pid() }
  assert(file.write(self.root .. "/endpoint.json", assert(json.encode(value))))
end

--- Where a cloud that serves `folder` says it listens, or nil. It may be gone: ask it.
---@param folder string
---@return { url: string, pid: integer }?
function state.announced(folder)
  local text = file.read(folder .. "/endpoint.json", { max_bytes = 4096 })
  local value = text and json.decode(text)
  if type(value) == "table" and type(value.url) == "string" and math.type(value.pid) then
    return value
  end
end

--- Gives the folder free.
function state:close()
  file.remove(self.root .. "/endpoint.json")
  self.lock:close()
end

return state
