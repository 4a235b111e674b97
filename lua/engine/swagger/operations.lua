--- The operations of a document, in the order of paths and verbs.
local order = require "engine.order"
local path_rules = require "engine.swagger.path_rules"
local place = require "engine.swagger.place"

local operations = {}

---@class engine.swagger.Met
---@field path string
---@field verb string
---@field item table
---@field operation table
---@field here engine.swagger.Place

---@param document table  a valid one
---@return engine.swagger.Met[]
function operations.of(document)
  local list = {}
  for _, path in ipairs(order.keys(document.paths)) do
    local item = document.paths[path]
    for _, verb in ipairs(path:sub(1, 1) == "/" and path_rules.VERBS or {}) do
      if item[verb] ~= nil then
        local here = place.of("paths", path, verb)
        table.insert(list, { path = path, verb = verb, item = item, operation = item[verb],
          here = here })
      end
    end
  end
  return list
end

return operations
