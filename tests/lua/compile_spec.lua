local carried = require "engine.compile.carried"
local compile = require "engine.compile"
local definition = require "engine.definition"
local file = require "host.file"
local model = require "engine.model"
local process = require "host.process"

local folder

local function write(name, text)
  local path = folder .. "/" .. name
  assert(file.make_folder(path:match "^(.*)/"))
  assert(file.write(path, text))
  return path
end

local HEAD = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "hello", handler = function() return require "lib.late" end }
]]

-- Compiles a service file that goes on with `text`, beside the file lib/late.lua.
local function run(text)
  local path = write("service.lua", HEAD .. (text or "") .. "\nreturn service\n")
  local meant = model.build(definition.load(path), {})
  local runtime = { name = "bootstrap", path = folder .. "/bootstrap", executable = true }
  return compile.run(meant, { runtime = runtime })
end

local function names(files)
  local list = {}
  for _, entry in ipairs(files) do
    table.insert(list, entry.name)
  end
  return table.concat(list, " ")
end

local function refused(code, text, more)
  local raised = assert.error_matches(text, function()
    run(more)
  end)
  assert.equal("invalid", raised.kind)
  assert.equal(code, raised.code)
end

describe("engine.compile", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    write("bootstrap", "ELF")
    write("lib/late.lua", "return 1")
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("takes the service file, what it requires at any time, and the runtime", function()
    assert.equal("bootstrap lib/late.lua service.lua", names(run()))
  end)

  it("refuses a file that Laconic's own module of that name keeps from being reached", function()
    write("laconic/metrics.lua", "return {}")
    write("lib/late.lua", "return 1\n, require 'laconic.metrics'")
    refused("E217", "lib/late.lua:2: the module 'laconic.metrics' is Laconic's own, and "
      .. "'[^']*/laconic/metrics.lua' is never reached")

    write("lib/late.lua", "return require 'laconic.greeting'")
    write("laconic/greeting.lua", "return 'hello'")
    assert.equal("bootstrap laconic/greeting.lua lib/late.lua service.lua", names(run()))
  end)

  it("follows modules into modules, and names them as require looks for them", function()
    write("lib/late.lua", "return { require 'deep', require 'folder', require 'rock.hard' }")
    write("deep.lua", "return require 'lib.late'")
    write("folder/init.lua", "return 1")
    write("lua_modules/share/lua/5.4/rock/hard.lua", "legacy = 1; return 1")

    assert.equal("bootstrap deep.lua folder/init.lua lib/late.lua rock/hard.lua service.lua",
      names(run()))
  end)

  it("takes modules whose names are made while the file is loaded", function()
    write("plugin/one.lua", "return 1")

    local files = run "for _, name in ipairs { 'one' } do require('plugin.' .. name) end"

    assert.equal("bootstrap lib/late.lua plugin/one.lua service.lua", names(files))
  end)

  it("calls the service file service.lua, whatever its own name", function()
    local path = write("other.lua", HEAD .. "return service")
    local meant = model.build(definition.load(path), {})

    local files = compile.run(meant, { runtime = { name = "bootstrap", path = "b" } })

    assert.equal("service.lua", files[3].name)
    assert.equal(path, files[3].path)
  end)

  it("needs no runtime without functions", function()
    local path = write("service.lua", "return (require('laconic').service { name = 's' })")

    assert.equal("service.lua", names(compile.run(model.build(definition.load(path), {}), {})))
  end)

  it("points at the require of a module that cannot be found", function()
    refused("E205", "service%.lua:5: the module 'money' cannot be found",
      "\nlocal function later() return require 'money' end later = nil")
    refused("E205", "module 'laconic.cnf' cannot be found %(did you mean 'laconic.cfn'%?%)",
      "local function later() return require 'laconic.cnf' end later = nil")
    write("lib/late.lua", "\nreturn require 'lost'")
    refused("E205", "lib/late%.lua:2: the module 'lost' cannot be found")
  end)

  it("lets an optional module be absent", function()
    run "local ok = pcall(require, 'cjson') ok = nil"
  end)

  it("points at a syntax error and at an undeclared global in what travels", function()
    write("lib/late.lua", "local x = 1\nx = = 2")
    refused("E202", "lib/late%.lua:2: unexpected symbol near '='")
    write("lib/late.lua", "local total = 1\nreturn function() return totl end")
    refused("E207", "lib/late%.lua:2: unknown global 'totl' %(did you mean 'total'%?%)")
  end)

  it("takes included files, folders and patterns", function()
    write("words.txt", "a")
    write("pages/a.html", "a")
    write("pages/deep/b.html", "b")
    write("pages/deep/c.txt", "c")
    write("pages/a_spec.lua", "")

    local picked = run [[
service:include { "words.txt", "pages/**/*.html", { path = "words.txt", as = "logo.txt" } }]]
    local whole = run "service:include 'pages'"

    assert.equal("bootstrap lib/late.lua logo.txt pages/a.html pages/deep/b.html service.lua "
      .. "words.txt", names(picked))
    assert.equal("bootstrap lib/late.lua pages/a.html pages/deep/b.html pages/deep/c.txt "
      .. "service.lua", names(whole))
  end)

  it("points at an include that cannot be read, matches nothing, or leaves the folder", function()
    refused("E206", "service%.lua:4: the included 'none.txt' cannot be read: .*No such file",
      "service:include 'none.txt'")
    refused("E206", "service%.lua:4: no file matches '%*%.css'", "service:include '*.css'")
    refused("E206", "service%.lua:4: '%.%./secret' leaves the service's folder",
      "service:include '../secret'")
    refused("E206", "service%.lua:4: '/etc/passwd' leaves", "service:include '/etc/passwd'")
  end)

  it("refuses two files of one name", function()
    write("a.txt", "a")
    write("b.txt", "b")
    refused("E209", "service%.lua:4: '.*/a.txt' and '.*/b.txt' would both be 'x'",
      "service:include { { path = 'a.txt', as = 'x' }, { path = 'b.txt', as = 'x' } }")
    refused("E209", "would both be 'bootstrap'",
      "service:include { { path = 'a.txt', as = 'bootstrap' } }")
  end)

  it("compiles what travels when the service asks for it, the same wherever it stands", function()
    local function compiled(how)
      write("lib/late.lua", "#!/usr/bin/lua\nreturn { fail = function() error 'late' end }")
      local path = write("service.lua", HEAD:gsub('{ name = "s" }', '{ name = "s", bytecode = '
        .. how .. " }") .. "service:include 'lib/late.lua.txt'\nreturn service\n")
      write("lib/late.lua.txt", "not compiled")
      local meant = model.build(definition.load(path), {})
      local runtime = { name = "bootstrap", path = folder .. "/bootstrap", executable = true }
      local by_name = {}
      for _, entry in ipairs(compile.run(meant, { runtime = runtime })) do
        by_name[entry.name] = entry
      end
      return by_name
    end

    local files = compiled "true"

    local late = files["lib/late.lua"].data
    assert.matches("^\27Lua\x54", files["service.lua"].data)
    assert.matches("^\27Lua\x54", late)
    assert.is_nil(files["lib/late.lua.txt"].data)
    assert.equal("lib/late.lua:2: late", select(2, pcall(assert(load(late, "?", "b"))().fail)))
    local stripped = compiled '"stripped"'["lib/late.lua"].data
    assert.equal("late", select(2, pcall(assert(load(stripped, "?", "b"))().fail)))
    assert.is_true(#stripped < #late)
    assert.is_nil(compiled "false"["lib/late.lua"].data)

    assert(file.remove_tree(folder))
    folder = assert(file.temporary_folder())
    write("bootstrap", "ELF")
    assert.equal(late, compiled "true"["lib/late.lua"].data)
  end)

  it("refuses what every start of a function would require in vain", function()
    refused("E211", "service%.lua:4: the module 'host%.process' is not part of the runtime: "
      .. "this line is run whenever a function starts", "require 'host.process'")
    write("lib/late.lua", "return 1")
    write("lib/early.lua", "local x = 1\nx = require 'engine.provision'\nreturn x")
    refused("E211", "lib/early%.lua:2: the module 'engine%.provision' is not part",
      "local early = require 'lib.early' early = nil")
  end)

  it("refuses what a handler or an interceptor requires in vain", function()
    refused("E211", "service%.lua:5: the module 'host%.process' is not part of the runtime: "
      .. "a handler cannot require it",
      "service:lambda { name = 'b', handler = function()\n  require('host.process').run {}\nend }")
    refused("E211", "service%.lua:5: the module 'host%.process' is not part",
      "service:custom_resource { name = 'C', handler = { create = print, delete = function()\n"
        .. "  require('host.process').run {}\nend } }")
    refused("E211", "service%.lua:4: the module 'host%.terminal' is not part",
      "service:interceptor { begin = function() require 'host.terminal' end }")
    write("lib/late.lua", "return require 'engine.commands.new'") -- required by the handler
    refused("E211", "lib/late%.lua:1: the module 'engine%.commands%.new' is not part")
  end)

  it("lets commands, hooks and functions of modules require what the host has", function()
    write("lib/late.lua", "return { seed = function() return require 'host.process' end }")
    run [[
service:command { name = "seed", summary = "s", run = function() require "engine.provision" end }
service:hook("pre_build", function() require "host.terminal" end)
local ok = pcall(require, "host.server")
local json, failure = require "host.json", require "engine.failure"
if ok and not json and not failure then require "host.server" end]]
  end)

  it("says which runtime is missing, for the function of which line", function()
    local path = write("service.lua", [[
local service = require("laconic").service { name = "s" }
service:lambda { name = "a", architecture = "arm64", handler = print }
return service]])
    local alone = folder .. "/laconic" -- the program without what the build puts beside it
    assert(file.write(alone, assert(file.read(file.program())), { executable = true }))

    local result = assert(process.run { alone, "build", path, timeout = 60 })

    assert.equal(1, result.status)
    assert.matches("the runtime 'bootstrap%-arm64' is not beside the program", result.output)
    assert.matches("service%.lua:2", result.output)
    assert.matches("E208", result.output)
  end)
end)

describe("engine.compile, where the static runtime was built without HTTPS,", function()
  local as_built = carried.dynamic

  before_each(function()
    folder = assert(file.temporary_folder())
    carried.dynamic = { "host.aws_request", "host.http", "host.s3" }
  end)

  after_each(function()
    carried.dynamic = as_built
    assert(file.remove_tree(folder))
  end)

  -- What travels with a service whose handler is `body`, and which goes on with `more`.
  local function travelling(body, more)
    local path = write("service.lua", ([[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "f", secrets = nil, handler = function(event, context) %s end }
%s
return service]]):format(body, more or ""))
    return names(compile.run(model.build(definition.load(path), {}), {}))
  end

  local function is_dynamic(list)
    assert.matches("^bootstrap lib/laconic/ld%-linux", list)
    assert.matches(" lib/laconic/libc%.so%.6 .* lib/laconic/libcurl%.so%.4 ", list)
    assert.matches(" lib/laconic/runtime ", list)
  end

  it("takes the dynamic one with libcurl for a service that can send requests", function()
    is_dynamic(travelling 'return require("host.http").request { url = event.url }')
    is_dynamic(travelling 'return require "laconic.aws.s3"')
    is_dynamic(travelling 'return laconic.aws.client "ssm"')
    is_dynamic(travelling 'return require "laconic"["secrets"].get "x"')
    write("lib/late.lua", "return { facts = function(l) return l.discovery.stack() end }")
    is_dynamic(travelling 'return require "lib.late"')
  end)

  it("takes the dynamic one for a custom resource, whose answers are sent", function()
    is_dynamic(travelling("return event",
      "service:custom_resource { name = 'C', handler = { create = print, delete = print } }"))
  end)

  it("takes the dynamic one once, with C modules or without those that cannot travel", function()
    local list = travelling 'return require "lpeg", require "laconic.aws"'
    is_dynamic(list)
    assert.matches(" lua_modules/lib/lua/5%.4/lpeg%.so ", list)
    write("lua_modules/lib/lua/5.4/broken.so", "not compiled")
    list = travelling 'return pcall(require, "broken"), require "laconic.aws"'
    is_dynamic(list)
    assert.is_nil(list:find("broken", 1, true))
  end)

  it("takes the static one for any other", function()
    assert.equal("bootstrap service.lua", travelling 'return { aws = 1, secrets = "aws" }')
    assert.equal("bootstrap service.lua", travelling "local aws = event return aws -- x.aws\n")
  end)

  it("takes the static one for all when that has HTTPS", function()
    carried.dynamic = {}
    assert.equal("bootstrap service.lua", travelling 'return require "laconic.aws"')
  end)
end)
