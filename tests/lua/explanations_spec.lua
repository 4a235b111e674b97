-- What `laconic explain` tells, held against the codes that there are.
local codes = require "engine.codes"
local explanations = require "engine.explanations"
local file = require "host.file"
local order = require "engine.order"

describe("the explanations", function()
  it("are there for every code, and for nothing else", function()
    assert.same(order.keys(codes.titles), order.keys(explanations))
  end)

  it("are of codes that are raised, each of them", function()
    local tells = { ["engine/codes.lua"] = true, ["engine/explanations.lua"] = true }
    local raised = {}
    for _, folder in ipairs { "lua", "stdlib" } do
      for _, path in ipairs(file.walk(folder)) do
        if path:match "%.lua$" and not tells[path] then
          for code in assert(file.read(folder .. "/" .. path)):gmatch '"(E%d%d%d)"' do
            raised[code] = true
          end
        end
      end
    end
    assert.same(order.keys(codes.titles), order.keys(raised))
  end)

  it("fit on a terminal, and say more than the title", function()
    for code, text in pairs(explanations) do
      assert.not_equal(codes.titles[code], text)
      for line in (text .. "\n"):gmatch "(.-)\n" do
        assert.truthy(utf8.len(line) <= 100, code .. ": " .. line)
      end
      assert.truthy(text:match "[.?]$", code .. " breaks off")
    end
  end)
end)
