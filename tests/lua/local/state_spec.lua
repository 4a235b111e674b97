local file = require "host.file"
local json = require "host.json"
local state = require "engine.local.state"

local folder, opened

before_each(function()
  folder = assert(file.temporary_folder())
  opened = state.open(folder .. "/state")
end)

after_each(function()
  opened:close()
  assert(file.remove_tree(folder))
end)

local function reopen()
  opened:close()
  opened = state.open(folder .. "/state")
end

describe("engine.local.state", function()
  it("gives back what was put, in this process and in the next", function()
    opened:put("iam/roles/hello", { name = "hello", tags = json.array {} })
    assert.equal("hello", opened:get("iam/roles/hello").name)
    reopen()
    assert.equal("hello", opened:get("iam/roles/hello").name)
    assert.is_true(json.is_array(opened:get("iam/roles/hello").tags))
    assert.is_nil(opened:get "iam/roles/other")
  end)

  it("takes any name, and keeps it inside its folder", function()
    local names = { "..", ".", "a b", "a.json", ("x"):rep(500), ("x"):rep(499) .. "y", "é=%41" }
    table.insert(names, "/aws/lambda/hello")
    for i, name in ipairs(names) do
      opened:put("things/" .. state.part(name), { place = i })
    end
    reopen()
    for i, name in ipairs(names) do
      assert.equal(i, opened:get("things/" .. state.part(name)).place, name)
    end
    local sorted = table.move(names, 1, #names, 1, {})
    table.sort(sorted)
    assert.same(sorted, opened:list "things")
    assert.same({ "lock", "things" }, file.list(folder .. "/state"))
  end)

  it("lists nothing where nothing was put", function()
    assert.same({}, opened:list "nowhere")
  end)

  it("removes documents and folders", function()
    opened:put("a/b", { 1 })
    opened:put("a/c", { 2 })
    opened:remove "a/b"
    opened:remove "a/never"
    assert.is_nil(opened:get "a/b")
    assert.same({ "c" }, opened:list "a")
    opened:remove_folder "a"
    assert.is_nil(opened:get "a/c")
    reopen()
    assert.is_nil(opened:get "a/c")
  end)

  it("names a damaged document, and goes on with the others", function()
    opened:put("a/good", { fine = true })
    opened:put("a/bad", { fine = true })
    reopen()
    assert(file.write(folder .. "/state/a/bad.json", '{"name":"a/bad","va'))
    local raised = assert.error_matches("a/bad%.json is damaged", function()
      opened:get "a/bad"
    end)
    assert.equal("input", raised.kind)
    assert.is_true(opened:get("a/good").fine)
  end)

  it("serves one cloud at a time", function()
    local raised = assert.error_matches("another local cloud holds", function()
      state.open(folder .. "/state")
    end)
    assert.equal(state.HELD, raised.code)
  end)

  it("tells where it is served, until it is closed", function()
    opened:announce { url = "http://127.0.0.1:1" }
    assert.equal("http://127.0.0.1:1", state.announced(folder .. "/state").url)
    assert.equal(require("host.process").pid(), state.announced(folder .. "/state").pid)
    reopen()
    assert.is_nil(state.announced(folder .. "/state"))
  end)

  it("empties the spool that a killed cloud left", function()
    local spool = opened:folder "spool"
    assert(file.write(spool .. "/body", "left"))
    reopen()
    assert.is_false(file.exists(spool .. "/body"))
  end)
end)
