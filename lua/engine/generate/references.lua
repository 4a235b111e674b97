--- Which resources a part of a template speaks of: by Ref, GetAtt, Sub and DependsOn.
local references = {}

local function of_sub(value, found)
  local text = type(value) == "table" and value[1] or value
  for name in tostring(text):gmatch "%${([^!}][^}]*)}" do
    found[name:match "^[^.]+"] = true
  end
end

local function of_att(value, found)
  local name = type(value) == "table" and value[1] or tostring(value):match "^[^.]+"
  found[name] = true
end

local function collect(value, found)
  if type(value) ~= "table" then
    return
  end
  for key, item in pairs(value) do
    if key == "Ref" and type(item) == "string" then
      found[item] = true
    elseif key == "Fn::GetAtt" then
      of_att(item, found)
    elseif key == "Fn::Sub" then
      of_sub(item, found)
    end
    collect(item, found)
  end
end

local function direct(resource)
  local found = {}
  collect(resource.Properties, found)
  local depends = resource.DependsOn
  for _, id in ipairs(type(depends) == "table" and depends or { depends }) do
    found[id] = true
  end
  return found
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
