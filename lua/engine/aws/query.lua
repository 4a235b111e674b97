--- AWS's Query protocol: named parameters in a form, values in an XML answer.
---
---     query.flatten({ StackName = "hello", Tags = { { Key = "a", Value = "b" } } })
---     --> { StackName = "hello", ["Tags.member.1.Key"] = "a", ["Tags.member.1.Value"] = "b" }
local failure = require "engine.failure"
local xml = require "host.xml"

local query = {}

-- Elements that are lists even when nothing is in them; the others show it by their `member`s.
local LISTS = {}
for name in
  ([[Capabilities Changes Details OperationEvents Outputs Parameters Scope StackEvents
  StackResourceSummaries StackResources Stacks Summaries Tags]]):gmatch "%a+"
do
  LISTS[name] = true
end

local function put(out, name, value)
  if type(value) ~= "table" then
    out[name] = tostring(value)
  elseif #value > 0 then
    for i, item in ipairs(value) do
      put(out, ("%s.member.%d"):format(name, i), item)
    end
  else
    for key, item in pairs(value) do
      put(out, name .. "." .. key, item)
    end
  end
end

--- Turns nested parameters into the flat names of a form. An empty table says nothing.
---@param params table<string, any>
---@return table<string, string>
function query.flatten(params)
  local out = {}
  for name, value in pairs(params) do
    put(out, name, value)
  end
  return out
end

local function is_list(element)
  for _, child in ipairs(element) do
    if child.name ~= "member" then
      return false
    end
  end
  return #element > 0 or LISTS[element.name] == true
end

--- An element as plain values: text, a list of its `member`s, or its children by name.
---@param element host.xml.Element
---@return string|table
function query.fold(element)
  if is_list(element) then
    local list = {}
    for i, child in ipairs(element) do
      list[i] = query.fold(child)
    end
    return list
  elseif #element == 0 then
    return element.text
  end
  local object = {}
  for _, child in ipairs(element) do
    object[child.name] = query.fold(child)
  end
  return object
end

--- Reads an answer: what <ActionResult> holds, every leaf a string; {} when it holds nothing. A page
--- of whoever stands between AWS and us is no answer: taken for one, it would be waited on for ever.
---@param text string
---@param action string
---@return table answer
function query.read(text, action)
  local root = assert(xml.decode(text))
  if root.name ~= action .. "Response" then
    failure.raise("failed", ("what came back for %s is no answer of AWS: <%s>"):format(action,
      root.name), { hint = "is there a proxy or a login page between this machine and AWS?" })
  end
  for _, child in ipairs(root) do
    if child.name == action .. "Result" then
      local answer = query.fold(child)
      return type(answer) == "table" and answer or {}
    end
  end
  return {}
end

return query
