--- Shared objects on this machine, found as the loader of a program would find them: through the
--- asker's own folders (RPATH, RUNPATH), then those of /etc/ld.so.conf, then the usual ones. What is
--- built for another machine is passed over, as the loader does.
---
---     local found = shared_objects.find("libm.so.6", asker)   -- { name, path, facts }
local elf = require "host.elf"
local file = require "host.file"
local glob = require "engine.source.glob"

local shared_objects = {}

---@class engine.compile.Object
---@field name string           as it is asked for: "libm.so.6"
---@field path string
---@field facts host.elf.Facts
---@field module? string        the module that brought it along

local CONFIGURATION <const> = "/etc/ld.so.conf"
local MOST_INCLUDES <const> = 64 -- a file may include itself

-- Debian keeps machines apart by these; the third of the folders is where its cross compilers look.
local TRIPLETS <const> = { x86_64 = "x86_64-linux-gnu", aarch64 = "aarch64-linux-gnu" }
local WITH_TRIPLET <const> = { "/lib/%s", "/usr/lib/%s", "/usr/%s/lib" }
local USUAL <const> = { "/lib64", "/usr/lib64", "/lib", "/usr/lib" }

--- Reads what a file says about itself.
---@param path string
---@return host.elf.Facts? facts
---@return any? err
function shared_objects.read(path)
  local bytes, err = file.read(path)
  if not bytes then
    return nil, err
  end
  return elf.decode(bytes)
end

-- The files that "include /etc/ld.so.conf.d/*.conf" means.
local function included(pattern)
  local folder, matches = pattern:match "^(.*)/[^/]*$", glob.matcher(pattern)
  local paths = {}
  for _, name in ipairs(folder and file.list(folder) or {}) do
    if matches(folder .. "/" .. name) then
      table.insert(paths, folder .. "/" .. name)
    end
  end
  return paths
end

-- Adds the folders of a file of the loader's configuration; one that is not there has none.
local function add_configured(folders, path, depth)
  for line in (file.read(path) or ""):gmatch "[^\n]+" do
    local text = line:gsub("#.*$", ""):match "^%s*(.-)%s*$"
    local pattern = text:match "^include%s+(/.*)$"
    if pattern and depth.left > 0 then
      for _, name in ipairs(included(pattern)) do
        depth.left = depth.left - 1
        add_configured(folders, name, depth)
      end
    elseif text:match "^/" then
      table.insert(folders, text)
    end
  end
end

local function standard_folders(machine)
  local folders = {}
  add_configured(folders, CONFIGURATION, { left = MOST_INCLUDES })
  for _, form in ipairs(TRIPLETS[machine] and WITH_TRIPLET or {}) do
    table.insert(folders, form:format(TRIPLETS[machine]))
  end
  return table.move(USUAL, 1, #USUAL, #folders + 1, folders)
end

-- $ORIGIN stands for the folder of the file itself. Other names are for loaders to know.
local function own_folders(asker)
  local list = asker.facts.runpath or asker.facts.rpath or ""
  local path = file.real_path(asker.path) or asker.path
  local origin = (path:match "^(.*)/" or "."):gsub("%%", "%%%%")
  local folders = {}
  for entry in list:gmatch "[^:]+" do
    local folder = entry:gsub("%$ORIGIN", origin):gsub("%${ORIGIN}", origin)
    if not folder:find("$", 1, true) then
      table.insert(folders, folder)
    end
  end
  return folders
end

local standard = {} -- machine → folders

-- An object of the asker's machine; or nil, and another machine's path when only such were there.
local function look_in(folders, name, machine, other)
  for _, folder in ipairs(folders) do
    local path = folder .. "/" .. name
    local facts = file.exists(path) and shared_objects.read(path)
    if facts and facts.machine == machine and facts.bits == 64 then
      return { name = name, path = path, facts = facts }, other
    elseif facts then
      other = other or { path = path, machine = facts.machine }
    end
  end
  return nil, other
end

--- The shared object that `asker` means by `name`.
---@param name string
---@param asker engine.compile.Object
---@return engine.compile.Object? object
---@return { path: string, machine: string }? other  one for another machine, when there is no right one
function shared_objects.find(name, asker)
  local machine = asker.facts.machine
  standard[machine] = standard[machine] or standard_folders(machine)
  local found, other = look_in(own_folders(asker), name, machine)
  if not found then
    found, other = look_in(standard[machine], name, machine, other)
  end
  return found, other
end

return shared_objects
