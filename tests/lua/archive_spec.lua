local archive = require "engine.archive"
local archive_reader = require "host.archive"
local file = require "host.file"

local MODEL = { name = "orders", service = { constructs = {} } }

local folder

local function files()
  assert(file.write(folder .. "/service.lua", "return 1"))
  return { { name = "service.lua", path = folder .. "/service.lua" } }
end

describe("engine.archive", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("writes code.zip, under a key made of its content", function()
    local build = { output_dir = folder .. "/out" }

    local artifact = archive.write(MODEL, build, files())

    assert.equal(folder .. "/out/code.zip", artifact.path)
    assert.equal("orders/code-" .. artifact.sha256:sub(1, 32) .. ".zip", artifact.key)
    assert.equal(artifact.bytes, assert(file.stat(artifact.path)).size)
  end)

  it("gives the same bytes in another place", function()
    local here = archive.write(MODEL, { output_dir = folder .. "/a" }, files())
    local there = archive.write(MODEL, { output_dir = folder .. "/b/c" }, files())

    assert.equal(here.sha256, there.sha256)
  end)

  it("takes what hooks add", function()
    local travelling = files()
    local added = archive.additions(travelling)
    added:add { name = "motd.txt", data = "hello" }

    local artifact = archive.write(MODEL, { output_dir = folder }, travelling, added.entries)

    assert.equal("hello", assert(archive_reader.read(artifact.path, "motd.txt")))
  end)

  it("blames the hook's own line", function()
    local added = archive.additions(files())
    local line = debug.getinfo(1, "l").currentline
    local mistakes = {
      { "one of 'data' and 'path' is needed", function() added:add { name = "x" } end },
      { "'service.lua' is in the archive already", function() added:add { name = "service.lua",
        data = "" } end },
      { "unknown field 'dat' %(did you mean 'data'", function() added:add { dat = "" } end },
    }

    local lines = { 2, 3, 5 }
    for i, mistake in ipairs(mistakes) do
      local raised = assert.error_matches(mistake[1], mistake[2])
      assert.matches("archive_spec%.lua:" .. line + lines[i] .. "$", raised.where)
    end
  end)
end)
