--- Notices that files of a folder have changed, by looking at their times and sizes.
---
---     local looked = changes.new "."
---     ...
---     for _, name in ipairs(looked:look()) do print(name) end  --> service.lua
local file = require "host.file"

local changes = {}
changes.__index = changes

local MOST_FILES <const> = 20000

-- What programs write while they work, and what others put there by the thousand.
local function is_passed_over(name)
  return name:find "^%." or name == "node_modules" or name:find "~$" or name:find "%.log$"
end

local function add(found, folder, below, left)
  for _, name in ipairs(file.list(folder) or {}) do
    local path = folder .. "/" .. name
    local facts = not is_passed_over(name) and file.stat(path)
    if facts and facts.kind == "folder" then
      left = add(found, path, below .. name .. "/", left)
    elseif facts and left > 0 then
      found[below .. name] = ("%s %.9f %d"):format(facts.kind, facts.modified, facts.size)
      left = left - 1
    end
  end
  return left
end

local function snapshot(folder)
  local found = {}
  add(found, folder, "", MOST_FILES)
  return found
end

--- Remembers how the files of a folder, and of those in it, are now. Names that begin with "." are
--- passed over, and so are logs, and folders called node_modules.
---@param folder string
---@return engine.source.Changes
function changes.new(folder)
  return setmetatable({ folder = folder, known = snapshot(folder) }, changes)
end

---@class engine.source.Changes
---@field folder string
---@field package known table<string, string>

--- The names of those that are new, changed or gone since the last look, sorted.
---@return string[]
function changes:look()
  local found, names = snapshot(self.folder), {}
  for name, facts in pairs(found) do
    if self.known[name] ~= facts then
      table.insert(names, name)
    end
  end
  for name in pairs(self.known) do
    if not found[name] then
      table.insert(names, name)
    end
  end
  self.known = found
  table.sort(names)
  return names
end

return changes
