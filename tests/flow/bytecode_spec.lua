-- A service whose Lua travels compiled: it serves, and its errors tell the lines of the sources.
local archive = require "host.archive"
local built = dofile "tests/lua/built.lua"
local chrooted = dofile "tests/flow/chrooted.lua"
local file = require "host.file"

local program = dofile "tests/program.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s", bytecode = %s }
service:lambda { name = "f", architecture = "%s", handler = function(event)
  return require("lib.greet")(event)
end }
return service
]]

local GREET = [[
return function(name)
  local tail = name == "x" and {} or ""
  return "Hello, " .. name .. tail
end
]]

describe("a service as byte code", function()
  local folder

  before_each(function()
    folder = assert(file.temporary_folder())
    assert(file.make_folder(folder .. "/lib"))
    assert(file.write(folder .. "/lib/greet.lua", GREET))
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  local function start(how)
    assert(file.write(folder .. "/service.lua", SERVICE:format(how, built.architecture)))
    local result = program.run(folder, { "build" })
    assert.equal(0, result.status, result.error)
    local zip, task = folder .. "/.laconic/s/code.zip", folder .. "/task"
    assert.matches("^\27Lua", assert(archive.read(zip, "service.lua")))
    assert.matches("^\27Lua", assert(archive.read(zip, "lib/greet.lua")))
    assert(archive.extract(zip, task))
    return chrooted.start(task)
  end

  it("serves, and tells file and line", function()
    local side = start "true"

    assert.equal('"Hello, Ada"', side:result '"Ada"')
    local failed = side:failure '"x"'
    assert.matches("^lib/greet%.lua:3: attempt to concatenate a table value", failed.errorMessage)
    assert.matches("^lib/greet%.lua:3: in ", failed.stackTrace[1])
    side:stop()
  end)

  it("serves without names and lines", function()
    local side = start '"stripped"'

    assert.equal('"Hello, Ada"', side:result '"Ada"')
    local failed = side:failure '"x"'
    assert.matches("attempt to concatenate a table value", failed.errorMessage)
    assert.is_nil(failed.errorMessage:find("greet.lua", 1, true))
    side:stop()
  end)
end)
