-- The archive is all that the runtime needs: it serves in a file system that holds nothing else.
local archive = require "host.archive"
local built = dofile "tests/lua/built.lua"
local chrooted = dofile "tests/flow/chrooted.lua"
local file = require "host.file"
local json = require "host.json"

local SERVICE = [[
local laconic = require "laconic"
local greet = require "lib.greet"
local service = laconic.service { name = "s" }
service:lambda { name = "f", handler = function(event)
  return { greeting = greet(event.name), passwd = io.open "/etc/passwd" ~= nil }
end }
return service
]]

describe("the archive", function()
  local root

  before_each(function()
    root = assert(file.temporary_folder())
  end)

  after_each(function()
    file.remove_tree(root)
  end)

  for _, form in ipairs { "packed", "path" } do
    it(("serves an invocation in an empty chroot (bootstrap from its %s)"):format(form), function()
      local zip, task = root .. "/code.zip", root .. "/task"
      assert(archive.write(zip, {
        { name = "bootstrap", [form] = built.runtime(form), executable = true },
        { name = "service.lua", data = SERVICE },
        { name = "lib/greet.lua", data = 'return function(name) return "Hello, " .. name end' },
      }))
      assert(archive.extract(zip, task))
      assert.same({ "bootstrap", "lib/greet.lua", "service.lua" }, file.walk(task))

      local side = chrooted.start(task)

      assert.same(
        { greeting = "Hello, Ada", passwd = false },
        json.decode(side:result '{"name":"Ada"}')
      )
      side:stop()
    end)
  end
end)
