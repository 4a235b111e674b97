--- AWS's REST protocols: parameters in the path, the query, the headers and the body.
local query = require "engine.aws.query"
local failure = require "engine.failure"
local json = require "host.json"
local uri = require "host.uri"
local xml = require "host.xml"

local rest = {}

-- Takes the parameters that the path names out of `left`.
local function fill_path(path, left)
  return (
    path:gsub("{(%w+)(%+?)}", function(name, greedy)
      local value = left[name]
      if value == nil or value == "" then
        failure.raise("failed", ("the parameter '%s' is missing"):format(name))
      end
      left[name] = nil
      return uri.encode(value, greedy == "+" and "/" or nil)
    end)
  )
end

-- Takes the parameters that `names` maps out of `left`: name on the wire → text.
local function pick(names, left)
  local picked = {}
  for name, wire_name in pairs(names or {}) do
    if left[name] ~= nil then
      picked[wire_name] = tostring(left[name])
      left[name] = nil
    end
  end
  return picked
end

local function query_string(action, left)
  local picked = uri.build_query(pick(action.query, left))
  if action.fixed_query then
    return "?" .. action.fixed_query .. (picked ~= "" and "&" .. picked or "")
  end
  return picked ~= "" and "?" .. picked or ""
end

--- What goes on the wire for one action. A body parameter may be { path = FILE }.
---@param action engine.RestAction
---@param params table<string, any>
---@return { method: string, target: string, headers: table, body?: string, body_file?: table }
function rest.build(action, params)
  local left = {}
  for name, value in pairs(params) do
    left[name] = value
  end
  local wire = { method = action.method, target = fill_path(action.path, left) }
  wire.target = wire.target .. query_string(action, left)
  wire.headers = pick(action.headers, left)
  if action.body == "json" then
    wire.headers["Content-Type"] = "application/json"
    wire.body = assert(json.encode(json.object(left)))
  elseif action.body and type(left[action.body]) == "table" then
    wire.body_file = left[action.body]
  elseif action.body then
    wire.body = left[action.body]
  end
  return wire
end

--- Reads what came back, as the action says.
---@param action engine.RestAction
---@param response host.http.Response
---@return table
function rest.read(action, response)
  if action.answer == "raw" then
    return { status = response.status, headers = response.headers, body = response.body }
  elseif response.body == "" then
    return {}
  elseif action.answer == "xml" then
    local answer = query.fold(assert(xml.decode(response.body)))
    return type(answer) == "table" and answer or {}
  end
  return assert(json.decode(response.body))
end

return rest
