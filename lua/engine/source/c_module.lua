--- Modules written in C: the names of their functions, and how one that cannot be loaded is refused.
local elf = require "host.elf"
local failure = require "engine.failure"
local file = require "host.file"

local c_module = {}

--- The error that refuses a module.
---@param module { name: string, path: string, where?: string, what?: string, hint?: string }
---@param code string
---@param message string  what is said of it: "is built for aarch64, …"
---@param hint? string
---@param cause? any
---@return engine.Failure
function c_module.problem(module, code, message, hint, cause)
  local text = ("%s '%s' (%s) %s"):format(module.what or "the C module", module.name, module.path,
    message)
  return failure.make("invalid", text, {
    code = code,
    where = module.where,
    hint = module.hint or hint,
    cause = cause,
  })
end

--- What to do about a module that is built for something else.
---@param name string
---@return string hint
function c_module.install(name)
  return "install it for Lua 5.4: luarocks --lua-version 5.4 install --tree lua_modules "
    .. name:match "^[^.]+"
end

--- The functions that `require` tries for a name, in its order: `a.b-c` → luaopen_a_b, luaopen_c.
---@param name string
---@return string[]
function c_module.openers(name)
  local stem, rest = name:match "^(.-)%-(.*)$"
  local list = {}
  for _, part in ipairs { stem or name, rest } do
    table.insert(list, "luaopen_" .. part:gsub("%.", "_"))
  end
  return list
end

--- What a machine is called in a message: "aarch64", "32-bit i386".
---@param facts host.elf.Facts
---@return string
function c_module.machine(facts)
  return facts.bits == 64 and facts.machine or ("32-bit %s"):format(facts.machine)
end

--- "is built for another Lua: …"
---@param names string  of Lua's functions that it wants
---@return string
function c_module.other_lua(names)
  return ("is built for another Lua: Lua 5.4 has no %s"):format(names)
end

-- What the loader of this machine could mean, by what the files are and by what it says.
local function load_problem(module, said)
  local facts, err = elf.decode(file.read(module.path) or "")
  local own = elf.decode(file.read(file.program()) or "")
  if not facts then
    return c_module.problem(module, "E216", "cannot be read", c_module.install(module.name), err)
  elseif own and (facts.machine ~= own.machine or facts.bits ~= own.bits) then
    local text = ("is built for %s, and this machine is %s"):format(c_module.machine(facts),
      own.machine)
    return c_module.problem(module, "E212", text, "the service file is loaded here, too: require "
      .. "the module in the handler, or put one for this machine in its place")
  end
  local symbol = said:match "undefined symbol: ([%w_]+)"
  if symbol and symbol:match "^luaL?_" then
    return c_module.problem(module, "E213", c_module.other_lua(symbol),
      c_module.install(module.name))
  end
  local library = said:match "([^%s:]+): cannot open shared object file"
  if library then
    local text = ("needs %s, which is not on this machine"):format(library)
    return c_module.problem(module, "E215", text, "install the package that has it")
  end
end

--- What Lua's "error loading module" comes to, when the module is one of C; nil for anything else.
---@param message string
---@param where? string
---@return engine.Failure?
function c_module.explain(message, where)
  local name, path, said =
    message:match "^error loading module '([^'\n]+)' from file '([^'\n]+%.so)':%s*(.*)$"
  return name and load_problem({ name = name, path = path, where = where }, said)
end

return c_module
