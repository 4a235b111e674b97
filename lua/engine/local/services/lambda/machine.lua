--- Which machine a program is built for, and how it is started on this one: as it is, or under QEMU's
--- user-mode emulator, where that is installed.
local file = require "host.file"

local machine = {}

local ELF <const> = "\127ELF"
local NAMES <const> = { [62] = "x86_64", [183] = "arm64" } -- e_machine in an ELF file's header
local EMULATORS <const> = { x86_64 = "qemu-x86_64", arm64 = "qemu-aarch64" }

--- The machine that a program is built for; nil for what is no ELF file, such as a script.
---@param path string
---@return string? name  "x86_64", "arm64", "machine 21"
function machine.of(path)
  local handle = io.open(path, "rb")
  local head = handle and handle:read(20) or ""
  if handle then
    handle:close()
  end
  if #head < 20 or head:sub(1, #ELF) ~= ELF then
    return nil
  end
  local number = ("<I2"):unpack(head, 19)
  return NAMES[number] or "machine " .. number
end

-- Static first: that one also works where the program's own root folder holds no libraries.
local function find_emulator(name, folders)
  for _, form in ipairs { name .. "-static", name } do
    for folder in folders:gmatch "[^:]+" do
      local path = folder .. "/" .. form
      if file.exists(path) then
        return path
      end
    end
  end
end

--- The words that start a program here.
---@param path string
---@param folders? string       where emulators are looked for; default PATH
---@return string[]? words      { path }, or { emulator, path }
---@return string? obstacle     when there are none
function machine.start_words(path, folders)
  local wanted, own = machine.of(path), machine.of(file.program())
  if not wanted or wanted == own then
    return { path }
  end
  local emulator = EMULATORS[wanted]
    and find_emulator(EMULATORS[wanted], folders or os.getenv "PATH" or "")
  if emulator then
    return { emulator, path }
  end
  local remedy = EMULATORS[wanted] and "; qemu-user-static would run it" or ""
  return nil, ("exec format error (it is built for %s, and this machine is %s%s)"):format(
    wanted, own, remedy)
end

return machine
