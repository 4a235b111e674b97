-- Programs of another machine run under an emulator where there is one, and are refused where not.
local file = require "host.file"
local machine = require "engine.local.services.lambda.machine"

local NUMBERS = { x86_64 = 62, arm64 = 183, sparc = 2 }

local function program(path, name)
  local head = "\127ELF\2\1\1" .. ("\0"):rep(9) .. "\2\0" .. ("<I2"):pack(NUMBERS[name])
  assert(file.write(path, head))
  return path
end

describe("machine", function()
  local folder, own, other

  before_each(function()
    folder = assert(file.temporary_folder())
    own = machine.of(file.program())
    other = own == "x86_64" and "arm64" or "x86_64"
  end)

  after_each(function()
    file.remove_tree(folder)
  end)

  it("tells what a program is built for", function()
    assert.equal("arm64", machine.of(program(folder .. "/a", "arm64")))
    assert.equal("x86_64", machine.of(program(folder .. "/b", "x86_64")))
    assert.equal("machine 2", machine.of(program(folder .. "/c", "sparc")))
    assert(file.write(folder .. "/script", "#!/bin/sh\necho a script that is long enough\n"))
    assert.is_nil(machine.of(folder .. "/script"))
    assert.is_nil(machine.of(folder .. "/nothing"))
  end)

  it("starts its own programs, and scripts, as they are", function()
    local path = program(folder .. "/own", own)

    assert.same({ path }, machine.start_words(path, folder))
    assert(file.write(folder .. "/script", "#!/bin/sh\n"))
    assert.same({ folder .. "/script" }, machine.start_words(folder .. "/script", folder))
  end)

  it("starts another machine's under the emulator that PATH holds, the static one first", function()
    local path = program(folder .. "/other", other)
    local name = other == "arm64" and "/qemu-aarch64" or "/qemu-x86_64"
    assert(file.write(folder .. name, ""))

    assert.same({ folder .. name, path }, machine.start_words(path, "/nowhere:" .. folder))
    assert(file.write(folder .. name .. "-static", ""))
    assert.same({ folder .. name .. "-static", path },
      machine.start_words(path, "/nowhere:" .. folder))
  end)

  it("says what is missing where there is no emulator", function()
    local path = program(folder .. "/other", other)

    local words, obstacle = machine.start_words(path, folder)

    assert.is_nil(words)
    assert.matches("exec format error %(it is built for " .. other, obstacle)
    assert.matches("qemu%-user%-static would run it", obstacle)
    assert.matches("built for machine 2, and this machine is [%w_]+%)$",
      select(2, machine.start_words(program(folder .. "/sparc", "sparc"), folder)))
  end)
end)
