--- AWS's JSON protocol: the action in X-Amz-Target, JSON both ways (CloudWatch Logs, and others). A
--- service may name the protocol's version (`json_version`, default "1.1") and what its errors' names
--- begin with (`error_namespace`).
local host_json = require "host.json"

local json = {}

---@return string? action
---@return table params
function json.read(request)
  local target = request:header "x-amz-target" or ""
  return target:match "%.([%w_]+)$", request:json()
end

local function respond(request, service, status, value)
  return {
    status = status,
    headers = {
      { "Content-Type", "application/x-amz-json-" .. (service.json_version or "1.1") },
      { "x-amzn-RequestId", request.id },
    },
    body = assert(host_json.encode(value)),
  }
end

function json.write(request, service, result)
  return respond(request, service, 200, result or host_json.object {})
end

function json.refuse(request, service, problem)
  local body = {
    __type = (service.error_namespace or "") .. problem.code,
    message = problem.message,
  }
  for name, value in pairs(problem.fields or {}) do
    body[name] = value
  end
  return respond(request, service, problem.status, body)
end

return json
