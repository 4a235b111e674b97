--- What a piece of a template refers to, and in which order resources can therefore be made.
local intrinsics = require "engine.local.services.cloudformation.intrinsics"
local order = require "engine.order"

local references = {}

--- kind: "ref", "attribute", "condition", "mapping".
---@alias engine.local.services.cloudformation.Visit fun(kind: string, name: string, attribute?: string)

local walk

local function walk_fields(value, visit, condition)
  for _, item in pairs(value) do
    walk(item, visit, condition)
  end
end

local walkers = {}

walkers["Ref"] = function(name, visit)
  visit("ref", name)
end

walkers["Fn::GetAtt"] = function(argument, visit)
  local id, attribute = argument, nil
  if type(argument) == "table" then
    id, attribute = argument[1], argument[2]
  elseif type(argument) == "string" then
    id, attribute = argument:match "^([^.]+)%.(.+)$"
  end
  if type(id) == "string" then
    visit("attribute", id, type(attribute) == "string" and attribute or nil)
  end
end

walkers["Fn::Sub"] = function(argument, visit, condition)
  local text, variables = argument, {}
  if type(argument) == "table" then
    text = argument[1]
    variables = type(argument[2]) == "table" and argument[2] or variables
  end
  if type(text) ~= "string" then
    return
  end
  walk_fields(variables, visit, condition)
  for name in text:gmatch "%${([^!}][^}]*)}" do
    local id, attribute = name:match "^([^.]+)%.(.+)$"
    if variables[name] ~= nil then
      goto continue -- said by the template itself
    elseif id then
      visit("attribute", id, attribute)
    else
      visit("ref", name)
    end
    ::continue::
  end
end

walkers["Fn::If"] = function(argument, visit, condition)
  local name = type(argument) == "table" and argument[1]
  if type(name) ~= "string" then
    return
  end
  visit("condition", name)
  if not condition then
    walk(argument[2], visit)
    walk(argument[3], visit)
  else
    walk(condition(name) and argument[2] or argument[3], visit, condition)
  end
end

walkers["Fn::FindInMap"] = function(argument, visit, condition)
  if type(argument) ~= "table" then
    return
  end
  local has_default = type(argument[4]) == "table" and argument[4].DefaultValue ~= nil
  if type(argument[1]) == "string" and not has_default then
    visit("mapping", argument[1])
  end
  walk_fields(argument, visit, condition)
end

function walk(value, visit, condition)
  if type(value) ~= "table" then
    return
  end
  local name, argument = intrinsics.call_of(value)
  if walkers[name] then
    walkers[name](argument, visit, condition)
  else
    walk_fields(value, visit, condition)
  end
end

--- Calls `visit` for every reference in `value`. With `condition`, only the branch of each Fn::If
--- that will be taken is looked at.
---@param value any
---@param visit engine.local.services.cloudformation.Visit
---@param condition? fun(name: string): boolean
function references.each(value, visit, condition)
  walk(value, visit, condition)
end

--- DependsOn as a list, whichever way it is written.
---@return string[]
function references.explicit(resource)
  local names = resource.DependsOn
  return type(names) == "table" and names or { names }
end

--- The resources that a resource needs: by DependsOn, or anywhere in its definition.
---@param resource table
---@param is_resource fun(name: string): any
---@param condition? fun(name: string): boolean
---@return table<string, true>
function references.needs(resource, is_resource, condition)
  local found = {}
  local function add(name)
    if is_resource(name) then
      found[name] = true
    end
  end
  for _, name in ipairs(references.explicit(resource)) do
    add(name)
  end
  references.each({ resource.Properties, resource.Metadata, resource.UpdatePolicy,
    resource.CreationPolicy }, function(kind, name)
    if kind ~= "condition" and kind ~= "mapping" then
      add(name)
    end
  end, condition)
  return found
end

--- The first loop among `needs`, as the ids on it, sorted; nil when there is none.
---@param needs table<string, table<string, true>>
---@return string[]?
function references.cycle(needs)
  local state, path = {}, {}
  local function visit(id)
    state[id] = "open"
    table.insert(path, id)
    for _, other in ipairs(order.keys(needs[id] or {})) do
      if state[other] == "open" then
        local loop, i = {}, #path
        repeat
          table.insert(loop, path[i])
          i = i - 1
        until path[i + 1] == other
        table.sort(loop)
        return loop
      end
      local loop = not state[other] and visit(other)
      if loop then
        return loop
      end
    end
    table.remove(path)
    state[id] = "done"
    return nil
  end
  for _, id in ipairs(order.keys(needs)) do
    local loop = not state[id] and visit(id)
    if loop then
      return loop
    end
  end
  return nil
end

--- The same graph, the other way round: for each id, who needs it.
---@param needs table<string, table<string, true>>
---@return table<string, table<string, true>>
function references.reversed(needs)
  local needed_by = {}
  for id in pairs(needs) do
    needed_by[id] = needed_by[id] or {}
  end
  for id, others in pairs(needs) do
    for other in pairs(others) do
      needed_by[other] = needed_by[other] or {}
      needed_by[other][id] = true
    end
  end
  return needed_by
end

return references
