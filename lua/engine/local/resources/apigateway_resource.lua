--- AWS::ApiGateway::Resource: one segment of a path.
local fault = require "engine.local.fault"
local json = require "host.json"
local naming = require "engine.local.naming"
local store = require "engine.local.services.apigateway.store"

local resource = {
  replacement = { ParentId = true, PathPart = true, RestApiId = true },
}

local function check_part(part)
  local bare = type(part) == "string" and (part:match "^{([%w._-]+)%+?}$" or part)
  if not bare or not bare:find "^[%w._:-]+$" then
    fault.raise("BadRequestException", "Resource's path part only allow a-zA-Z0-9._-: or a valid "
      .. "greedy path variable and curly braces at the beginning and the end.")
  end
end

-- AWS refuses two variables beside each other, and two segments alike.
local function check_siblings(siblings, parent, part)
  for _, other in pairs(siblings) do
    if other.parentId == parent.id and other.pathPart == part then
      fault.raise("ConflictException",
        "Another resource with the same parent already has this name: " .. part, 409)
    elseif other.parentId == parent.id and part:find "^{" and other.pathPart:find "^{"
      and part:find "%+}$" == other.pathPart:find "%+}$" then
      fault.raise("BadRequestException", ("A sibling (%s) of this resource already has a variable "
        .. "path part -- only one is allowed"):format(other.pathPart))
    end
  end
end

function resource.create(job)
  local api = store.api(job.cloud, job.region, job.properties.RestApiId)
  local resources, part = api.definition.resources, job.properties.PathPart
  local parent = store.part(resources, job.properties.ParentId, "Resource")
  local id = naming.digest(job, 10):lower()
  check_part(part)
  if not resources[id] then
    check_siblings(resources, parent, part)
    resources[id] = {
      id = id,
      parentId = parent.id,
      pathPart = part,
      path = (parent.path == "/" and "" or parent.path) .. "/" .. part,
      resourceMethods = json.object {},
    }
    store.keep(job.cloud, "apis", api)
  end
  return id, { ResourceId = id }
end

function resource.update(job)
  return job.physical_id, job.attributes
end

function resource.delete(job)
  local api = store.find_api(job.cloud, job.properties.RestApiId)
  if api and api.definition.resources[job.physical_id] then
    api.definition.resources[job.physical_id] = nil
    store.keep(job.cloud, "apis", api)
  end
end

return resource
