-- Services with modules written in C: packaged with all that they need, they run where there is
-- nothing else; what could not be loaded there is refused by name.
local archive = require "host.archive"
local built = dofile "tests/lua/built.lua"
local digest = require "host.digest"
local chrooted = dofile "tests/flow/chrooted.lua"
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"

local start = dofile "tests/lua/runtime_api.lua"

local program = dofile "tests/program.lua"
local fixtures = os.getenv "LACONIC_C_MODULES"
  or file.program():match "^(.*)/" .. "/tests/c_modules"
local triplet = built.architecture == "arm64" and "aarch64-linux-gnu" or "x86_64-linux-gnu"
local debian = "/usr/lib/" .. triplet .. "/lua/"
local own = built.architecture == "arm64" and "aarch64" or "x86_64"
local foreign = built.architecture == "arm64" and "x86_64" or "aarch64"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "f", architecture = "%s", handler = function(event)
  %s
end }
return service
]]

local folder

local function write(name, bytes)
  assert(file.make_folder((folder .. "/" .. name):match "^(.*)/"))
  assert(file.write(folder .. "/" .. name, bytes))
end

-- A copy of a file of this machine, under the name that LuaRocks would give it, changed on its way.
local function install(name, from, change)
  local bytes = assert(file.read(from))
  write("lua_modules/lib/lua/5.4/" .. name .. ".so", change and change(bytes) or bytes)
end

-- Replaces a text by one as long, wherever it stands.
local function replacing(text, other)
  assert(#text == #other)
  return function(bytes)
    local changed, count = bytes:gsub(text:gsub("%p", "%%%0"), other)
    assert.truthy(count > 0, text .. " is not in the file")
    return changed
  end
end

local function laconic(...)
  return program.run(folder, { ... })
end

-- Builds the service whose handler is `body`; returns its archive.
local function build(body, architecture)
  write("service.lua", SERVICE:format(architecture or built.architecture, body))
  local result = laconic "build"
  assert.equal(0, result.status, result.error)
  return folder .. "/.laconic/s/code.zip"
end

local function names(zip)
  local list = {}
  for _, entry in ipairs(assert(archive.list(zip))) do
    table.insert(list, entry.name)
  end
  return list
end

-- What an invocation of the packaged function answers, in an empty root folder.
local function answer(zip)
  local task = folder .. "/task"
  assert(archive.extract(zip, task))
  local side = chrooted.start(task)
  local result = side:result '{"text":"hello world"}'
  side:stop()
  return json.decode(result)
end

local function refused(code, text, body, architecture)
  write("service.lua", SERVICE:format(architecture or built.architecture, body))
  local result = laconic("check", "--format", "json")
  assert.equal(4, result.status, result.error)
  local facts = assert(json.decode(result.error))
  assert.equal(code, facts.code, facts.message)
  assert.matches(text, facts.message)
  assert.equal("service.lua:4", facts.where)
  return facts
end

describe("a service with C modules", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("runs with lpeg where there is nothing but its archive", function()
    local zip = build [[
      local lpeg, re = require "lpeg", require "re"
      return { lpeg.match(lpeg.C(lpeg.R "az" ^ 1), event.text), re.match("ab", "{'a'} 'b'") } ]]

    assert.same({ "hello", "a" }, answer(zip))
    local loader = triplet:match "^x86" and "ld-linux-x86-64.so.2" or "ld-linux-aarch64.so.1"
    assert.same({
      "bootstrap", "lib/laconic/" .. loader, "lib/laconic/libc.so.6", "lib/laconic/libm.so.6",
      "lib/laconic/runtime", "lua_modules/lib/lua/5.4/lpeg.so", "re.lua", "service.lua",
    }, names(zip))
  end)

  it("runs with lua-cjson", function()
    local zip = build 'return require("cjson").decode \'{"a":[2.5,"x"]}\''

    assert.same({ a = { 2.5, "x" } }, answer(zip))
  end)

  it("takes libraries that a module finds through its RUNPATH, and parts from one file", function()
    install("fixture", fixtures .. "/fixture.so")
    assert(file.copy(fixtures .. "/beside/libfixture.so", folder .. "/libfixture.so"))
    write("lua_modules/lib/lua/5.4/beside/libfixture.so", assert(file.read(folder
      .. "/libfixture.so")))

    local zip = build [[
      local fixture = require "fixture"
      return { fixture.answer(), require "fixture.part", select(2, pcall(fixture.raise)) } ]]

    assert.same({ 42, "a part", "raised in C" }, answer(zip))
    local list = table.concat(names(zip), " ")
    assert.matches("lib/laconic/libfixture%.so", list)
    assert.matches("lua_modules/lib/lua/5%.4/fixture%.so", list)
  end)

  -- The launcher would need QEMU to be known to the kernel: its program is started as it does.
  it("is built for another machine too, with that one's libraries", function()
    local other = built.architecture == "arm64" and "x86_64" or "arm64"
    write("sum.c", "void lua_pushnumber(void *, double); double cbrt(double);\n"
      .. "int luaopen_sum(void *L) { lua_pushnumber(L, cbrt(27)); return 1; }\n")
    local module = folder .. "/lua_modules/lib/lua/5.4/sum.so"
    assert(file.make_folder(module:match "^(.*)/"))
    local result = assert(process.run { foreign .. "-linux-gnu-gcc", "-shared", "-fPIC", "-o",
      module, folder .. "/sum.c", "-lm" })
    assert.equal(0, result.status, result.output)

    local zip = build('return require "sum"', other)

    local task = folder .. "/task"
    assert(archive.extract(zip, task))
    local libraries = task .. "/lib/laconic"
    local loader = table.concat(names(zip), " "):match "ld%-linux[^ ]+"
    local side = start({ ("/usr/bin/qemu-%s-static"):format(foreign), libraries .. "/" .. loader,
      "--inhibit-cache", "--library-path", libraries, libraries .. "/runtime" }, task)
    assert.equal("3.0", side:result "1")
    side:stop()
  end)

  it("has the same archive whoever builds it", function()
    local body = 'return require("lpeg").version()'
    local first = assert(digest.sha256_file(build(body)))
    local before = folder
    folder = assert(file.temporary_folder())

    local second = assert(digest.sha256_file(build(body)))

    assert.equal(first, second)
    assert(file.remove_tree(before))
  end)

  it("stays static when its C modules may be absent, and cannot travel", function()
    write("lua_modules/lib/lua/5.4/broken.so", "not compiled")

    local zip = build 'return select(2, pcall(require, "broken"))'

    assert.same({ "bootstrap", "service.lua" }, names(zip))
    assert.matches("the static runtime loads no C modules", answer(zip))
  end)

  it("finds a module by a name that is made while the service is loaded", function()
    write("service.lua", SERVICE:format(built.architecture, "return 1")
      :gsub("return service", "require('lp' .. 'eg')\n%0"))

    assert.equal(0, laconic("build").status)

    local list = table.concat(names(folder .. "/.laconic/s/code.zip"), " ")
    assert.matches("5%.4/lpeg%.so", list)
  end)
end)

describe("a C module", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("for another machine is refused", function()
    local numbers = { x86_64 = "\62\0", aarch64 = "\183\0" }
    install("lpeg", debian .. "5.4/lpeg.so", function(bytes)
      return bytes:sub(1, 18) .. numbers[foreign] .. bytes:sub(21)
    end)

    local facts = refused("E212", ("^the C module 'lpeg' %%(lua_modules/lib/lua/5.4/lpeg.so%%) is "
      .. "built for %s, and the functions run on %s$"):format(foreign, own),
      'return require "lpeg"')

    assert.matches('or say architecture = "', facts.hint)
  end)

  it("is refused when the functions are for another machine", function()
    local other = built.architecture == "arm64" and "x86_64" or "arm64"
    refused("E212", ("'lpeg' %%(.*%%) is built for %s, and the functions run on %s"):format(own,
      foreign), 'return require "lpeg"', other)
  end)

  it("of 32 bits is refused", function()
    install("lpeg", debian .. "5.4/lpeg.so", function(bytes)
      return bytes:sub(1, 4) .. "\1" .. bytes:sub(6)
    end)

    refused("E212", "is built for 32%-bit", 'return require "lpeg"')
  end)

  it("for another Lua is refused", function()
    install("lpeg", debian .. "5.1/lpeg.so")
    local facts = refused("E213", "is built for another Lua: Lua 5.4 has no luaL_prepbuffer, "
      .. "luaL_register, lua_call and %d+ more$", 'return require "lpeg"')
    assert.matches("luarocks %-%-lua%-version 5.4 install %-%-tree lua_modules lpeg", facts.hint)

    install("lpeg", debian .. "5.3/lpeg.so")
    refused("E213", "Lua 5.4 has no lua_getuservalue, lua_newuserdata, lua_setuservalue$",
      'return require "lpeg"')
  end)

  it("that brings another Lua along is refused", function()
    install("fixture", fixtures .. "/fixture.so", replacing("liblua5.4.so.0", "liblua5.1.so.0"))
    refused("E213", "is built for another Lua: it needs liblua5.1.so.0", 'return require "fixture"')
  end)

  it("that needs a later libc than the one that travels is refused", function()
    install("lpeg", debian .. "5.4/lpeg.so", replacing("GLIBC_2.4\0", "GLIBC_9.9\0"))
    refused("E214", "needs GLIBC_9.9 of libc.so.6, which /.*/libc.so.6 has not",
      'return require "lpeg"')
  end)

  it("whose library is not there, or has not what it wants, is refused", function()
    install("fixture", fixtures .. "/fixture.so")
    refused("E215", "needs libfixture.so, which is not on this machine", 'return require "fixture"')

    write("lua_modules/lib/lua/5.4/beside/libfixture.so",
      replacing("fixture_answer", "fixture_riddle")(assert(file.read(fixtures
        .. "/beside/libfixture.so"))))
    refused("E215", "wants fixture_answer, which no library that it needs has",
      'return require "fixture"')
  end)

  it("for another C library is refused", function()
    install("lpeg", debian .. "5.4/lpeg.so", replacing("libc.so.6", "libc.musl"))
    refused("E214", "is built for another C library: it needs libc.musl", 'return require "lpeg"')
  end)

  it("without its function is refused", function()
    install("peg", debian .. "5.4/lpeg.so")
    refused("E216", "'peg' %(.*%) is no module of Lua: it has no luaopen_peg",
      'return require "peg"')
    refused("E205", "the module 'lpeg.re' cannot be found: /.*lpeg.so has no luaopen_lpeg_re",
      'return require "lpeg.re"')
  end)

  it("that this machine cannot load either is refused at its line", function()
    local function refused_here(code, text)
      write("service.lua", 'local laconic = require "laconic"\nlocal lpeg = require "lpeg"\n'
        .. 'return laconic.service { name = "s", description = lpeg.version() }\n')
      local result = laconic("check", "--format", "json")
      local facts = assert(json.decode(result.error))
      assert.equal(code, facts.code, facts.message)
      assert.matches(text, facts.message)
      assert.equal("service.lua:2", facts.where)
    end

    install("lpeg", debian .. "5.1/lpeg.so")
    refused_here("E213", "is built for another Lua: Lua 5.4 has no lua_")
    install("lpeg", debian .. "5.4/lpeg.so", replacing("libc.so.6", "libq.so.6"))
    refused_here("E215", "needs libq.so.6, which is not on this machine")
    install("lpeg", debian .. "5.4/lpeg.so", function(bytes)
      return bytes:sub(1, 18) .. "\243\0" .. bytes:sub(21)
    end)
    refused_here("E212", "is built for riscv, and this machine is " .. own)
    install("lpeg", "/etc/passwd")
    refused_here("E216", "cannot be read")
  end)

  it("that is none is refused", function()
    write("lua_modules/lib/lua/5.4/text.so", "int main() { return 0; }")
    local facts = refused("E216", "'text' %(.*%) cannot be read", 'return require "text"')
    assert.equal("not a compiled file of Linux (ELF)", facts.cause)
  end)
end)

describe("laconic run", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    write("lua_modules/lib/lua/5.4/beside/libfixture.so", assert(file.read(fixtures
      .. "/beside/libfixture.so")))
    install("fixture", fixtures .. "/fixture.so")
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  local function run(text)
    write("script.lua", text)
    return laconic("run", "script.lua")
  end

  it("loads C modules of this machine and of lua_modules", function()
    local result = run [[
      local lpeg, cjson = require "lpeg", require "cjson"
      print(lpeg.match(lpeg.P "a" ^ 1, "aab"), cjson.encode { 1 }, require("fixture").answer())]]

    assert.equal("3\t[1]\t42\n", result.output, result.error)
  end)

  it("survives a C module that raises, and ends with one that exits", function()
    local result = run [[
      local fixture = require "fixture"
      print(pcall(fixture.raise))
      fixture.leave(7)]]

    assert.equal("false\traised in C\n", result.output)
    assert.equal(7, result.status)
  end)
end)
