local definition = require "engine.definition"
local failure = require "engine.failure"
local file = require "host.file"

local folder

local function write(name, text)
  local path = folder .. "/" .. name
  assert(file.make_folder(path:match "^(.*)/"))
  assert(file.write(path, text))
  return path
end

local function refused(path, code, text)
  local ok, raised = pcall(definition.load, path)
  assert.is_false(ok)
  assert.is_true(failure.is(raised, "invalid"))
  assert.equal(code, raised.code)
  assert.matches(text, tostring(raised))
end

local HEAD = 'local laconic = require "laconic"\nlocal service = laconic.service { name = "s" }\n'

describe("engine.definition", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("returns what the file returns, and where it came from", function()
    local path = write("service.lua", HEAD .. "return service")

    local service = definition.load(path)

    assert.equal("s", service.name)
    assert.equal(path, service.path)
    assert.equal(path .. ":2", service.where)
  end)

  it("finds modules beside the file, and under lua_modules", function()
    write("lib/money.lua", "return { unit = 'EUR' }")
    write("lua_modules/share/lua/5.4/rock/init.lua", "return { hard = true }")
    local path = write("service.lua", HEAD .. [[
assert(require("lib.money").unit == "EUR" and require("rock").hard)
return service]])

    local service = definition.load(path)

    assert.equal(folder .. "/lib/money.lua", service.modules["lib.money"])
    assert.equal(folder .. "/lua_modules/share/lua/5.4/rock/init.lua", service.modules.rock)
  end)

  it("reads modules again when the file is loaded again", function()
    write("price.lua", "return { now = 1 }")
    local path = write("service.lua", HEAD:gsub("%b\"\"", '%0') .. [[
service.description = tostring(require("price").now)
return service]])
    assert.equal("1", definition.load(path).description)

    write("price.lua", "return { now = 2 }")

    assert.equal("2", definition.load(path).description)
  end)

  it("tells the file which environment is meant", function()
    local path = write("service.lua", HEAD .. "service.description = laconic.env or 'none'\n"
      .. "return service")

    assert.equal("staging", definition.load(path, { env = "staging" }).description)
    assert.equal("none", definition.load(path).description)
  end)

  it("refuses a file that is not there, with what to do", function()
    refused(folder .. "/none.lua", "E201", "the service file cannot be read: .*none%.lua")
  end)

  it("points at a syntax error", function()
    refused(write("service.lua", "local x = 1\nlocal = 2"), "E202",
      "service%.lua:2: .*near '='")
  end)

  it("points at what Lua raised, also in a module", function()
    refused(write("service.lua", "local x\nreturn x.y"), "E203",
      "service%.lua:2: attempt to index a nil value")
    write("broken.lua", "\nerror 'boom'")
    refused(write("other.lua", "require 'broken'"), "E203", "broken%.lua:2: boom")
  end)

  it("points at the require of a module that is not there", function()
    refused(write("service.lua", "\nrequire 'money'"), "E205",
      "service%.lua:2: the module 'money' cannot be found$")
  end)

  it("points at a module that is not the one which its author wrote", function()
    write("laconic/metrics.lua", "return { count = function() end }")
    local path = write("service.lua",
      HEAD .. 'local metrics = require "laconic.metrics"\nmetrics.tally()')
    refused(path, "E217", "service.lua:3: the module 'laconic.metrics' is Laconic's own")
  end)

  it("points at an undeclared global, and at a mistake in a word", function()
    refused(write("service.lua", HEAD .. "prnt(1)"), "E108",
      "service%.lua:3: unknown global 'prnt' %(did you mean 'print'%?%)")
    refused(write("service.lua", HEAD .. "\nservice:lambda { nam = 1 }"), "E101",
      "service%.lua:4: lambda: unknown field 'nam' %(did you mean 'name'%?%)")
  end)

  it("refuses a file that returns no service", function()
    refused(write("service.lua", HEAD), "E204", "returns nothing instead of its service")
    refused(write("service.lua", "return 3"), "E204", "returns a number instead of its service")
  end)

  it("knows the line of what the file returns at once", function()
    refused(write("service.lua", "\nreturn require('laconic').service { nam = 1 }"), "E101",
      "service%.lua:2: service: unknown field 'nam'")
  end)
end)
