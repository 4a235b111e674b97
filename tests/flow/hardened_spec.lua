-- What readelf says of the runtimes: nothing to name, and no page of memory that is both written to
-- and executed; of the static ones, nothing to load; of the dynamic one, libc alone.
local process = require "host.process"

local function readelf(options, path)
  local result = assert(process.run { "readelf", options, "--wide", path, timeout = 30 })
  assert.equal(0, result.status, result.output)
  return result.output
end

local function flags_of(segments, name)
  return segments:match("\n%s+" .. name .. "%s+0x%x+ 0x%x+ 0x%x+ 0x%x+ 0x%x+ ([RWE ]+) 0x")
end

for _, form in ipairs(dofile "tests/lua/runtime_forms.lua") do
  if form.name ~= "bootstrap-sanitized" then
    describe(form.name, function()
      local segments = readelf("--program-headers", form.path)

      local dynamic = form.name:match "^bootstrap%-dynamic"

      if not dynamic then
        it("is static: it asks for no interpreter and no shared object", function()
          assert.matches("Elf file type is EXEC", segments)
          assert.is_nil(segments:match "INTERP")
          assert.is_nil(segments:match "DYNAMIC")
          assert.matches("There is no dynamic section", readelf("--dynamic", form.path))
        end)
      else
        it("stands anywhere in memory, binds at its start, and asks for libc alone", function()
          local asked, flags = {}, readelf("--dynamic", form.path)
          for name in flags:gmatch "Shared library: %[([^%]]+)%]" do
            table.insert(asked, name)
          end
          table.sort(asked)
          assert.same({ "libc.so.6", "libm.so.6" }, asked)
          assert.matches("Flags: NOW PIE", flags)
        end)
      end

      it("has a stack that cannot be executed, and no segment that is writable code", function()
        assert.equal("RW ", flags_of(segments, "GNU_STACK"))
        assert.is_nil(segments:match "RWE")
      end)

      it("seals what is relocated once", function()
        assert.equal("R  ", flags_of(segments, "GNU_RELRO"))
      end)

      it("is stripped", function()
        local sections = readelf("--sections", form.path)
        assert.is_nil(sections:match "%.symtab")
        assert.is_nil(sections:match "%.debug")
      end)
    end)
  end
end
