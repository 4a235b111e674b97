--- Modules written in C: which of them travel, and the gate that refuses by name what Lambda could not
--- load. A module that is only ever required in a pcall stays at home instead.
local c_module = require "engine.source.c_module"
local failure = require "engine.failure"
local shared_objects = require "engine.compile.shared_objects"

local c_modules = {}

--- A C module whose file was read.
---@class engine.compile.CObject: engine.compile.Object
---@field where string
---@field optional boolean
---@field entry string     its name in the archive

local FOLDER <const> = "lua_modules/lib/lua/5.4/"

local MACHINES <const> = { x86_64 = "x86_64", arm64 = "aarch64" } -- Lambda's word → the files'
local ARCHITECTURES <const> = { x86_64 = "x86_64", aarch64 = "arm64" }

-- Other Luas, by the libraries that hold them. Lua 5.4's own is no harm: the runtime's comes first.
local OTHER_LUAS <const> = {
  "^liblua5%.[123]", "^liblua5[123]", "^liblua%.so%.5%.[123]", "^libluajit",
}

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

local function has_opener(module, facts)
  local defined = set_of(facts.defined)
  for _, name in ipairs(c_module.openers(module.name)) do
    if defined[name] then
      return true
    end
  end
  return false
end

local function machine_problem(module, facts, architecture)
  local wanted = MACHINES[architecture]
  if facts.bits == 64 and facts.byte_order == "little" and facts.machine == wanted then
    return
  end
  local word = facts.bits == 64 and ARCHITECTURES[facts.machine]
  local hint = ("put one that is built for %s under %s"):format(wanted, FOLDER)
  if word then
    hint = ("%s, or say architecture = \"%s\""):format(hint, word)
  end
  local text = ("is built for %s, and the functions run on %s"):format(c_module.machine(facts),
    wanted)
  return c_module.problem(module, "E212", text, hint)
end

local function type_problem(module, facts)
  if facts.type ~= "shared" or facts.interpreter then
    return c_module.problem(module, "E216", "is no shared object", c_module.install(module.name))
  elseif not has_opener(module, facts) then
    local names = table.concat(c_module.openers(module.name), " nor ")
    return c_module.problem(module, "E216", ("is no module of Lua: it has no %s"):format(names))
  end
end

-- A Lua inside the module would be a second one in the process, whose values are not the runtime's.
local function other_lua_problem(module, facts)
  for _, library in ipairs(facts.needed) do
    for _, pattern in ipairs(OTHER_LUAS) do
      if library:match(pattern) then
        return c_module.problem(module, "E213",
          ("is built for another Lua: it needs %s"):format(library), c_module.install(module.name))
      end
    end
  end
  if set_of(facts.defined).lua_newstate then
    return c_module.problem(module, "E213", "holds a Lua of its own",
      "build it without linking Lua: a module finds Lua in the program that loads it")
  end
end

-- `require` looks for an all-in-one last: where that one has no such module, there is none.
local function absent_problem(module)
  local text = "the module '%s' cannot be found: %s has no %s"
  local opener = c_module.openers(module.name)[1]
  return failure.make("invalid", text:format(module.name, module.path, opener), {
    code = "E205",
    where = module.where,
  })
end

local function entry_name(module)
  local name = module.form == "all-in-one" and module.name:match "^(.-)%." or module.name
  return FOLDER .. name:gsub("%.", "/") .. ".so"
end

-- What travels of a module; or nil, and why it cannot. Neither, when it is no module of its own, but
-- a name that another hand put into package.loaded.
local function admit(module, architecture)
  local facts, err = shared_objects.read(module.path)
  if not facts then
    local hint = c_module.install(module.name)
    return nil, c_module.problem(module, "E216", "cannot be read", hint, err)
  elseif module.form == "all-in-one" and not has_opener(module, facts) then
    return nil, module.named and absent_problem(module) or nil
  end
  local problem = machine_problem(module, facts, architecture) or type_problem(module, facts)
    or other_lua_problem(module, facts)
  return not problem and {
    name = module.name,
    path = module.path,
    facts = facts,
    where = module.where,
    optional = module.optional,
    entry = entry_name(module),
  } or nil, problem
end

--- Reads the modules and refuses, at the line that requires it, one that cannot be loaded on that
--- architecture by a Lua 5.4. What they need besides is for engine.compile.closure to find.
---@param list engine.compile.CModule[]
---@param architecture "x86_64"|"arm64"
---@return engine.compile.CObject[]
function c_modules.admit(list, architecture)
  local admitted = {}
  for _, module in ipairs(list) do
    local object, problem = admit(module, architecture)
    if problem and not module.optional then
      error(problem, 0)
    end
    table.insert(admitted, object)
  end
  return admitted
end

return c_modules
