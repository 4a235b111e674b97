--- A bootstrap in a root folder that holds the unpacked archive alone.
---
---     local side = chrooted.start(task)   -- see tests/lua/runtime_api.lua
local file = require "host.file"
local process = require "host.process"

local start_in = dofile "tests/lua/runtime_api.lua"

local chrooted = {}

local EMULATOR <const> = "/usr/bin/qemu-%s-static"

-- What changes the root folder, as root or as anybody. Where nothing can, the test fails: that the
-- runtime stands alone would otherwise go unproven in silence.
local function chroot()
  for _, words in ipairs { { "/usr/sbin/chroot" }, { "unshare", "-r", "/usr/sbin/chroot" } } do
    local trial = table.move(words, 1, #words, 1, {})
    table.move({ "/", "/bin/true" }, 1, 2, #trial + 1, trial)
    local result = process.run(trial)
    if result and result.status == 0 then
      return words
    end
  end
  error("not run: neither chroot nor user namespaces are possible here", 0)
end

--- Starts `bootstrap` of a folder that becomes the root.
---@param task string       the unpacked archive
---@param name? string      the function; default "f"
---@param machine? string   another machine than this: its emulator is put beside bootstrap
---@return table side
function chrooted.start(task, name, machine)
  local words = chroot()
  table.insert(words, task)
  if machine then
    local bytes = assert(file.read(EMULATOR:format(machine)))
    assert(file.write(task .. "/emulator", bytes, { executable = true }))
    table.insert(words, "/emulator")
  end
  table.insert(words, "/bootstrap")
  return start_in(words, task, {
    LAMBDA_TASK_ROOT = "/", _HANDLER = name, PATH = os.getenv "PATH",
  })
end

return chrooted
