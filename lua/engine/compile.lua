--- Stage 2: which files travel in the archive. The service file, every module that it requires or
--- required while it was loaded, the included files, and the runtime. Each Lua file is checked here,
--- where its author still reads.
local check = require "engine.check"
local failure = require "engine.failure"
local glob = require "engine.source.glob"
local order = require "engine.order"
local lua_source = require "engine.source.scan"
local file = require "host.file"
local scripts = require "host.scripts"

local compile = {}

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

-- What the runtime brings along is not looked for in files; a misspelt part of it is a mistake.
local function is_built_in(name, builtins)
  return LUA_OWN[name] or builtins[name] or package.preload[name] ~= nil
end

local function missing(name, where, builtins)
  if package.searchpath(name, package.cpath) then
    invalid("E205", ("the module '%s' is a C module, which cannot travel yet"):format(name), where,
      "use one that is written in Lua")
  end
  local near = name:match "^laconic[.%a]*" and check.nearest(name, builtins)
  local guess = near and (" (did you mean '%s'?)"):format(near) or ""
  invalid("E205", ("the module '%s' cannot be found%s"):format(name, guess), where,
    "put it beside the service file, or install it with: luarocks install --tree lua_modules "
      .. name)
end

local function read(path, code, what, where)
  local bytes, err = file.read(path)
  if not bytes then
    invalid(code, what .. " cannot be read", where, nil, err)
  end
  return bytes
end

local function check_syntax(bytes, path)
  local chunk, message = load(bytes, "@" .. path, "t")
  if not chunk then
    local line, text = message:match ":(%d+): (.*)$"
    invalid("E202", text or message, line and path .. ":" .. line or path)
  end
end

local function check_globals(tokens, path)
  local list, declared = lua_source.undeclared(tokens)
  local first = list[1]
  if first then
    local near = check.nearest(first.name, lua_source.GLOBALS)
      or check.nearest(first.name, declared)
    local guess = near and (" (did you mean '%s'?)"):format(near) or ""
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

-- Adds an entry once; says whether it is new.
local function add(state, entry, where)
  local other = state.by_name[entry.name]
  if not other then
    state.by_name[entry.name] = entry
    table.insert(state.files, entry)
    return true
  elseif other.path ~= entry.path then
    local text = "'%s' and '%s' would both be '%s' in the archive"
    local path = entry.path or "the runtime"
    invalid("E209", text:format(other.path, path, entry.name), where)
  end
  return false
end

-- Other people's modules follow their own rules about globals.
local function is_foreign(path, folder)
  if folder == "" and path:sub(1, 1) == "/" or path:sub(1, #folder) ~= folder then
    return true
  end
  return path:find("lua_modules/", #folder + 1, true) ~= nil
end

local add_required

local function add_source(state, name, path, where)
  if not add(state, { name = name, path = path }, where) then
    return
  end
  local bytes = read(path, "E205", ("the module file '%s'"):format(path), where)
  if not state.loaded[path] then
    check_syntax(bytes, path)
  end
  local tokens = lua_source.tokens(bytes)
  if not is_foreign(path, state.folder) then
    check_globals(tokens, path)
  end
  for _, item in ipairs(lua_source.requires(tokens)) do
    if not is_built_in(item.name, state.builtins) then
      add_required(state, item, path .. ":" .. item.line)
    end
  end
end

function add_required(state, item, where)
  local path = package.searchpath(item.name, package.path)
  if path then
    add_source(state, archive_name(item.name, path), path, where)
  elseif not item.optional then
    missing(item.name, where, state.builtins)
  end
end

-- Modules that were required by a name that is made at run time are known from the loading.
local function add_loaded(state, service)
  for _, module in ipairs(order.keys(service.modules or {})) do
    local path = service.modules[module]
    add_source(state, archive_name(module, path), path, service.where)
  end
end

local function check_inside(path, where)
  if path:find "\0" then
    invalid("E206", "the included name holds a NUL", where)
  elseif path:sub(1, 1) == "/" or ("/" .. path .. "/"):find("/../", 1, true) then
    invalid("E206", ("'%s' leaves the service's folder"):format(path), where)
  end
end

local function walk(folder, path, where)
  local paths, err = file.walk(folder)
  if not paths then
    invalid("E206", ("the included '%s' cannot be read"):format(path), where, nil, err)
  end
  return paths
end

-- A pipe would keep us waiting, and a folder has no bytes: a link to either is refused as well.
local function add_file(state, entry, where)
  local facts, err = file.stat(entry.path)
  if facts and facts.kind == "link" then
    local real, problem = file.real_path(entry.path)
    facts, err = nil, problem
    if real then
      facts, err = file.stat(real)
    end
  end
  if not facts then
    invalid("E206", ("the included '%s' cannot be read"):format(entry.name), where, nil, err)
  elseif facts.kind ~= "file" then
    invalid("E206", ("the included '%s' is no plain file"):format(entry.name), where)
  end
  add(state, entry, where)
end

-- What a pattern never means: our own folder, git's, and tests.
local function stays_home(name)
  return name:match "^%.laconic/" or name:match "^%.git/" or name:match "_spec%.lua$"
end

local function add_pattern(state, folder, include)
  local base = glob.base(include.path)
  local start = folder .. base == "" and "." or folder .. base
  local matches, count = glob.matcher(include.path), 0
  for _, below in ipairs(walk(start, include.path, include.where)) do
    local name = base .. below
    if matches(name) and not stays_home(name) then
      add_file(state, { name = name, path = folder .. name }, include.where)
      count = count + 1
    end
  end
  if count == 0 then
    invalid("E206", ("no file matches '%s'"):format(include.path), include.where)
  end
end

local function add_folder(state, folder, include)
  local path = include.path:gsub("/$", "")
  for _, below in ipairs(walk(folder .. path, include.path, include.where)) do
    if not stays_home(below) then
      local name = (include.as or path) .. "/" .. below
      add_file(state, { name = name, path = folder .. path .. "/" .. below }, include.where)
    end
  end
end

local function add_include(state, folder, include)
  check_inside(include.path, include.where)
  check_inside(include.as or "", include.where)
  if glob.is_pattern(include.path) then
    return add_pattern(state, folder, include)
  end
  local path = folder .. include.path
  local facts, err = file.stat(path)
  if not facts then
    invalid("E206", ("the included '%s' cannot be read"):format(include.path), include.where, nil,
      err)
  elseif facts.kind == "folder" then
    return add_folder(state, folder, include)
  elseif facts.kind == "other" then
    invalid("E206", ("the included '%s' is no plain file"):format(include.path), include.where)
  end
  local handle, problem = io.open(path, "rb")
  if not handle then
    invalid("E206", ("the included '%s' cannot be read"):format(include.path), include.where, nil,
      problem)
  end
  handle:close()
  add_file(state, { name = include.as or include.path, path = path }, include.where)
end

-- Beside the program, or where an installation puts it; compressed already when it can be.
local function find_runtime(architecture)
  local folder = file.program():match "^(.*/)"
  for _, place in ipairs { folder, folder .. "../lib/laconic/" } do
    for _, form in ipairs { "packed", "path" } do
      local path = place .. "bootstrap-" .. architecture .. (form == "packed" and ".packed" or "")
      if file.exists(path) then
        return { name = "bootstrap", [form] = path, executable = true }
      end
    end
  end
end

local function runtime_for(model)
  local fn = model.functions[1]
  local runtime = find_runtime(fn.properties.architecture)
  if runtime then
    return runtime
  end
  local text = "the runtime 'bootstrap-%s' is not beside the program"
  failure.raise("failed", text:format(fn.properties.architecture), {
    code = "E208",
    where = fn.where,
    hint = "build it with ./dev build, or install Laconic again",
  })
end

--- Finds and checks every file that will travel. `build.runtime` may name the runtime to take, as an
--- entry of the archive; a service without functions needs none.
---@param model engine.Model
---@param build engine.Build
---@return engine.Travelling[] files  sorted by name
function compile.run(model, build)
  local service = model.service
  local folder = service.path:match "^(.*/)" or ""
  local builtins = set_of(scripts.list())
  local state = { files = {}, by_name = {}, builtins = builtins, folder = folder }
  state.loaded = { [service.path] = true } -- and so known to be valid Lua
  for _, path in pairs(service.modules or {}) do
    state.loaded[path] = true
  end
  add_source(state, "service.lua", service.path, service.where)
  add_loaded(state, service)
  for _, include in ipairs(service.includes) do
    add_include(state, folder, include)
  end
  if #model.functions > 0 then
    add(state, build.runtime or runtime_for(model), model.functions[1].where)
  end
  table.sort(state.files, function(a, b)
    return a.name < b.name
  end)
  return state.files
end

return compile
