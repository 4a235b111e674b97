---@meta host.scripts

--- Which Lua modules the program carries, and which version it is.
local scripts = {}

--- Module names that begin with `prefix`, sorted.
---@param prefix? string
---@return string[] names
function scripts.list(prefix) end

---@return string version  "0.1.0"
function scripts.version() end

return scripts
