--- APIs of API Gateway, as their clients call them: /_apis/<api id>/<stage>/<path>
---
--- The services that have APIs are asked in turn; each has
---
---     find(cloud, id)                              -- the API of that id, or nil; cheap
---     answer(api, request, cloud, stage, path)     -- what `front.answer` returns
---
--- `stage` is the first segment behind the id, `path` the rest with its slash, or "" when there is
--- none; both as on the request line.
local edge = require "engine.local.http.edge"

local apis = {}

local SERVICES <const> = { "apigateway", "apigatewayv2" }

--- The service that has an API, and the API.
---@param cloud engine.local.Cloud
---@param id string
---@return table? service
---@return table? api
function apis.find(cloud, id)
  for _, name in ipairs(SERVICES) do
    local service = cloud:service(name)
    local api = service and service.find(cloud, id)
    if api then
      return service, api
    end
  end
  return nil
end

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table? response
function apis.answer(request, cloud, rest)
  local id, stage, path = rest:match "^([^/]*)/?([^/]*)(.*)$"
  local service, api = apis.find(cloud, id)
  if not service then
    return edge.forbidden(request)
  end
  return service.answer(api, request, cloud, stage, path)
end

--- Whether this cloud has the API.
---@return boolean
function apis.has(cloud, id)
  return apis.find(cloud, id) ~= nil
end

return apis
