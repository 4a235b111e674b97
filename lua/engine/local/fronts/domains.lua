--- Custom domain names of APIs, as their clients call them: /_domains/<domain>/<base path>/<path>
---
--- The longest base path that fits chooses the API; one that is mapped without a base path takes what no
--- other does.
local apis = require "engine.local.fronts.apis"
local edge = require "engine.local.http.edge"
local store = require "engine.local.services.apigateway.store"

local domains = {}

-- The mapping that a path is for, its base path, and what of the path is left. Base paths of HTTP APIs
-- may have several segments.
local function find_mapping(domain, path)
  local found, longest = domain.mappings[""], ""
  for key, mapping in pairs(domain.mappings) do
    local base = "/" .. key
    local fits = path:sub(1, #base) == base and path:find("^/", #base + 1) or path == base
    if key ~= "" and fits and #base > #longest then
      found, longest = mapping, base
    end
  end
  return found, longest, path:sub(#longest + 1)
end

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table? response
function domains.answer(request, cloud, rest)
  local name, path = rest:match "^([^/]*)(.*)$"
  local domain = store.find(cloud, "domains", name:lower())
  if not domain then
    return edge.forbidden(request)
  end
  local mapping, base, left = find_mapping(domain, path)
  local stage = mapping and mapping.stage
  if mapping and not stage then
    local said = left:match "^/([^/]*)"
    stage, base, left = said or "", base .. "/" .. (said or ""), left:sub(#(said or "") + 2)
  end
  local service, api
  if mapping then
    service, api = apis.find(cloud, mapping.api_id)
  end
  if not service then
    return edge.forbidden(request)
  end
  return service.answer(api, request, cloud, stage, left, { name = name, base = base })
end

--- Whether this cloud has the domain.
---@return boolean
function domains.has(cloud, name)
  return store.find(cloud, "domains", name:lower()) ~= nil
end

return domains
