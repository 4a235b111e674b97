-- The scripts in the program are the checkout's, as they stand there.
local file = require "host.file"
local scripts = require "host.scripts"

local CARRIED = "engine.compile.carried" -- made by the build

local function module_name(path)
  return (path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

-- Module name → file, of what the program has to have.
local function files()
  local found = {}
  for _, folder in ipairs { "lua", "stdlib" } do
    for _, path in ipairs(assert(file.walk(folder))) do
      if path:match "%.lua$" and not path:match "/types%.lua$" then
        found[module_name(path)] = folder .. "/" .. path
      end
    end
  end
  return found
end

describe("the scripts in the program", function()
  it("are those of the checkout, sorted, and the list of what the runtime carries", function()
    local names = { CARRIED }
    for name in pairs(files()) do
      table.insert(names, name)
    end
    table.sort(names)

    assert.same(names, scripts.list())
  end)

  it("are the files' own text, under the files' own names", function()
    local search = package.searchers[2]
    for name, path in pairs(files()) do
      local chunk, source = search(name)
      local expected = assert(load(assert(file.read(path)), "@" .. path))
      assert.equal("@" .. path, source)
      assert.is_true(string.dump(expected) == string.dump(chunk), path)
    end
  end)

  it("are listed by prefix", function()
    assert.same({ CARRIED }, scripts.list(CARRIED))
    assert.same({}, scripts.list "engine.nothing")
  end)

  it("are not looked for beyond the list", function()
    assert.same({ "no script 'engine.nothing' in the program" }, {
      package.searchers[2] "engine.nothing",
    })
  end)
end)
