-- What `architecture` chooses: for either, the archive holds one static program and the service, and
-- serves in a file system that holds nothing else. Another machine's runs under QEMU.
local archive = require "host.archive"
local built = dofile "tests/lua/built.lua"
local elf = require "host.elf"
local chrooted = dofile "tests/flow/chrooted.lua"
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"
local program = dofile "tests/program.lua"

local MOST_BYTES <const> = 2800000
local MACHINES <const> = { x86_64 = "x86_64", arm64 = "aarch64" }

-- examples/01-hello for an architecture, built into its archive.
local function package(folder, architecture)
  local text = assert(file.read "examples/01-hello/service.lua")
  local words = ('service:lambda {\n  architecture = "%s",'):format(architecture)
  text = text:gsub("service:lambda {", words, 1)
  assert(file.write(folder .. "/service.lua", text))
  local result = assert(process.run { program.path, "build", cwd = folder, timeout = 60 })
  assert.equal(0, result.status, result.output)
  return folder .. "/.laconic/hello/code.zip"
end

for architecture, machine in pairs(MACHINES) do
  describe("examples/01-hello for " .. architecture, function()
    local folder

    before_each(function()
      folder = assert(file.temporary_folder())
    end)

    after_each(function()
      file.remove_tree(folder)
    end)

    it("is one static program and the service, in 2.8 MB at most", function()
      local zip = package(folder, architecture)

      local size = assert(file.stat(zip)).size
      assert.truthy(size <= MOST_BYTES, ("%d bytes"):format(size))
      assert(archive.extract(zip, folder .. "/task"))
      assert.same({ "bootstrap", "service.lua" }, file.walk(folder .. "/task"))
      local facts = assert(elf.decode(assert(file.read(folder .. "/task/bootstrap"))))
      assert.equal(machine, facts.machine)
      assert.is_nil(facts.interpreter)
      assert.same({}, facts.needed)
    end)

    it("serves in an empty chroot", function()
      local task = folder .. "/task"
      assert(archive.extract(package(folder, architecture), task))

      local other = architecture ~= built.architecture
      local side = chrooted.start(task, "hello", other and machine or nil)

      assert.same({ message = "Hello, Ada" }, json.decode(side:result '{"name":"Ada"}'))
      side:stop()
    end)
  end)
end
