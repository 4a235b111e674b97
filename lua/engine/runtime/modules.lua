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

-- What a runtime has that was built where libcurl's sources could be had.
local OVER_LIBCURL = { ["host.aws_request"] = true, ["host.http"] = true, ["host.s3"] = true }

-- host.* that the runtime does not carry is not somewhere on the path either: say so at once.
local function refuse_host(name)
  if OVER_LIBCURL[name] then
    error(("%s: this Laconic was built without HTTPS for its runtime"):format(name), 0)
  elseif name:match "^host%." then
    error(("%s is not part of the runtime: it works on the host alone"):format(name), 0)
  elseif name:match "^engine%." or name:match "^laconic%." or name == "laconic" then
    return ("\n\tno script '%s' in the runtime"):format(name)
  end
end

--- Sets the search path, and refuses primitives that the runtime has not.
---@param root string  the folder of the unpacked archive
function modules.install(root)
  local list = {}
  for _, folder in ipairs { root, "/opt" } do
    for _, template in ipairs(TEMPLATES) do
      table.insert(list, folder .. template)
    end
  end
  package.path = table.concat(list, ";")
  package.cpath = ""
  table.insert(package.searchers, 3, refuse_host) -- behind what is preloaded and embedded
end

return modules
