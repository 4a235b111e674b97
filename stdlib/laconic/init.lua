--- Everything an author can say. Parts load when they are first named.
---
---     local laconic = require "laconic"
---     local service = laconic.service { name = "hello" }
---     service:lambda {
---       name = "hello",
---       handler = function(event)
---         return { message = "Hello, " .. event.name }
---       end,
---     }
---     return service
---
---@module "laconic"
---@field service fun(options: laconic.ServiceOptions): laconic.Service
---@field cfn table   CloudFormation's intrinsics as values, see laconic.cfn
---@field iam table   roles, see laconic.iam
---@field env? string the name given by --env, here and inside the functions
local laconic = {}

local PARTS = {
  service = function()
    return require("laconic.service").new
  end,
  cfn = function()
    return require "laconic.cfn"
  end,
  iam = function()
    return require "laconic.iam"
  end,
  env = function()
    return require("laconic.env").name
  end,
}

return setmetatable(laconic, {
  __index = function(_, name)
    local part = PARTS[name]
    if part then
      return part()
    end
    local check = require "engine.check"
    check.fail("E101", "laconic: " .. check.unknown("field", name, PARTS))
  end,
})
