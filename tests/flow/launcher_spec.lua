-- The launcher of the dynamic flavour finds what stands beside it, however it is started, and layers
-- may add modules and libraries.
local archive = require "host.archive"
local built = dofile "tests/lua/built.lua"
local chrooted = dofile "tests/flow/chrooted.lua"
local file = require "host.file"
local process = require "host.process"

local start = dofile "tests/lua/runtime_api.lua"

local program = dofile "tests/program.lua"
local fixtures = os.getenv "LACONIC_C_MODULES"
  or file.program():match "^(.*)/" .. "/tests/c_modules"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "f", architecture = "%s", handler = function(event)
  local lpeg = require "lpeg"
  return event and require(event).answer() or lpeg.match(lpeg.P "a" ^ 1, "aab")
end }
return service
]]

describe("the launcher", function()
  local folder, task

  before_each(function()
    folder = assert(file.temporary_folder())
    task = folder .. "/task"
    assert(file.write(folder .. "/service.lua", SERVICE:format(built.architecture)))
    local result = program.run(folder, { "build" })
    assert.equal(0, result.status, result.error)
    assert(archive.extract(folder .. "/.laconic/s/code.zip", task))
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  -- LAMBDA_TASK_ROOT leads to the service; whether to the runtime too, is for the test to say.
  local function serves(words, root, task_root)
    local side = start(words, root, { LAMBDA_TASK_ROOT = task_root })
    local answer = side:result "false"
    side.child:close()
    side.api:close()
    assert.equal("3", answer)
  end

  -- The service without its runtime.
  local function elsewhere()
    local other = folder .. "/elsewhere"
    assert(process.run { "cp", "-R", task, other })
    assert(file.remove_tree(other .. "/lib"))
    return other
  end

  it("finds what stands beside it by any path", function()
    local other = elsewhere()
    serves({ task .. "/bootstrap" }, folder, other)
    serves({ "./bootstrap" }, task, other)
    serves({ "task/../task/bootstrap" }, folder, other)
  end)

  it("finds it by way of a link, and of LAMBDA_TASK_ROOT", function()
    assert(process.run { "ln", "-s", "task/bootstrap", folder .. "/linked" })
    serves({ "./linked" }, folder, elsewhere())
    assert(file.copy(task .. "/bootstrap", folder .. "/copied"))
    serves({ folder .. "/copied" }, folder, task)
  end)

  it("says what is missing", function()
    local lonely = folder .. "/bootstrap"
    assert(file.copy(task .. "/bootstrap", lonely))

    local result = assert(process.run { lonely, env = { LAMBDA_TASK_ROOT = "/nowhere" } })

    assert.equal(127, result.status)
    assert.matches("^bootstrap: cannot start lib/laconic/ld%-linux[^ ]+, which must stand beside it"
      .. "\n$", result.output)
  end)

  it("loads modules and libraries of layers", function()
    for _, path in ipairs { "/opt/lua_modules/lib/lua/5.4", "/opt/lib" } do
      assert(file.make_folder(task .. path))
    end
    assert(file.copy(fixtures .. "/fixture.so", task .. "/opt/lua_modules/lib/lua/5.4/fixture.so"))
    assert(file.copy(fixtures .. "/beside/libfixture.so", task .. "/opt/lib/libfixture.so"))
    local lua = process.run { "sh", "-c", "ldconfig -p 2>/dev/null || /sbin/ldconfig -p" }
    local path = lua.output:match "liblua5%.4%.so%.0 .-=> (%S+)"
    assert(file.copy(path, task .. "/opt/lib/liblua5.4.so.0"))

    local side = chrooted.start(task)

    assert.equal("42", side:result '"fixture"')
    side:stop()
  end)
end)
