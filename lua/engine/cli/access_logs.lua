--- The log groups that a stack makes besides those of its functions: access logs of its APIs.
local access_logs = {}

-- The API's name, and the stage's where there may be several; see engine.constructs.parts.access_log.
local function api_of(stack_name, group)
  local rest = group:match "^/aws/apigateway/(.+)$"
  if rest and rest:sub(1, #stack_name + 1) == stack_name .. "_" then
    return rest:sub(#stack_name + 2)
  end
  local owner, api, stage = group:match "^/aws/vendedlogs/([^/]+)/(.+)/([^/]+)$"
  if owner == stack_name then
    return api, stage
  end
end

--- They: { name, id, physical_id }, in the order of their ids. The name is the API's, with the stage's
--- behind it when the API has several; a group that the author made himself has its logical id.
---@param session engine.Session
---@param stack_name string
---@return table[]
function access_logs.of(session, stack_name)
  local found, counts = {}, {}
  for _, resource in ipairs(require("engine.aws.stack").resources(session, stack_name)) do
    local group = resource.physical_id
    if resource.type == "AWS::Logs::LogGroup" and not group:find "^/aws/lambda/" then
      local api, stage = api_of(stack_name, group)
      local name = api or resource.id
      counts[name] = (counts[name] or 0) + 1
      table.insert(found, { name = name, id = resource.id, physical_id = group, stage = stage })
    end
  end
  for _, one in ipairs(found) do
    one.name = one.stage and counts[one.name] > 1 and one.name .. "/" .. one.stage or one.name
  end
  table.sort(found, function(a, b)
    return a.id < b.id
  end)
  return found
end

return access_logs
