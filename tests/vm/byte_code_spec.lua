-- The runtime's scripts are byte code: they must still know where they come from.
local file = require "host.file"
local json = require "host.json"

local forms = dofile "tests/lua/runtime_forms.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "f", handler = function()
  local info = debug.getinfo(laconic.service, "S")
  return { source = info.source, line = info.linedefined }
end }
return service
]]

local function line_of(path, text)
  local number = 0
  for line in (assert(file.read(path)) .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    if line:find(text, 1, true) then
      return number
    end
  end
end

for _, form in ipairs(forms) do
  describe(form.name, function()
    it("knows the files and lines of its scripts", function()
      local side = form.start { ["service.lua"] = SERVICE }
      local told = json.decode(side:result "{}")
      side:stop()

      assert.same({
        source = "@stdlib/laconic/service.lua",
        line = line_of("stdlib/laconic/service.lua", "function service.new("),
      }, told)
    end)
  end)
end
