--- What who implements an interface says of its operations: dispatch objects by path and method.
---
---     { "id": "Games_Scores_1_0_0",
---       "lambda_dispatch": { "paths": { "/scores": { "get": { "function": "list" } } } } }
local dispatch = require "engine.swagger.dispatch"
local merge = require "engine.swagger.merge"
local order = require "engine.order"
local place = require "engine.swagger.place"
local shape = require "engine.swagger.shape"
local spelling = require "engine.spelling"

local interface_overrides = {}

local function is_object(value, here, noted)
  if value ~= nil and shape.type(value) ~= "object" then
    noted:add(here, "must be an object", "write { … }")
    return false
  end
  return value ~= nil
end

local function check_path(said, item, here, noted)
  for _, verb in ipairs(order.keys(said)) do
    local below = place.below(here, verb)
    if shape.type(item[verb]) ~= "object" then
      noted:add(below, "is no operation of the interface" .. spelling.guess(verb, item),
        "correct its name, or take it out")
    elseif is_object(said[verb], below, noted) then
      is_object(said[verb][dispatch.FIELD], place.below(below, dispatch.FIELD), noted)
    end
  end
end

--- Reads them, and notes what they cannot mean.
---@param said any         the value of `lambda_dispatch`
---@param definition table of the interface
---@param here engine.swagger.Place
---@param noted engine.swagger.Problems
---@return table<string, table>  by path
function interface_overrides.read(said, definition, here, noted)
  local below = place.below(here, "paths")
  if not is_object(said, here, noted) or not is_object(said.paths, below, noted) then
    return {}
  end
  for _, path in ipairs(order.keys(said.paths)) do
    local at, item = place.below(below, path), definition.paths[path]
    if shape.type(item) ~= "object" then
      noted:add(at, "is no path of the interface" .. spelling.guess(path, definition.paths),
        "correct it, or take it out")
    elseif is_object(said.paths[path], at, noted) then
      check_path(said.paths[path], item, at, noted)
    end
  end
  return said.paths
end

--- Lays what is said of a path over the dispatch objects of its operations.
---@param item table
---@param said? table<string, table>  by method
function interface_overrides.apply(item, said)
  for verb, override in pairs(shape.type(said) == "object" and said or {}) do
    local operation = item[verb]
    if shape.type(operation) == "object" and shape.type(override) == "object" then
      local own = operation[dispatch.FIELD]
      override = override[dispatch.FIELD] or override
      if (own == nil or shape.type(own) == "object") and shape.type(override) == "object" then
        operation[dispatch.FIELD] = merge(own or {}, override)
      end
    end
  end
end

return interface_overrides
