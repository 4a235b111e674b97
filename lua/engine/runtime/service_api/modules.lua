--- Where the functions of a service API are: `api/<module>.lua` in the archive, and nowhere else. What
--- a name may be is checked before any file is looked for.
local report = require "engine.runtime.report"
local strict = require "engine.strict"

local modules = {}

local PART <const> = "^[%w_-]+$"

local function refuse(type, text, ...)
  report.refuse(type, text:format(...))
end

local function check_name(name)
  for part in (name .. "."):gmatch "([^.]*)%." do
    if not part:find(PART) then
      refuse("ImportError", "%q is no module of a service API", name)
    end
  end
end

local function read(path, name)
  local handle, problem = io.open(path, "rb")
  if not handle then
    refuse("ImportError", "no module '%s': %s", name, problem)
  end
  local bytes = handle:read "a"
  handle:close()
  return bytes
end

--- Loads a module once. It is in package.loaded as `require "api.<name>"` would have it.
---@param root string    the folder of the unpacked archive
---@param folder string  "api"
---@param name string    "player", "admin.player"
---@return table
function modules.load(root, folder, name)
  local known = folder:gsub("/", ".") .. "." .. name
  local module = package.loaded[known]
  if type(module) == "table" then
    return module
  end
  check_name(name)
  local file = ("%s/%s.lua"):format(folder, name:gsub("%.", "/"))
  local chunk, message = load(read(root .. "/" .. file, name), "@" .. file, "bt",
    strict.environment())
  if not chunk then
    refuse("ImportError", "the module '%s' is not valid Lua: %s", name, message)
  end
  module = chunk(known)
  if type(module) ~= "table" then
    refuse("ImportError", "%s returns a %s instead of a table of functions", file, type(module))
  end
  package.loaded[known] = module
  return module
end

return modules
