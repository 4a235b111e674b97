local ordered = require "engine.local.services.dynamodb.ordered"

local function texts(list, lower, upper, is_descending)
  local found = {}
  for text, value in list:each(lower, upper, is_descending) do
    assert.equal("of " .. text, value)
    table.insert(found, text)
  end
  return found
end

local function name(i)
  return ("%05d"):format(i)
end

describe("texts in order", function()
  it("are walked through from one to before another, in both directions", function()
    local list = ordered.new()
    for _, text in ipairs { "d", "a", "c", "b", "a" } do
      list:put(text, "of " .. text)
    end

    assert.equal(4, list.count)
    assert.same({ "a", "b", "c", "d" }, texts(list, ""))
    assert.same({ "b", "c" }, texts(list, "b", "d"))
    assert.same({ "c", "b" }, texts(list, "b", "d", true))
    assert.same({ "d", "c", "b", "a" }, texts(list, "", nil, true))
    assert.same({}, texts(list, "bb", "bc"))
    assert.same({}, texts(list, "x"))
    assert.same({}, texts(ordered.new(), "", nil, true))
    list:remove "b"
    list:remove "nothing"
    assert.same({ "a", "c", "d" }, texts(list, ""))
    assert.is_nil(list:get "b")
  end)

  it("stay so however many come and go", function()
    local list, there = ordered.new(), {}
    local seed = 1
    for _ = 1, 20000 do
      seed = seed * 1103515245 + 12345 & 0x7fffffff
      local text = name(seed // 7 % 4000)
      if seed // 65536 % 5 < 2 then
        list:remove(text)
        there[text] = nil
      else
        list:put(text, "of " .. text)
        there[text] = true
      end
    end
    local wanted = {}
    for text in pairs(there) do
      table.insert(wanted, text)
    end
    table.sort(wanted)

    assert.equal(#wanted, list.count)
    assert.same(wanted, texts(list, ""))
    local part = {}
    for i = #wanted, 1, -1 do
      if wanted[i] >= name(1000) and wanted[i] < name(3000) then
        table.insert(part, wanted[i])
      end
    end
    assert.same(part, texts(list, name(1000), name(3000), true))
  end)
end)
