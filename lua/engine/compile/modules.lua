--- The `require` graph of a service: its file, every module that was required while it was loaded,
--- and every module that one of these requires by a literal name. Each Lua file is checked here,
--- where its author still reads.
local failure = require "engine.failure"
local file = require "host.file"
local lua_source = require "engine.source.scan"
local order = require "engine.order"
local scripts = require "host.scripts"
local search_path = require "engine.source.search_path"
local shadow = require "engine.source.shadow"
local spelling = require "engine.spelling"

local modules = {}

--- A file of Lua in the graph.
---@class engine.compile.Source
---@field name string      in the archive
---@field path string
---@field bytes string
---@field requires { name: string, line: integer, optional: boolean, depth: integer, path?: string }[]

--- A module written in C that something in the graph requires.
---@class engine.compile.CModule
---@field name string
---@field path string
---@field form engine.source.Form
---@field where string     who requires it
---@field optional boolean every require of it stands in a pcall
---@field named boolean    a literal name in some file; else it was met while the service was loaded

---@class engine.compile.Graph
---@field sources table<string, engine.compile.Source>   by path
---@field c_modules engine.compile.CModule[]             in the order they were found
---@field more string[]                                  paths of what runs beside the service file
---@field package files engine.compile.Files
---@field package builtins table<string, true>
---@field package loaded table<string, true>             paths that are known to be valid Lua
---@field package folder string
---@field package c_names table<string, engine.compile.CModule>
local Graph = {}
Graph.__index = Graph

local function invalid(code, message, where, hint, cause)
  failure.raise("invalid", message, { code = code, where = where, hint = hint, cause = cause })
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

local LUA_OWN = set_of {
  "_G", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8",
}

-- What the program brings along is not looked for in files; a misspelt part of it is a mistake.
local function is_built_in(name, builtins)
  return LUA_OWN[name] or builtins[name] or package.preload[name] ~= nil
end

local function missing(name, where, builtins)
  local guess = name:match "^laconic[.%a]*" and spelling.guess(name, builtins) or ""
  invalid("E205", ("the module '%s' cannot be found%s"):format(name, guess), where,
    "put it beside the service file, or install it with: luarocks install --tree lua_modules "
      .. name)
end

local function read(path, where)
  local bytes, err = file.read(path)
  if not bytes then
    invalid("E205", ("the module file '%s' cannot be read"):format(path), where, nil, err)
  end
  return bytes
end

local function check_syntax(bytes, path)
  local chunk, message = load(lua_source.loadable(bytes), "@" .. path, "t")
  if not chunk then
    local line, text = message:match ":(%d+): (.*)$"
    invalid("E202", text or message, line and path .. ":" .. line or path)
  end
end

local function check_globals(tokens, path)
  local list, declared = lua_source.undeclared(tokens)
  local first = list[1]
  if first then
    local guess = spelling.guess(first.name, lua_source.GLOBALS)
    if guess == "" then
      guess = spelling.guess(first.name, declared)
    end
    local where = path .. ":" .. first.line
    invalid("E207", ("unknown global '%s'%s"):format(first.name, guess), where,
      "declare it with 'local'")
  end
end

-- The name in the archive: where the runtime's `require` will look for the module.
local function archive_name(module, path)
  local base = module:gsub("%.", "/")
  return path:match "[/^]init%.lua$" and not base:match "init$" and base .. "/init.lua"
    or base .. ".lua"
end

-- Other people's modules follow their own rules about globals.
local function is_foreign(path, folder)
  if folder == "" and path:sub(1, 1) == "/" or path:sub(1, #folder) ~= folder then
    return true
  end
  return path:find("lua_modules/", #folder + 1, true) ~= nil
end

function Graph:add_source(name, path, where)
  if not self.files:add({ name = name, path = path }, where) then
    return
  end
  local bytes = read(path, where)
  if not self.loaded[path] then
    check_syntax(bytes, path)
  end
  local tokens = lua_source.tokens(bytes)
  if not is_foreign(path, self.folder) then
    check_globals(tokens, path)
  end
  local source = { name = name, path = path, bytes = bytes, requires = lua_source.requires(tokens) }
  self.sources[path] = source
  for _, item in ipairs(source.requires) do
    local place = path .. ":" .. item.line
    if is_built_in(item.name, self.builtins) then
      shadow.check(item.name, place, self.folder)
    else
      item.path = self:add_required(item, place)
    end
  end
end

-- The first require that must succeed is the one to be blamed.
function Graph:add_c_module(module)
  local known = self.c_names[module.name]
  if not known then
    self.c_names[module.name] = module
    table.insert(self.c_modules, module)
  elseif known.optional and module.named and not module.optional then
    known.optional, known.where = false, module.where
  end
end

-- Adds what a literal `require` would load; returns the path of a file of Lua.
function Graph:add_required(item, where)
  local name, optional = item.name, item.optional
  local path, form = search_path.find(name)
  if form == "lua" then
    self:add_source(archive_name(name, path), path, where)
    return path
  elseif path then
    self:add_c_module { name = name, path = path, form = form, where = where, optional = optional,
      named = true }
  elseif not optional then
    missing(name, where, self.builtins)
  end
end

-- What was required while the service was loaded, by names that are made at run time, too.
function Graph:add_loaded(name, where)
  local path, form = search_path.find(name)
  if form == "lua" then
    self:add_source(archive_name(name, path), path, where)
  elseif path then
    self:add_c_module { name = name, path = path, form = form, where = where, optional = false,
      named = false }
  end
end

--- Resolves the graph of a service: its Lua files are added to `files`, C modules are listed.
---@param service engine.Service
---@param files engine.compile.Files
---@param more? { name: string, path: string, where: string }[]  files that run besides
---@return engine.compile.Graph
function modules.resolve(service, files, more)
  local graph = setmetatable({
    sources = {},
    c_modules = {},
    files = files,
    more = {},
    builtins = set_of(scripts.list()),
    loaded = { [service.path] = true },
    folder = service.path:match "^(.*/)" or "",
    c_names = {},
  }, Graph)
  local loaded = service.modules or {}
  for _, path in pairs(loaded) do
    graph.loaded[path] = true
  end
  graph:add_source("service.lua", service.path, service.where)
  for _, entry in ipairs(more or {}) do
    graph:add_source(entry.name, entry.path, entry.where)
    table.insert(graph.more, entry.path)
  end
  for _, name in ipairs(order.keys(loaded)) do
    graph:add_loaded(name, service.where)
  end
  return graph
end

return modules
