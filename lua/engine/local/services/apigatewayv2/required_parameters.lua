--- The parameters that a client of a WebSocket API has to bring when it connects: `RequestParameters` of
--- the route $connect, as `route.request.querystring.room` and `route.request.header.x-room`.
local order = require "engine.order"
local received = require "engine.local.http.received"

local required_parameters = {}

local READ <const> = {
  header = function(request, name)
    return request:header(name:lower())
  end,
  querystring = function(request, name)
    return (received.query(request.query) or {})[name]
  end,
}

local function is_required(said)
  return tostring(type(said) == "table" and said.Required or said) == "true"
end

--- What finds those that a request lacks, by name; nil where nothing is required.
---@param said? table
---@return (fun(request: engine.local.Request): string[])?
function required_parameters.compile(said)
  local required = {}
  for _, key in ipairs(order.keys(said or {})) do
    local place, name = key:match "^route%.request%.(%a+)%.(.+)$"
    if READ[place] and is_required(said[key]) then
      table.insert(required, { read = READ[place], name = name })
    end
  end
  return #required > 0 and function(request)
    local missing = {}
    for _, parameter in ipairs(required) do
      local value = parameter.read(request, parameter.name)
      table.insert(missing, (value == nil or value == "") and parameter.name or nil)
    end
    return missing
  end or nil
end

return required_parameters
