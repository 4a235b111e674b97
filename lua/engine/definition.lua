--- Stage 0: runs a service file → what its author said.
---
--- The file runs in an environment of its own, where an undeclared global is an error, and may require
--- the modules beside it and those under lua_modules, where LuaRocks puts them.
local check = require "engine.check"
local failure = require "engine.failure"
local file = require "host.file"
local scripts = require "host.scripts"
local search_path = require "engine.source.search_path"
local strict = require "engine.strict"

local definition = {}

-- The modules that the service loaded last brought in: put back before another one is loaded.
local brought = {}

local function invalid(code, message, where, more)
  local fields = more or {}
  fields.code, fields.where = code, where
  failure.raise("invalid", message, fields)
end

local function read(path)
  local bytes, err = file.read(path)
  if not bytes then
    local hint = err.code == "ENOENT" and "name another, or begin one: laconic new NAME" or nil
    invalid("E201", "the service file cannot be read", nil, { cause = err, hint = hint })
  end
  return bytes
end

-- Lua writes "service.lua:3: unexpected symbol near '}'", with long paths cut short: the place is
-- taken out, and put back whole.
--
-- A variable that is to be closed keeps `return laconic.service { … }` from being a tail call, which
-- would drop the file's frame, and with it the line to be blamed.
local function compile(bytes, path, environment)
  local chunk, message = load("local _ <close> = nil " .. bytes, "@" .. path, "t", environment)
  if not chunk then
    local line, text = message:match ":(%d+): (.*)$"
    invalid("E202", text or message, line and path .. ":" .. line or path)
  end
  return chunk
end

local function forget_last()
  for name in pairs(brought) do
    package.loaded[name] = nil
  end
  brought = {}
end

-- Modules that the program carries, which come before files of the same name.
local function names_of_embedded()
  local names = {}
  for _, name in ipairs(scripts.list()) do
    names[name] = true
  end
  return names
end

-- The modules that loading brought in from files: name → path.
local function new_modules(before)
  local modules, embedded = {}, names_of_embedded()
  for name in pairs(package.loaded) do
    if not before[name] and not package.preload[name] and not embedded[name] then
      local path = search_path.find(name)
      if path then
        modules[name] = path
        brought[name] = true
      end
    end
  end
  return modules
end

local function names_of(t)
  local names = {}
  for name in pairs(t) do
    names[name] = true
  end
  return names
end

-- Error objects pass as they are; what Lua raised gets a kind, a code and its place. Of a module
-- that is not there, Lua says every place where it looked: the name is enough.
local function on_error(raised)
  local object = failure.is(raised) and raised or failure.from(raised, "invalid")
  if object.code == nil and object.kind == "invalid" then
    object = require("engine.source.c_module").explain(object.message, check.where(3)) or object
  end
  if object.code == nil and object.kind == "invalid" then
    local module = object.message:match "^module '([^'\n]+)' not found:"
    object.code = module and "E205" or "E203"
    object.message = module and ("the module '%s' cannot be found"):format(module) or object.message
  end
  if rawget(object, "traceback") == nil then
    object.traceback = debug.traceback("", 2)
  end
  return object
end

-- What failed may have expected a module of its own, and got one of ours.
local function check_shadowed(bytes, path)
  local lua_source = require "engine.source.scan" -- these two only when something failed
  local shadow = require "engine.source.shadow"
  for _, item in ipairs(lua_source.requires(lua_source.tokens(bytes))) do
    shadow.check(item.name, path .. ":" .. item.line, path:match "^(.*/)" or "")
  end
end

local function check_returned(service, path)
  local metatable = getmetatable(service)
  if type(metatable) == "table" and metatable.__name == "laconic.service" then
    return
  end
  local got = service == nil and "nothing" or "a " .. type(service)
  invalid("E204", ("the file returns %s instead of its service"):format(got), path,
    { hint = "end it with: return service" })
end

--- Loads a service file. Raises an error of kind "invalid" that names the place.
---@param path string     the service file, from the current folder
---@param options? { env?: string }
---@return engine.Service
function definition.load(path, options)
  local bytes = read(path)
  forget_last()
  search_path.use(path:match "^(.*/)" or "")
  package.loaded["laconic.env"] = { name = options and options.env or os.getenv "LACONIC_ENV" }

  local before = names_of(package.loaded)
  local chunk = compile(bytes, path, strict.environment())
  local ok, result = xpcall(chunk, on_error, path)
  local modules = new_modules(before)
  if not ok then
    check_shadowed(bytes, path)
    result.where = result.where or path
    error(result, 0)
  end
  check_returned(result, path)
  result.path = path
  result.modules = modules
  return result
end

return definition
