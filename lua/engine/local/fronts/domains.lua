--- Custom domain names of REST APIs, as their clients call them: /_domains/<domain>/<base path>/<path>
---
--- The base path chooses the API; one that is mapped without a base path takes what no other does.
local json = require "host.json"
local store = require "engine.local.services.apigateway.store"

local domains = {}

-- The mapping that a path is for, its base path, and what of the path is left.
local function find_mapping(domain, path)
  local first, rest = path:match "^/([^/]*)(.*)$"
  local mapping = domain.mappings[first or ""]
  if mapping and first ~= "" then
    return mapping, "/" .. first, rest
  end
  return domain.mappings[""], "", path
end

local function forbidden(request)
  return {
    status = 403,
    headers = {
      { "Content-Type", "application/json" },
      { "x-amzn-RequestId", request.id },
      { "x-amzn-ErrorType", "ForbiddenException" },
    },
    body = assert(json.encode { message = "Forbidden" }),
  }
end

---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param rest string
---@return table? response
function domains.answer(request, cloud, rest)
  local name, path = rest:match "^([^/]*)(.*)$"
  local domain = store.find(cloud, "domains", name:lower())
  if not domain then
    return forbidden(request)
  end
  local mapping, base, left = find_mapping(domain, path)
  local stage = mapping and mapping.stage
  if mapping and not stage then
    local said = left:match "^/([^/]*)"
    stage, base, left = said or "", base .. "/" .. (said or ""), left:sub(#(said or "") + 2)
  end
  local service = cloud:service "apigateway"
  local api = mapping and service.find(cloud, mapping.restApiId)
  if not api then
    return forbidden(request)
  end
  return service.answer(api, request, cloud, stage, left, { name = name, base = base })
end

--- Whether this cloud has the domain.
---@return boolean
function domains.has(cloud, name)
  return store.find(cloud, "domains", name:lower()) ~= nil
end

return domains
