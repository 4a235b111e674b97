--- AWS's REST protocol with JSON bodies (Lambda): the method and the path say the action.
---
--- A service lists its routes, the first that fits wins:
---
---     routes = {
---       { "GET", "/2015-03-31/functions/{FunctionName}", "GetFunction" },
---       { "POST", "/2015-03-31/functions/{FunctionName}/invocations", "Invoke", raw = true },
---       { "DELETE", "/2015-03-31/functions/{FunctionName}", "DeleteFunction", status = 204 },
---     }
---
--- A handler's params are the fields of the JSON body (not with `raw`: then the body is the handler's
--- to read), the query's parameters and the path's labels, decoded; the later win. `{Name+}` takes
--- slashes too. A handler returns a table for a JSON body, or `rest_json.raw { … }` to say it all.
local fault = require "engine.local.fault"
local json = require "host.json"
local uri = require "host.uri"

local rest_json = {}

local RAW = {}
local SENT = {}

--- A whole answer, sent as it is but for the request id.
---@param answer { status?: integer, headers?: { [1]: string, [2]: string }[], body?: string, body_file?: table }
function rest_json.raw(answer)
  return setmetatable(answer, RAW)
end

--- What a handler returns that has answered by itself.
rest_json.sent = SENT

-- "/functions/{FunctionName}" → a Lua pattern, and the labels in order. Made once a route.
local function compile(route)
  local labels = {}
  local pattern = route[2]:gsub("[%-%.]", "%%%0")
  pattern = pattern:gsub("{(%w+)(%+?)}", function(label, greedy)
    table.insert(labels, label)
    return greedy == "+" and "(.+)" or "([^/]+)"
  end)
  route.pattern, route.labels = "^" .. pattern .. "/?$", labels
end

local function match(route, request)
  if route[1] ~= request.method then
    return nil
  end
  if not route.pattern then
    compile(route)
  end
  local found = table.pack(request.path:match(route.pattern))
  if not found[1] then
    return nil
  end
  local labels = {}
  for i, label in ipairs(route.labels) do
    local value = uri.decode(found[i])
    if not value then
      fault.raise("InvalidRequestContentException", "The path of the request cannot be decoded")
    end
    labels[label] = value
  end
  return labels
end

local function gather(route, request, labels)
  local params = {}
  local has_body = request.method == "POST" or request.method == "PUT" or request.method == "PATCH"
  if has_body and not route.raw then
    params = request:json()
  end
  for _, pair in ipairs(request:query_list()) do
    params[pair[1]] = pair[2]
  end
  for label, value in pairs(labels) do
    params[label] = value
  end
  return params
end

---@return string? action
---@return table params
function rest_json.read(request, service)
  for _, route in ipairs(service.routes) do
    local labels = match(route, request)
    if labels then
      request.route = route
      return route[3], gather(route, request, labels)
    end
  end
  return nil, {}
end

function rest_json.write(request, _, result)
  local answer = result
  if result == SENT then
    return nil
  end
  if getmetatable(result) ~= RAW then
    local status = request.route and request.route.status or 200
    local body = status ~= 204 and assert(json.encode(result or json.object {})) or nil
    answer = { status = status, body = body }
    answer.headers = body and { { "Content-Type", "application/json" } } or {}
  end
  answer.status = answer.status or 200
  answer.headers = answer.headers or {}
  table.insert(answer.headers, { "x-amzn-RequestId", request.id })
  return answer
end

function rest_json.refuse(request, _, problem)
  local body = { Message = problem.message, Type = problem.status >= 500 and "Service" or "User" }
  for name, value in pairs(problem.fields or {}) do
    body[name] = value
  end
  return {
    status = problem.status,
    headers = {
      { "Content-Type", "application/json" },
      { "x-amzn-ErrorType", problem.code },
      { "x-amzn-RequestId", request.id },
    },
    body = assert(json.encode(body)),
  }
end

return rest_json
