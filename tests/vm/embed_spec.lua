-- The scripts in the program are the checkout's, as they stand there.
local digest = require "host.digest"
local file = require "host.file"
local process = require "host.process"
local program = dofile "tests/program.lua"
local scripts = require "host.scripts"

local CARRIED = "engine.compile.carried" -- made by the build

-- Says of each script where it is from, and the SHA-256 of its byte code.
local TELL = [[
  local digest = require "host.digest"
  for _, name in ipairs(require("host.scripts").list()) do
    local chunk, source = package.searchers[2](name)
    print(name, source, digest.sha256(string.dump(chunk)))
  end
]]

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

-- Runs a script in a program that looks into no checkout: LACONIC_LUA would have it do so.
local function output_of(script)
  local folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/script.lua", script))
  local result = assert(process.run {
    program.path, "run", folder .. "/script.lua",
    env = { ASAN_OPTIONS = os.getenv "ASAN_OPTIONS" },
  })
  assert(file.remove_tree(folder))
  assert.equal(0, result.status, result.output)
  return result.output
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
    local told = {}
    for name, source, sum in output_of(TELL):gmatch "(%S+)\t(%S+)\t(%S+)\n" do
      told[name] = source .. " " .. sum
    end

    for name, path in pairs(files()) do
      local chunk = assert(load(assert(file.read(path)), "@" .. path))
      assert.equal("@" .. path .. " " .. digest.sha256(string.dump(chunk)), told[name])
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
