-- What the host believes that the runtime carries is what it carries.
local carried = require "engine.compile.carried"
local forms = dofile "tests/lua/runtime_forms.lua"
local json = require "host.json"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "f", handler = function()
  local names = require("host.scripts").list()
  for name in pairs(package.preload) do
    table.insert(names, name)
  end
  table.sort(names)
  return names
end }
return service
]]

describe("the list of what the runtime carries", function()
  for _, form in ipairs(forms) do
    it("is true of " .. form.name, function()
      local side = form.start { ["service.lua"] = SERVICE }

      local names = json.decode(side:result "null")
      local expected = {}
      for _, name in ipairs(carried) do
        table.insert(expected, form.carries(name) and name or nil)
      end
      assert.equal(table.concat(expected, "\n"), table.concat(names, "\n"))
      side:stop()
    end)
  end
end)
