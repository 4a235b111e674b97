local changes = require "engine.source.changes"
local file = require "host.file"

local folder

local function write(name, text)
  local path = folder .. "/" .. name
  assert(file.make_folder((path:match "^(.*)/")))
  assert(file.write(path, text))
end

describe("engine.source.changes", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    write("service.lua", "a")
    write("lib/money.lua", "b")
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("names what is new, changed and gone, once", function()
    local looked = changes.new(folder)
    assert.same({}, looked:look())

    write("service.lua", "longer")
    write("site/index.html", "new")
    assert(file.remove(folder .. "/lib/money.lua"))

    assert.same({ "lib/money.lua", "service.lua", "site/index.html" }, looked:look())
    assert.same({}, looked:look())
  end)

  it("notices another file of the same size in the place of one", function()
    local looked = changes.new(folder)
    write("service.lua", "z") -- a new file, renamed into its place
    assert.same({ "service.lua" }, looked:look())
  end)

  it("passes over what programs keep for themselves", function()
    local looked = changes.new(folder)
    for _, name in ipairs {
      ".laconic/x/code.zip", ".git/index", "node_modules/a/b.js", "lib/a.lua~", "out.log",
    } do
      write(name, "x")
    end
    assert.same({}, looked:look())
  end)

  it("sees nothing in a folder that is not there", function()
    assert.same({}, changes.new(folder .. "/none"):look())
  end)
end)
