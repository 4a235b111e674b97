--- What serves the handlers in Lambda. A service of Lua alone travels with the static flavour: one
--- program that needs nothing of the machine. One with C modules travels with the dynamic flavour: a
--- launcher, the program, its loader and libc, the modules, and every library that these need, so that
--- nothing of Lambda's own libraries is used. So does one that sends requests, where Laconic was built
--- without HTTPS for the static flavour: with this machine's libcurl.
---
---     bootstrap                              the launcher: starts the program by its loader
---     lib/laconic/runtime                    the program, with Lua's API for the modules
---     lib/laconic/ld-linux-x86-64.so.2 …     the loader, libc and all other libraries
---     lua_modules/lib/lua/5.4/lpeg.so …      the modules
local archive = require "host.archive"
local c_modules = require "engine.compile.c_modules"
local carried = require "engine.compile.carried"
local closure = require "engine.compile.closure"
local elf = require "host.elf"
local failure = require "engine.failure"
local file = require "host.file"
local log = require "host.log"
local shared_objects = require "engine.compile.shared_objects"

local runtime = {}

local FOLDER <const> = "lib/laconic/"
local LIBCURL <const> = "libcurl.so.4" -- as host/core/http_libcurl.c opens it

-- Beside the program, or where an installation puts it; compressed already when it can be.
local function find(name)
  local folder = file.program():match "^(.*/)"
  for _, place in ipairs { folder, folder .. "../lib/laconic/" } do
    for _, form in ipairs { "packed", "path" } do
      local path = place .. name .. (form == "packed" and ".packed" or "")
      if file.exists(path) then
        return { [form] = path }
      end
    end
  end
end

-- An entry of the archive for a part of the runtime, which the build of Laconic made.
local function part(entry_name, name, fn)
  local found = find(name)
  if found then
    found.name, found.executable = entry_name, true
    return found
  end
  failure.raise("failed", ("the runtime '%s' is not beside the program"):format(name), {
    code = "E208",
    where = fn.where,
    hint = "build it with ./dev build, or install Laconic again",
  })
end

local function facts_of(entry)
  if entry.path then
    return assert(shared_objects.read(entry.path))
  end
  return assert(elf.decode(assert(archive.unpack(entry.packed))))
end

-- The program as the first of the shared objects; its loader is one of those that it needs, and so is
-- what it opens by name, which no header of it tells.
local function as_object(program, opened)
  local facts = facts_of(program)
  local needed = table.move(facts.needed, 1, #facts.needed, 1, {})
  table.insert(needed, facts.interpreter:match "[^/]+$")
  table.insert(needed, opened)
  facts.needed = needed
  return {
    name = program.name,
    path = program.path or program.packed,
    facts = facts,
    what = "the runtime",
    hint = opened and "install the package that has it (Debian: libcurl4), or build Laconic where "
      .. "libcurl's sources can be had" or "services with C modules are built on Linux, whose C "
      .. "library travels with them",
  }
end

local function add_dynamic(files, modules, fn, sender)
  local architecture = fn.properties.architecture
  local program = part(FOLDER .. "runtime", "bootstrap-dynamic-" .. architecture, fn)
  local object = as_object(program, sender and LIBCURL)
  local whole = closure.of(object, modules)
  if #whole.modules == 0 and not sender then
    return false
  end
  files:add(part("bootstrap", "bootstrap-launcher-" .. architecture, fn), fn.where)
  files:add(program, fn.where)
  for _, found in ipairs(whole.objects) do
    files:add({ name = FOLDER .. found.name, path = found.path, executable = true }, fn.where)
  end
  for _, module in ipairs(whole.modules) do
    files:add({ name = module.entry, path = module.path }, module.where)
  end
  return true
end

--- Adds the runtime in the flavour that the service asks for, and what travels with it.
---@param files engine.compile.Files
---@param list engine.compile.CModule[]
---@param fn engine.Function  any of the service's: their architecture is the same
---@param sender? string      what sends requests, when the static flavour cannot
function runtime.add(files, list, fn, sender)
  local architecture = fn.properties.architecture
  local modules = c_modules.admit(list, architecture)
  if (#modules > 0 or sender) and add_dynamic(files, modules, fn, sender) then
    log.debug("the dynamic runtime travels", { https = sender, c_modules = #modules })
    return
  end
  files:add(part("bootstrap", "bootstrap-" .. architecture, fn), fn.where)
  log.debug("the static runtime travels", { https = #carried.dynamic == 0 })
end

return runtime
