--- The tags of a resource that a stack makes: CloudFormation's own, the stack's, and the resource's.
local json = require "host.json"

local resource_tags = {}

--- All of them by name; of one name, the resource's own wins.
---@param job engine.local.Job
---@param without_aws? boolean  leaves out those whose names begin with "aws:"
---@return table<string, string>
function resource_tags.map(job, without_aws)
  local tags = json.object {}
  for _, list in ipairs { job.tags, job.properties.Tags or {} } do
    for _, tag in ipairs(list) do
      if not (without_aws and tag.Key:find "^aws:") then
        tags[tag.Key] = tostring(tag.Value)
      end
    end
  end
  return tags
end

--- The same as a list, sorted by name.
---@return { Key: string, Value: string }[]
function resource_tags.list(job, without_aws)
  local list = json.array {}
  for name, value in pairs(resource_tags.map(job, without_aws)) do
    table.insert(list, { Key = name, Value = value })
  end
  table.sort(list, function(a, b)
    return a.Key < b.Key
  end)
  return list
end

--- The names that are there and no longer wanted, sorted.
---@param had table<string, string>
---@param wanted table<string, string>
---@return string[]
function resource_tags.gone(had, wanted)
  local names = json.array {}
  for name in pairs(had) do
    if wanted[name] == nil then
      table.insert(names, name)
    end
  end
  table.sort(names)
  return names
end

return resource_tags
