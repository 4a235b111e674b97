--- The tags of tables.
local json = require "host.json"
local tables = require "engine.local.services.dynamodb.tables"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local tags = { actions = {} }
local actions = tags.actions

local MOST <const> = 50

--- Tags as they are kept: by name, the last of each, sorted.
---@param list { Key: string, Value: string }[]
---@return { Key: string, Value: string }[]
function tags.checked(list)
  local by_name, kept = {}, json.array {}
  for _, tag in ipairs(list) do
    by_name[tag.Key] = tag.Value or ""
  end
  for name, value in pairs(by_name) do
    table.insert(kept, { Key = name, Value = value })
  end
  if #kept > MOST then
    wrong("a table has at most %d tags", MOST)
  end
  table.sort(kept, function(a, b)
    return a.Key < b.Key
  end)
  return kept
end

local function find(request, params, cloud)
  return tables.find(cloud, request.region, params.ResourceArn,
    "Requested resource not found: ResourcArn: %s not found")
end

function actions.TagResource(request, params, cloud)
  local found = find(request, params, cloud)
  local list = table.move(found.Tags, 1, #found.Tags, 1, {})
  found.Tags = tags.checked(table.move(params.Tags, 1, #params.Tags, #list + 1, list))
  tables.keep(cloud, request.region, found)
end

function actions.UntagResource(request, params, cloud)
  local found, gone, left = find(request, params, cloud), {}, {}
  for _, name in ipairs(params.TagKeys) do
    gone[name] = true
  end
  for _, tag in ipairs(found.Tags) do
    table.insert(left, not gone[tag.Key] and tag or nil)
  end
  found.Tags = tags.checked(left)
  tables.keep(cloud, request.region, found)
end

function actions.ListTagsOfResource(request, params, cloud)
  return { Tags = find(request, params, cloud).Tags }
end

return tags
