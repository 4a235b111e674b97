--- S3's own protocol: the method, the path and the query say the action; XML, headers and bytes back.
local markup = require "engine.local.markup"

local s3 = {}

---@return string? action
---@return table params  { bucket?, key? }
function s3.read(request, service)
  return service.route(request)
end

local function dress(request, answer)
  answer.headers = answer.headers or {}
  table.insert(answer.headers, { "x-amz-request-id", request.id })
  table.insert(answer.headers, { "x-amz-id-2", "laconic-local" })
  answer.head = request.method == "HEAD"
  return answer
end

--- A handler of S3 gives the whole answer: { status?, headers?, body?, body_file? }.
function s3.write(request, _, result)
  local answer = result or {}
  answer.status = answer.status or 200
  return dress(request, answer)
end

function s3.refuse(request, _, problem)
  local body = {
    Code = problem.code,
    Message = problem.message,
    RequestId = request.id,
    HostId = "laconic-local",
    Resource = request.path,
  }
  for name, value in pairs(problem.fields or {}) do
    body[name] = value
  end
  local answer = { status = problem.status, headers = {} }
  for name, value in pairs(problem.headers or {}) do
    table.insert(answer.headers, { name, value })
  end
  if problem.status ~= 304 then
    table.insert(answer.headers, { "Content-Type", "application/xml" })
    answer.body = markup.document("Error", nil, body)
  end
  return dress(request, answer)
end

return s3
