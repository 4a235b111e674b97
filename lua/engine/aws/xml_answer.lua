--- XML answers as plain values: every leaf a string, lists and maps as AWS writes them.
---
---     <Tags><member><Key>a</Key></member></Tags>                    → Tags = { { Key = "a" } }
---     <Attributes><entry><key>a</key><value>1</value></entry>…      → Attributes = { a = "1" }
---     <Contents>…</Contents><Contents>…</Contents>                  → Contents = { …, … }
local xml_answer = {}

-- Elements that are lists even when nothing is in them; the others show it by their `member`s.
local LISTS = {}
for name in
  ([[Capabilities Changes Details OperationEvents Outputs Parameters Scope StackEvents
  StackResourceSummaries StackResources Stacks Summaries Tags]]):gmatch "%a+"
do
  LISTS[name] = true
end

local ITEMS = { member = true, item = true } -- Query's word and EC2's

local function all_named(element, names)
  for _, child in ipairs(element) do
    if not names[child.name] then
      return false
    end
  end
  return #element > 0
end

local function is_map(element)
  for _, child in ipairs(element) do
    if child.name ~= "entry" or #child ~= 2 or child[1].name ~= "key" then
      return false
    end
  end
  return #element > 0
end

local function fold_list(element, flat)
  local list = {}
  for i, child in ipairs(element) do
    list[i] = xml_answer.fold(child, flat)
  end
  return list
end

local function fold_map(element, flat)
  local map = {}
  for _, entry in ipairs(element) do
    map[entry[1].text] = xml_answer.fold(entry[2], flat)
  end
  return map
end

local function fold_object(element, flat)
  local object, counts = {}, {}
  for _, child in ipairs(element) do
    local name, value = child.name, xml_answer.fold(child, flat)
    counts[name] = (counts[name] or 0) + 1
    if flat[name] or counts[name] > 2 then
      object[name] = object[name] or {}
      table.insert(object[name], value)
    elseif counts[name] == 2 then
      object[name] = { object[name], value }
    else
      object[name] = value
    end
  end
  return object
end

--- An element as plain values.
---@param element host.xml.Element
---@param flat? table<string, true>  names that are lists without an element around them
---@return string|table
function xml_answer.fold(element, flat)
  flat = flat or {}
  if all_named(element, ITEMS) or #element == 0 and LISTS[element.name] then
    return fold_list(element, flat)
  elseif is_map(element) then
    return fold_map(element, flat)
  elseif #element == 0 then
    return element.text
  end
  return fold_object(element, flat)
end

return xml_answer
