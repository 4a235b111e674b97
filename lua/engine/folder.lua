--- The folders whose files are of one kind: commands, constructs, sample events, the services and the
--- resource types of the local cloud. A file that is there is known: no table names it.
---
---     folder.find("engine.commands", "invoke")   -- the module engine.commands.invoke
local folder = {}

-- The program's own modules and those of the checkout that LACONIC_LUA names, never an author's.
local function is_there(module)
  if package.loaded[module] ~= nil then
    return true
  end
  for _, searcher in ipairs { package.searchers[1], package.searchers[2] } do
    if type(searcher(module)) == "function" then
      return true
    end
  end
  return false
end

--- The module of that name; nil when the folder has none. Any text may be asked for.
---@param prefix string  "engine.commands"
---@param name string    '-' stands for '_'
---@return table?
function folder.find(prefix, name)
  if not name:match "^%l[%l%d_-]*$" then
    return nil
  end
  local module = prefix .. "." .. name:gsub("-", "_")
  return is_there(module) and require(module) or nil
end

--- The names of all that the program carries, sorted; not those of folders inside. For the host.
---@param prefix string
---@return string[]
function folder.names(prefix)
  local names = {}
  for _, module in ipairs(require("host.scripts").list(prefix .. ".")) do
    local name = module:sub(#prefix + 2)
    if not name:find(".", 1, true) then
      table.insert(names, name)
    end
  end
  return names
end

return folder
