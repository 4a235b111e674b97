-- Every form of the runtime that the build made, for the specs that start it.
--
--     for _, form in ipairs(dofile "tests/lua/runtime_forms.lua") do
--       describe(form.name, function()
--         local side = form.start { ["service.lua"] = … }
local built = dofile "tests/lua/built.lua"
local carried = require "engine.compile.carried"
local file = require "host.file"
local machine = require "engine.local.services.lambda.machine"

local start_in = dofile "tests/lua/runtime_api.lua"

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

local forms = {}
for _, path in ipairs(built.runtimes()) do
  local form = {
    name = path:match "[^/]+$",
    path = path,
    emulated = machine.of(path) ~= built.architecture,
    dynamic = path:find("dynamic", 1, true) ~= nil,
  }

  -- Whether it has a module: built without libcurl's sources, only the dynamic flavour has host.http.
  function form.carries(name)
    local listed, dynamic = set_of(carried), set_of(carried.dynamic)
    return listed[name] and (form.dynamic or not dynamic[name]) or false
  end

  -- The words that start it here.
  function form.words()
    return assert(machine.start_words(path))
  end

  -- Starts a function of a service whose files are `files` (name → text).
  function form.start(files, env, bounds)
    local short = assert(file.temporary_folder())
    local root = short .. ("-long"):rep(12) -- so that Lua would shorten its files' names in messages
    assert(file.rename(short, root))
    for name, text in pairs(files) do
      assert(file.make_folder((root .. "/" .. name):match "^(.*)/"))
      assert(file.write(root .. "/" .. name, text))
    end
    return start_in(form.words(), root, env, bounds)
  end

  table.insert(forms, form)
end
assert(#forms > 0, "no bootstrap was built")

return forms
