local pages = require "engine.local.pages"

local function itself(name)
  return name
end

describe("engine.local.pages", function()
  it("cuts a list into pages that give every item once", function()
    local list, got, token = { "a", "b", "c", "d", "e" }, {}, nil
    repeat
      local page
      page, token = pages.cut(list, token, 2, itself)
      table.insert(got, table.concat(page))
    until not token
    assert.same({ "ab", "cd", "e" }, got)
  end)

  it("neither repeats nor hides when items come and go in between", function()
    local _, token = pages.cut({ "a", "b", "c", "d" }, nil, 2, itself)
    assert.same({ "bb", "c" }, (pages.cut({ "a", "bb", "c" }, token, 9, itself)))
  end)

  it("knows its own tokens", function()
    assert.is_nil((pages.cut({ "a" }, "no token", 2, itself)))
  end)
end)
