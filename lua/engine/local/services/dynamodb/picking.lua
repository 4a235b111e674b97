--- What of an item a read is to give: all of it, or what a ProjectionExpression says.
local new_placeholders = require("engine.local.services.dynamodb.expression.placeholders").new
local new_reader = require("engine.local.services.dynamodb.expression.reader").new
local projection = require "engine.local.services.dynamodb.expression.projection"

local picking = {}

--- Reads the projection of a request that has no other expression.
---@param params { ProjectionExpression?: string, ExpressionAttributeNames?: table }
---@return fun(item: engine.local.services.dynamodb.Item): engine.local.services.dynamodb.Item
function picking.read(params)
  local placeholders = new_placeholders(params, {}, params.ProjectionExpression ~= nil)
  if not params.ProjectionExpression then
    return function(item)
      return item
    end
  end
  local paths = projection.read(new_reader("ProjectionExpression", params.ProjectionExpression,
    placeholders))
  placeholders:finish()
  return function(item)
    return projection.apply(item, paths)
  end
end

return picking
