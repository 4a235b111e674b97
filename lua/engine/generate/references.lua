--- What a part of a template speaks of: resources, by Ref, GetAtt, Sub and DependsOn; mappings and
--- conditions.
local order = require "engine.order"

local references = {}

local function of_sub(value, found)
  local text = type(value) == "table" and value[1] or value
  for name in tostring(text):gmatch "%${([^!}][^}]*)}" do
    found[name:match "^[^.]+" or name] = true
  end
end

local function of_att(value, found)
  local name = tostring(type(value) == "table" and value[1] or value)
  found[name:match "^[^.]+" or name] = true
end

-- `seen`: what an author made may hold itself; marshal says where.
local function collect(value, found, seen)
  if type(value) ~= "table" or seen[value] then
    return
  end
  seen[value] = true
  for key, item in pairs(value) do
    if key == "Ref" and type(item) == "string" then
      found[item] = true
    elseif key == "Fn::GetAtt" then
      of_att(item, found)
    elseif key == "Fn::Sub" then
      of_sub(item, found)
    end
    collect(item, found, seen)
  end
end

local function direct(resource)
  local found = {}
  collect(resource.Properties, found, {})
  local depends = resource.DependsOn
  for _, id in ipairs(type(depends) == "table" and depends or { depends }) do
    found[id] = true
  end
  return found
end

--- The names that a value speaks of by Ref, GetAtt and Sub.
---@param value any
---@return table<string, true>
function references.of(value)
  local found = {}
  collect(value, found, {})
  return found
end

local function define(run, section, name)
  local all = run.template[section]
  local definition = type(all) == "table" and type(name) == "string" and all[name]
  if definition and not run[section][name] then
    run[section][name] = definition
    return definition
  end
end

-- Where an intrinsic names a mapping or a condition.
local SECTION <const> = {
  Condition = "Conditions",
  ["Fn::FindInMap"] = "Mappings",
  ["Fn::If"] = "Conditions",
}

local function collect_definitions(value, run)
  if type(value) ~= "table" or run.seen[value] then
    return
  end
  run.seen[value] = true
  for key, item in pairs(value) do
    local section = SECTION[key]
    if section then
      collect_definitions(define(run, section, type(item) == "table" and item[1] or item), run)
    end
    collect_definitions(item, run)
  end
end

--- The mappings and the conditions that a value speaks of, and the conditions that those speak of.
---@param template table
---@param value any
---@return any[]  mappings, then conditions, each in the order of their names
function references.definitions(template, value)
  local run = { template = template, Mappings = {}, Conditions = {}, seen = {} }
  collect_definitions(value, run)
  local list = {}
  for _, section in ipairs { "Mappings", "Conditions" } do
    for _, name in ipairs(order.keys(run[section])) do
      table.insert(list, run[section][name])
    end
  end
  return list
end

--- Whether the resource `from` must wait for the resource `to`, over others or not.
---@param resources table<string, table>  of a template
---@param from string
---@param to string
---@return boolean
function references.lead(resources, from, to)
  local seen, open = { [from] = true }, { from }
  while #open > 0 do
    local id = table.remove(open)
    if id == to then
      return true
    end
    for other in pairs(resources[id] and direct(resources[id]) or {}) do
      if not seen[other] then
        seen[other] = true
        table.insert(open, other)
      end
    end
  end
  return false
end

return references
