--- AWS's JSON protocol: the action in X-Amz-Target, JSON both ways (CloudWatch Logs, and others).
local host_json = require "host.json"

local json = {}

---@return string? action
---@return table params
function json.read(request)
  local target = request:header "x-amz-target" or ""
  return target:match "%.([%w_]+)$", request:json()
end

local function respond(request, status, value)
  return {
    status = status,
    headers = {
      { "Content-Type", "application/x-amz-json-1.1" },
      { "x-amzn-RequestId", request.id },
    },
    body = assert(host_json.encode(value)),
  }
end

function json.write(request, _, result)
  return respond(request, 200, result or host_json.object {})
end

function json.refuse(request, _, problem)
  local body = { __type = problem.code, message = problem.message }
  for name, value in pairs(problem.fields or {}) do
    body[name] = value
  end
  return respond(request, problem.status, body)
end

return json
