--- What C modules need besides themselves: the shared objects, those of libc and the loader among them,
--- that the runtime and the modules ask for, and that these ask for in turn. Each is checked: it is
--- there, it has the versions and the symbols that are wanted of it.
local c_module = require "engine.source.c_module"
local shared_objects = require "engine.compile.shared_objects"

local closure = {}

--- Everything that is loaded into one process.
---@class engine.compile.Closure
---@field objects engine.compile.Object[]      without the runtime and the modules
---@field modules engine.compile.CObject[]     those that can be loaded
---@field package by_name table<string, engine.compile.Object>
---@field package symbols table<string, true>  what all of them offer
local Closure = {}
Closure.__index = Closure

local MOST_NAMES <const> = 3 -- of missing symbols that a message tells

local function by_way(module, object)
  return object ~= module and (" (by way of %s)"):format(object.name) or ""
end

local function missing_problem(module, asker, name, other)
  local through = by_way(module, asker)
  if name:find("/", 1, true) then
    return c_module.problem(module, "E215", ("needs '%s'%s by its path"):format(name, through),
      "build it so that it names the library alone, with a soname")
  elseif name:match "^libc%.musl" then
    return c_module.problem(module, "E214",
      ("is built for another C library: it needs %s%s"):format(name, through),
      "build it on a machine with the GNU C library, as this one")
  end
  local text = ("needs %s%s, which is not on this machine"):format(name, through)
  if other then
    text = ("needs %s%s, which is on this machine for %s only: %s"):format(name, through,
      other.machine, other.path)
  end
  return c_module.problem(module, "E215", text, "install the package that has it")
end

-- Adds what `object` asks for, and so on; returns why that cannot be.
local function reach(self, module, object, added)
  for _, name in ipairs(object.facts.needed) do
    if not self.by_name[name] and not added[name] then
      local plain = not name:find("/", 1, true)
      local found, other
      if plain then
        found, other = shared_objects.find(name, object)
      end
      if not found then
        return missing_problem(module, object, name, other)
      end
      added[name] = found
      table.insert(added, found)
      local problem = reach(self, module, found, added)
      if problem then
        return problem
      end
    end
  end
end

local function holds(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then
      return true
    end
  end
  return false
end

-- "GLIBC_2.38" of libc.so.6, when the one that was found is older. A library without versions is
-- taken as it is, as the loader does.
local function version_problem(self, module, object, added)
  for _, item in ipairs(object.facts.required) do
    local library = added[item.library] or self.by_name[item.library]
    local provided = library and library.facts.provided or {}
    if #provided > 0 and not holds(provided, item.version) then
      local text = ("needs %s of %s%s, which %s has not"):format(item.version, item.library,
        by_way(module, object), library.path)
      return c_module.problem(module, "E214", text,
        "build it on this machine, whose libraries travel with it")
    end
  end
end

local function add_symbols(symbols, object)
  for _, name in ipairs(object.facts.defined) do
    symbols[name] = true
  end
end

-- What an object wants and nobody has, sorted.
local function unmet(self, object, symbols)
  local list = {}
  for _, symbol in ipairs(object.facts.undefined) do
    if not symbol.weak and not symbols[symbol.name] and not self.symbols[symbol.name] then
      table.insert(list, symbol.name)
    end
  end
  table.sort(list)
  return list
end

local function shown(names)
  local text = table.concat(names, ", ", 1, math.min(#names, MOST_NAMES))
  return #names > MOST_NAMES and ("%s and %d more"):format(text, #names - MOST_NAMES) or text
end

local function symbol_problem(self, module, object, symbols)
  local names = unmet(self, object, symbols)
  if #names == 0 then
    return nil
  end
  local of_lua = {}
  for _, name in ipairs(names) do
    if name:match "^luaL?_" then
      table.insert(of_lua, name)
    end
  end
  if #of_lua > 0 then
    return c_module.problem(module, "E213", c_module.other_lua(shown(of_lua)),
      c_module.install(module.name))
  end
  local text = ("wants %s%s, which no library that it needs has"):format(shown(names),
    by_way(module, object))
  return c_module.problem(module, "E215", text, "build it anew, with the library that has it")
end

local function first_problem(self, module, added)
  local symbols = {}
  add_symbols(symbols, module)
  for _, object in ipairs(added) do
    add_symbols(symbols, object)
  end
  for _, object in ipairs { module, table.unpack(added) } do
    local problem = version_problem(self, module, object, added)
      or symbol_problem(self, module, object, symbols)
    if problem then
      return problem
    end
  end
end

-- Takes in a module, or the runtime itself, with all that it needs; returns why that cannot be.
function Closure:add(object)
  local added = {}
  local problem = reach(self, object, object, added) or first_problem(self, object, added)
  if problem then
    return problem
  end
  add_symbols(self.symbols, object)
  for _, found in ipairs(added) do
    self.by_name[found.name] = found
    add_symbols(self.symbols, found)
    table.insert(self.objects, found)
  end
end

--- Everything that the runtime and the modules need. A module that is only ever required in a pcall
--- is left out when something is missing; for another one that is an error.
---@param runtime engine.compile.Object
---@param modules engine.compile.CObject[]
---@return engine.compile.Closure
function closure.of(runtime, modules)
  local self = setmetatable({ objects = {}, modules = {}, by_name = {}, symbols = {} }, Closure)
  local problem = self:add(runtime)
  if problem then
    error(problem, 0)
  end
  for _, module in ipairs(modules) do
    problem = self:add(module)
    if not problem then
      table.insert(self.modules, module)
    elseif not module.optional then
      error(problem, 0)
    end
  end
  return self
end

return closure
