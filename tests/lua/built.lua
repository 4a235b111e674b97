--- The runtimes that the build made, beside the program under test.
---
---     local built = dofile "tests/lua/built.lua"
---     built.runtime "packed"   -- "…/bootstrap-x86_64.packed"
local file = require "host.file"
local machine = require "engine.local.services.lambda.machine"

local built = {}

local FOLDER <const> = file.program():match "^(.*/)"

--- This machine's name, as Lambda writes architectures.
built.architecture = machine.of(file.program())

--- The static runtime.
---@param form? "packed"|"path"     default "path"
---@param architecture? string      default this machine's
---@return string path
function built.runtime(form, architecture)
  local name = "bootstrap-" .. (architecture or built.architecture)
  local path = FOLDER .. name .. (form == "packed" and ".packed" or "")
  if not file.exists(path) then
    error(("the build made no %s"):format(path), 0)
  end
  return path
end

--- Every form of the runtime that was made, sanitized ones and other machines' among them; of the
--- dynamic flavour, whose loader must be here, this machine's.
---@return string[] paths
function built.runtimes()
  local list = {}
  for _, name in ipairs(assert(file.list(FOLDER))) do
    if name:match "^bootstrap%-[%w_]+$" or name == "bootstrap-dynamic-" .. built.architecture then
      table.insert(list, FOLDER .. name)
    end
  end
  return list
end

return built
