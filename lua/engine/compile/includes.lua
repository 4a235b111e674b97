--- Files that travel because the service names them: paths, folders and patterns.
local failure = require "engine.failure"
local file = require "host.file"
local glob = require "engine.source.glob"

local includes = {}

local function invalid(message, where, cause)
  failure.raise("invalid", message, { code = "E206", where = where, cause = cause })
end

local function check_inside(path, where)
  if path:find "\0" then
    invalid("the included name holds a NUL", where)
  elseif path:sub(1, 1) == "/" or ("/" .. path .. "/"):find("/../", 1, true) then
    invalid(("'%s' leaves the service's folder"):format(path), where)
  end
end

local function walk(folder, path, where)
  local paths, err = file.walk(folder)
  if not paths then
    invalid(("the included '%s' cannot be read"):format(path), where, err)
  end
  return paths
end

-- A pipe would keep us waiting, and a folder has no bytes: a link to either is refused as well.
local function add_file(files, entry, where)
  local facts, err = file.stat(entry.path)
  if facts and facts.kind == "link" then
    local real, problem = file.real_path(entry.path)
    facts, err = nil, problem
    if real then
      facts, err = file.stat(real)
    end
  end
  if not facts then
    invalid(("the included '%s' cannot be read"):format(entry.name), where, err)
  elseif facts.kind ~= "file" then
    invalid(("the included '%s' is no plain file"):format(entry.name), where)
  end
  files:add(entry, where)
end

-- What a pattern never means: our own folder, git's, and tests.
local function stays_home(name)
  return name:match "^%.laconic/" or name:match "^%.git/" or name:match "_spec%.lua$"
end

local function add_pattern(files, folder, include)
  local base = glob.base(include.path)
  local start = folder .. base == "" and "." or folder .. base
  local matches, count = glob.matcher(include.path), 0
  for _, below in ipairs(walk(start, include.path, include.where)) do
    local name = base .. below
    if matches(name) and not stays_home(name) then
      add_file(files, { name = name, path = folder .. name }, include.where)
      count = count + 1
    end
  end
  if count == 0 then
    invalid(("no file matches '%s'"):format(include.path), include.where)
  end
end

local function add_folder(files, folder, include)
  local path = include.path:gsub("/$", "")
  for _, below in ipairs(walk(folder .. path, include.path, include.where)) do
    if not stays_home(below) then
      local name = (include.as or path) .. "/" .. below
      add_file(files, { name = name, path = folder .. path .. "/" .. below }, include.where)
    end
  end
end

--- Adds what one `service:include` names.
---@param files engine.compile.Files
---@param folder string  the service's
---@param include table
function includes.add(files, folder, include)
  check_inside(include.path, include.where)
  check_inside(include.as or "", include.where)
  if glob.is_pattern(include.path) then
    return add_pattern(files, folder, include)
  end
  local path = folder .. include.path
  local facts, err = file.stat(path)
  if not facts then
    invalid(("the included '%s' cannot be read"):format(include.path), include.where, err)
  elseif facts.kind == "folder" then
    return add_folder(files, folder, include)
  elseif facts.kind == "other" then
    invalid(("the included '%s' is no plain file"):format(include.path), include.where)
  end
  local handle, problem = io.open(path, "rb")
  if not handle then
    invalid(("the included '%s' cannot be read"):format(include.path), include.where,
      problem)
  end
  handle:close()
  add_file(files, { name = include.as or include.path, path = path }, include.where)
end

return includes
