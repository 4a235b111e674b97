local file = require "host.file"
local journal = require "engine.local.journal"

local folder, path

before_each(function()
  folder = assert(file.temporary_folder())
  path = folder .. "/journal"
end)

after_each(function()
  assert(file.remove_tree(folder))
end)

local function read()
  local list = {}
  local count, torn = journal.read(path, function(value)
    table.insert(list, value.n)
  end)
  return list, count, torn
end

describe("engine.local.journal", function()
  it("gives values back in order; an absent one has none", function()
    assert.same({}, (read()))
    journal.add(path, { n = 1 })
    journal.add(path, { n = "two\n" })
    local list, count, torn = read()
    assert.same({ 1, "two\n" }, list)
    assert.equal(2, count)
    assert.is_false(torn)
  end)

  it("leaves out a last line that was cut short, and says so", function()
    journal.add(path, { n = 1 })
    assert(file.append(path, '{"n":2'))
    local list, count, torn = read()
    assert.same({ 1 }, list)
    assert.equal(1, count)
    assert.is_true(torn)
  end)

  it("names the line that is damaged in the middle", function()
    assert(file.write(path, '{"n":1}\n{"n":\n{"n":3}\n'))
    assert.error_matches("damaged in line 2", read)
  end)

  it("is written anew whole", function()
    journal.add(path, { n = 1 })
    journal.rewrite(path, { { n = 5 }, { n = 6 } })
    assert.same({ 5, 6 }, (read()))
  end)
end)
