local collector = require "engine.local.collector"
local loop = require "engine.local.loop"

local MEGABYTE <const> = 1024 -- as collectgarbage counts

-- Makes about that many megabytes of garbage between two waits.
local function litter(megabytes)
  for i = 1, megabytes * 1024 do
    local _ = { tostring(i):rep(250) }
  end
end

-- The most that was in use at a wait, while `rounds` times as much was thrown away.
local function most_in_use(rounds, megabytes)
  local most = 0
  loop.run(function()
    for _ = 1, rounds do
      litter(megabytes)
      loop.sleep(0)
      most = math.max(most, collectgarbage "count")
    end
  end)
  return most
end

describe("engine.local.collector", function()
  before_each(function()
    collectgarbage()
    collector.start()
  end)

  after_each(function()
    loop.before_waiting(function() end)
    collectgarbage "generational" -- as the program begins
    collectgarbage "restart"
  end)

  it("keeps up with what is thrown away a little at a time", function()
    local before = collectgarbage "count"
    assert.truthy(most_in_use(400, 1) < before + 64 * MEGABYTE)
  end)

  it("keeps up with much at once", function()
    local before = collectgarbage "count"
    assert.truthy(most_in_use(20, 40) < 4 * before + 128 * MEGABYTE)
  end)

  it("leaves what is in use", function()
    local kept = {}
    loop.run(function()
      for i = 1, 50 do
        kept[i] = { ("x"):rep(1000) .. i }
        litter(1)
        loop.sleep(0)
      end
    end)
    for i = 1, 50 do
      assert.equal(("x"):rep(1000) .. i, kept[i][1])
    end
  end)
end)
