-- The service of `secretive` on the local cloud: a secret reaches the function, and nothing else.
local in_folder = dofile "tests/flow/in_folder.lua"

local READS_AT_BUILD_TIME = [[
local laconic = require "laconic"
local secrets = require "laconic.secrets"
local service = laconic.service { name = "leaky" }
%s
return service
]]

describe("secrets on the local cloud", function()
  it("reach the function, and neither the template nor the log", function()
    in_folder("tests/flow/secretive/service.lua", function(run)
      local function out(...)
        local result = run { ... }
        assert.equal(0, result.status, result.error)
        return result.output
      end

      out("keep", "--value", "hunter2", "--local")
      out("provision", "--local")
      assert.equal('{"letters":7,"shown":"secret"}\n', out("invoke", "sign", "--local"))
      assert.not_matches("hunter2", out("logs", "sign", "--local"))
      assert.not_matches("hunter2", out "template")
      out("delete", "--local")
    end)
  end)

  it("are not read while a service is loaded or built", function()
    local reads = 'secrets.get("/shop/key"):reveal()'
    for _, line in ipairs {
      "local key = " .. reads .. " service:output { name = 'A', value = key }",
      "service:decorate(function() " .. reads .. " end)",
      "service:hook('pre_build', function() " .. reads .. " end)",
    } do
      in_folder(READS_AT_BUILD_TIME:format(line), function(run)
        local result = run { "check" }
        assert.equal(4, result.status, result.error)
        assert.matches("service%.lua:4: secrets.get: a secret is read by a function", result.error)
      end)
    end
  end)
end)
