--- Where a handler's modules come from: the archive, then layers.
local modules = {}

local TEMPLATES = {
  "/?.lua",
  "/?/init.lua",
  "/lua_modules/share/lua/5.4/?.lua",
  "/lua_modules/share/lua/5.4/?/init.lua",
  "/lua_modules/?.lua",
  "/lua_modules/?/init.lua",
}
local C_TEMPLATES = { "/lua_modules/lib/lua/5.4/?.so" }

-- What the static runtime has where libcurl's sources could be had when it was built.
local OVER_LIBCURL = { ["host.aws_request"] = true, ["host.http"] = true, ["host.s3"] = true }

-- host.* that the runtime does not carry is not somewhere on the path either: say so at once.
local function refuse_host(name)
  if OVER_LIBCURL[name] then
    error(("%s: this runtime was built without HTTPS; the one that has it travels with a service "
      .. "whose files require laconic.aws or host.http by a literal name"):format(name), 0)
  elseif name:match "^host%." then
    error(("%s is not part of the runtime: it works on the host alone"):format(name), 0)
  elseif name:match "^engine%." or name:match "^laconic%." or name == "laconic" then
    return ("\n\tno script '%s' in the runtime"):format(name)
  end
end

local function search_path(root, templates)
  local list = {}
  for _, folder in ipairs { root, "/opt" } do
    for _, template in ipairs(templates) do
      table.insert(list, folder .. template)
    end
  end
  return table.concat(list, ";")
end

-- Asked for the program itself, the static flavour refuses as it does for every other shared object.
local function c_refusal()
  local loaded, refusal = package.loadlib("", "*")
  return not loaded and refusal
end

local function read(path)
  local handle = assert(io.open(path, "rb"))
  local bytes = handle:read "a"
  handle:close()
  return bytes
end

-- As Lua's own, but that messages and traces call a file by its place in the archive: Lua shortens a
-- whole path from its beginning, so that of an archive that lies deep nothing could be taken off.
local function search_files(root)
  return function(name)
    local path, problem = package.searchpath(name, package.path)
    if not path then
      return problem
    end
    local place = path:sub(1, #root + 1) == root .. "/" and path:sub(#root + 2) or path
    local chunk, message = load((read(path):gsub("^#[^\n]*", "")), "@" .. place)
    if not chunk then
      error(("error loading module '%s' from file '%s':\n\t%s"):format(name, path, message), 0)
    end
    return chunk, path
  end
end

--- Sets the search paths, and refuses primitives that the runtime has not. C modules are looked for in
--- the dynamic flavour alone; the static one says of a module that is not found that it loads none.
---@param root string  the folder of the unpacked archive
function modules.install(root)
  package.path = search_path(root, TEMPLATES)
  package.searchers[3] = search_files(root) -- in the place of Lua's own
  table.insert(package.searchers, 3, refuse_host) -- behind what is preloaded and embedded
  local refusal = c_refusal()
  if not refusal then
    package.cpath = search_path(root, C_TEMPLATES)
    return
  end
  package.cpath = ""
  package.searchers[5], package.searchers[6] = nil, nil -- Lua's own for C modules
  package.searchers[5] = function()
    return "\n\t" .. refusal .. ": those of an archive bring another runtime along"
  end
end

return modules
