local elf = require "host.elf"
local file = require "host.file"

-- The program that runs this spec is such a file, whatever the machine.
local own = assert(file.read(file.program()))

local function holds(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted or type(item) == "table" and item.name == wanted then
      return item
    end
  end
end

describe("host.elf", function()
  it("tells what a program is, wants and offers", function()
    local facts = assert(elf.decode(own))

    assert.equal(64, facts.bits)
    assert.equal("little", facts.byte_order)
    assert.equal("shared", facts.type) -- position-independent
    assert.truthy(facts.machine == "x86_64" or facts.machine == "aarch64")
    assert.matches("^/lib.*/ld%-linux", facts.interpreter)
    assert.truthy(holds(facts.needed, "libc.so.6"))
    assert.truthy(holds(facts.defined, "lua_newstate"))
    assert.same({}, facts.provided)
    local wanted = holds(facts.undefined, "__libc_start_main")
    assert.equal("libc.so.6", wanted.library)
    assert.matches("^GLIBC_", wanted.version)
    assert.is_false(wanted.weak)
    for _, item in ipairs(facts.required) do
      assert.matches("%.so", item.library)
    end
    assert.truthy(#facts.required > 0)
  end)

  it("reads of other machines' files the header alone", function()
    local header = "\127ELF\1\2\1" .. ("\0"):rep(9) .. "\0\3\0\99" .. ("\0"):rep(32)

    local facts = assert(elf.decode(header))

    assert.same({
      bits = 32, byte_order = "big", machine = "machine 99", type = "shared",
      needed = {}, required = {}, provided = {}, undefined = {}, defined = {},
    }, facts)
  end)

  it("returns nil and an error for what is no such file, or is cut", function()
    local facts, err = elf.decode "#!/bin/sh"
    assert.is_nil(facts)
    assert.equal("input", err.kind)
    assert.equal("ENOEXEC", err.code)

    facts, err = elf.decode(own:sub(1, 100))
    assert.is_nil(facts)
    assert.equal("input", err.kind)
    assert.matches("damaged: ", tostring(err))
  end)

  it("raises for what is no string", function()
    assert.error_matches("bad argument #1 to 'decode' %(string expected, got table%)", function()
      elf.decode {}
    end)
  end)
end)
