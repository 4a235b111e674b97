--- Where `require` looks for a script's modules: beside it, and under lua_modules, where LuaRocks puts
--- them; then where the program's own Lua looks, Debian's folders among them.
---
---     search_path.use "services/orders/"
local search_path = {}

local LUA_TEMPLATES <const> = {
  "?.lua",
  "?/init.lua",
  "lua_modules/share/lua/5.4/?.lua",
  "lua_modules/share/lua/5.4/?/init.lua",
  "lua_modules/?.lua",
  "lua_modules/?/init.lua",
}
local C_TEMPLATES <const> = { "lua_modules/lib/lua/5.4/?.so", "?.so" }

-- As they were before the first script.
local original_path, original_cpath = package.path, package.cpath

local function extended(folder, templates, original)
  local list = {}
  for _, template in ipairs(templates) do
    table.insert(list, folder .. template)
  end
  table.insert(list, original)
  return table.concat(list, ";")
end

--- Makes `require` look for the modules of a script in `folder`, in place of the last one's.
---@param folder string  "" or with a "/" at its end
function search_path.use(folder)
  package.path = extended(folder, LUA_TEMPLATES, original_path)
  package.cpath = extended(folder, C_TEMPLATES, original_cpath)
end

---@alias engine.source.Form
---| "lua"         # the file is the module
---| "c"           # a shared object for this module
---| "all-in-one"  # a shared object for all modules that begin so: `a.b` in a.so

--- The file in which `require` would find a module: first Lua's, then C's.
---@param name string
---@return string? path
---@return engine.source.Form? form
function search_path.find(name)
  local path = package.searchpath(name, package.path)
  if path then
    return path, "lua"
  end
  path = package.searchpath(name, package.cpath)
  if path then
    return path, "c"
  end
  local root = name:match "^(.-)%."
  path = root and package.searchpath(root, package.cpath)
  if path then
    return path, "all-in-one"
  end
end

return search_path
