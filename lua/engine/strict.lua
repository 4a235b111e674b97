--- Environments in which an undeclared global is an error that names the nearest declared one.
---
---     local chunk = assert(loadfile("service.lua", "t", strict.environment()))
---     chunk()  --> service.lua:7: unknown global 'prnt' (did you mean 'print'?)
local check = require "engine.check"

local strict = {}

local function refuse(environment, name, verb)
  check.fail("E108", verb .. check.unknown("global", name, environment), "declare it with 'local'")
end

--- Makes an environment that has Lua's own names, and those of `extra`, and accepts no others.
--- What a script does to it stays in it: no other script sees a changed `print`.
---@param extra? table<string, any>
---@return table environment
function strict.environment(extra)
  local environment = {}
  for name, value in pairs(_G) do
    environment[name] = value
  end
  for name, value in pairs(extra or {}) do
    environment[name] = value
  end
  environment._G = environment
  return setmetatable(environment, {
    __index = function(_, name)
      refuse(environment, name, "")
    end,
    __newindex = function(_, name)
      refuse(environment, name, "assignment to ")
    end,
  })
end

return strict
