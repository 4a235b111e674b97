local timers = require "engine.local.timers"

local function drain(heap)
  local order = {}
  while heap:first() do
    table.insert(order, heap:first().at)
    heap:remove(heap:first())
  end
  return order
end

describe("engine.local.timers", function()
  it("gives the earliest first, also after removals from the middle", function()
    local heap, kept, wanted = timers.new(), {}, {}
    local at = 17
    for i = 1, 500 do
      at = (at * 7919 + 13) % 10007
      kept[i] = { at = at }
      heap:add(kept[i])
    end
    for i = 1, 500 do
      if i % 3 == 0 then
        heap:remove(kept[i])
      else
        table.insert(wanted, kept[i].at)
      end
    end
    table.sort(wanted)
    assert.same(wanted, drain(heap))
  end)

  it("takes the removal of what is not in", function()
    local heap = timers.new()
    local timer = { at = 1 }
    heap:remove(timer)
    heap:add(timer)
    heap:remove(timer)
    heap:remove(timer)
    assert.is_nil(heap:first())
  end)
end)
