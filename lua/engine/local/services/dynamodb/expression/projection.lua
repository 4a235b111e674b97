--- Projections: the paths of an item that are wanted, and the item cut down to them.
local json = require "host.json"
local path = require "engine.local.services.dynamodb.expression.path"

local projection = {}

--- Reads a projection to its end.
---@param reader engine.local.services.dynamodb.Reader
---@return engine.local.services.dynamodb.Path[]
function projection.read(reader)
  local paths = {}
  repeat
    if reader:at_function() then
      reader:take() -- the parenthesis behind it is what is wrong
      reader:fail()
    end
    table.insert(paths, reader:path())
  until not reader:accept ","
  reader:finish()
  path.check_apart(reader, paths)
  return paths
end

-- What is wanted as a tree: for each step the steps below it, or `true` where all below is wanted.
local function tree_of(paths)
  local tree = {}
  for _, steps in ipairs(paths) do
    local node = tree
    for i = 1, #steps - 1 do
      node[steps[i]] = node[steps[i]] or {}
      node = node[steps[i]]
    end
    node[steps[#steps]] = true
  end
  return tree
end

local cut

-- Wanted places of a list, in their order and without the gaps between them.
local function cut_list(list, tree)
  local places, made = {}, json.array {}
  for place in pairs(tree) do
    if math.type(place) then
      table.insert(places, place)
    end
  end
  table.sort(places)
  for _, place in ipairs(places) do
    table.insert(made, list[place + 1] and cut(list[place + 1], tree[place]) or nil)
  end
  return next(made) and { L = made }
end

local function cut_map(map, tree)
  local made = json.object {}
  for name, below in pairs(tree) do
    made[name] = map[name] and cut(map[name], below)
  end
  return made
end

-- The wanted part of a value; nil when it has none.
function cut(value, tree)
  if tree == true then
    return value
  elseif value.L then
    return cut_list(value.L, tree)
  elseif value.M then
    local made = cut_map(value.M, tree)
    return next(made) and { M = made }
  end
end

--- An item cut down to some paths.
---@param item engine.local.services.dynamodb.Item
---@param paths engine.local.services.dynamodb.Path[]
---@return engine.local.services.dynamodb.Item
function projection.apply(item, paths)
  return cut_map(item, tree_of(paths))
end

return projection
