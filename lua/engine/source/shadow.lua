--- Files that `require` never reaches, because the program carries a module of their name: an author who
--- writes laconic/metrics.lua gets Laconic's, and wonders.
local failure = require "engine.failure"
local scripts = require "host.scripts"
local search_path = require "engine.source.search_path"

local shadow = {}

local carried

local function is_carried(name)
  if not carried then
    carried = {}
    for _, script in ipairs(scripts.list()) do
      carried[script] = true
    end
  end
  return carried[name] or name:match "^host%." and package.preload[name] ~= nil
end

--- Raises when a service's own file has the name of a module that the program carries.
---@param name string    of a module that is required
---@param where string   who requires it
---@param folder string  the service's: "" or with a "/" at its end
function shadow.check(name, where, folder)
  local path = is_carried(name) and search_path.find(name)
  if path and path:sub(1, #folder) == folder and (folder ~= "" or path:sub(1, 1) ~= "/") then
    local text = "the module '%s' is Laconic's own, and '%s' is never reached"
    failure.raise("invalid", text:format(name, path), {
      code = "E217",
      where = where,
      hint = "give the file another name",
    })
  end
end

return shadow
