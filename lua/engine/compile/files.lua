--- The files that will travel, each name once.
local failure = require "engine.failure"

local files = {}

---@class engine.compile.Files
---@field package list engine.Travelling[]
---@field package by_name table<string, engine.Travelling>
local Files = {}
Files.__index = Files

local function origin(entry)
  return entry.path or "the runtime"
end

---@return engine.compile.Files
function files.new()
  return setmetatable({ list = {}, by_name = {} }, Files)
end

--- Adds a file once.
---@param entry engine.Travelling
---@param where? string  who is to blame when another file has its name
---@return boolean is_new
function Files:add(entry, where)
  local other = self.by_name[entry.name]
  if not other then
    self.by_name[entry.name] = entry
    table.insert(self.list, entry)
    return true
  elseif other.path ~= entry.path then
    local text = "'%s' and '%s' would both be '%s' in the archive"
    failure.raise("invalid", text:format(origin(other), origin(entry), entry.name), {
      code = "E209",
      where = where,
    })
  end
  return false
end

--- Lets a file travel as other bytes than it has.
---@param name string
---@param bytes string
function Files:replace(name, bytes)
  local entry = self.by_name[name]
  entry.path, entry.data = nil, bytes
end

--- All of them, sorted by name.
---@return engine.Travelling[]
function Files:sorted()
  local list = table.move(self.list, 1, #self.list, 1, {})
  table.sort(list, function(a, b)
    return a.name < b.name
  end)
  return list
end

return files
