--- What a Query or a Scan gives of each item it finds: the part that the request wants, once its filter
--- lets the item through.
local condition = require "engine.local.services.dynamodb.expression.condition"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local parameters = require "engine.local.services.dynamodb.parameters"
local projection = require "engine.local.services.dynamodb.expression.projection"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local selection = {}

local SELECTS <const> = {
  "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT",
}

---@class engine.local.services.dynamodb.Selection
---@field is_count boolean
---@field view fun(item: table): table    what the table or the index holds of an item
---@field passes fun(view: table): boolean
---@field pick fun(view: table): table

local function select_of(params, index)
  local has_projection = params.ProjectionExpression ~= nil
  local said = params.Select and parameters.one_of(params, "Select", SELECTS)
  if not said then
    return has_projection and "SPECIFIC_ATTRIBUTES" or index and "ALL_PROJECTED_ATTRIBUTES"
      or "ALL_ATTRIBUTES"
  elseif said == "ALL_PROJECTED_ATTRIBUTES" and not index then
    invalid "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
  elseif said == "SPECIFIC_ATTRIBUTES" and not has_projection then
    invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get"
      .. " SPECIFIC_ATTRIBUTES")
  elseif said ~= "SPECIFIC_ATTRIBUTES" and has_projection then
    invalid("Cannot specify the ProjectionExpression when choosing to get %s",
      said == "COUNT" and "only the Count" or said)
  elseif said == "ALL_ATTRIBUTES" and index and index.is_global and index.projection ~= "ALL" then
    wrong("Select type ALL_ATTRIBUTES is not supported for"
      .. " global secondary index %s because its projection type is not ALL", index.name)
  end
  return said
end

-- The names that an index lacks, of those that are asked for.
local function lacking(index, paths)
  local names = {}
  for _, path in ipairs(paths) do
    if not index:has(path[1]) then
      table.insert(names, path[1])
    end
  end
  return names
end

local function check_filter(filter, schema, index, is_query)
  local paths = {}
  condition.each_path(filter, function(path)
    table.insert(paths, path)
    local name = path[1]
    if is_query and (name == schema.hash.name or schema.range and name == schema.range.name) then
      invalid("Filter Expression can only contain non-primary key attributes: Primary key"
        .. " attribute: %s", name)
    end
  end)
  local names = index and index.is_global and lacking(index, paths) or {}
  if #names > 0 then
    wrong("Secondary index %s does not project one or more"
      .. " filter attributes: [%s]", index.name, table.concat(names, ", "))
  end
end

local function check_projection(paths, index)
  local names = index and index.is_global and lacking(index, paths) or {}
  if #names > 0 then
    wrong("Global secondary index %s does not project [%s]",
      index.name, table.concat(names, ", "))
  end
end

local function same(item)
  return item
end

-- A local index fetches from the table what it does not hold itself, where that is asked for.
local function view_of(index, select)
  local is_own = select == "ALL_PROJECTED_ATTRIBUTES" or select == "COUNT"
  if not index or not index.is_global and not is_own then
    return same
  end
  return function(item)
    return index:project(item)
  end
end

--- Reads what a request selects.
---@param params table
---@param read fun(field: string): engine.local.services.dynamodb.Reader?  of that member, when it is said
---@param schema engine.local.services.dynamodb.Schema   of the table or the index
---@param index? engine.local.services.dynamodb.Index
---@param is_query boolean
---@return engine.local.services.dynamodb.Selection
function selection.read(params, read, schema, index, is_query)
  local select = select_of(params, index)
  local filter_reader, projection_reader = read "FilterExpression", read "ProjectionExpression"
  local filter = filter_reader and condition.read(filter_reader)
  local paths = projection_reader and projection.read(projection_reader)
  if filter then
    check_filter(filter, schema, index, is_query)
  end
  check_projection(paths or {}, index)
  return {
    is_count = select == "COUNT",
    view = view_of(index, select),
    passes = function(item)
      return not filter or condition.holds(filter, item)
    end,
    pick = paths and function(item)
      return projection.apply(item, paths)
    end or same,
  }
end

return selection
