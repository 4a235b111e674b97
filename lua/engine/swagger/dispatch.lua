--- The dispatch objects of a document: what they say at its three levels, and how the levels combine.
local json = require "host.json"
local merge = require "engine.swagger.merge"
local order = require "engine.order"
local place = require "engine.swagger.place"
local shape = require "engine.swagger.shape"

local dispatch = {}

--- The field that holds one, at the document, a path or an operation.
dispatch.FIELD = "x-amazon-cloud-canvas-lambda-dispatch"

-- Their properties. Others are passed over, as they always were.
local PROPERTIES <const> = {
  lambda = "string",
  module = "string",
  ["function"] = "string",
  ["additional-properties"] = "object",
  ["additional-request-template-content"] = "string",
  ["additional-response-template-content"] = "object",
  enable_iam = "boolean",
  enable_cores = "boolean",
  enable_cors = "boolean",
}

--- What is said of one operation, all levels together.
---@class engine.swagger.Dispatch
---@field lambda? string
---@field module? string
---@field function_name? string
---@field properties table                 merged over the integration
---@field request_content string           pasted into the request template
---@field response_content table<string, string>  by status
---@field enable_iam boolean
---@field enable_cors boolean

--- One level, checked: the object and where it stands.
---@class engine.swagger.DispatchLevel
---@field value table
---@field here engine.swagger.Place

local function check_property(value, kind, here, noted)
  local got = shape.type(value)
  if value ~= json.null and got ~= kind then
    noted:add(here, ("must be a%s %s, and is a%s %s"):format(kind == "object" and "n" or "", kind,
      (got == "object" or got == "integer") and "n" or "", got), "correct it")
    return false
  end
  return true
end

local function present(value)
  return value ~= json.null and value or nil
end

--- Reads the object of one level, which may have none.
---@param holder table  the document, a path item or an operation
---@param here engine.swagger.Place
---@param noted engine.swagger.Problems
---@return engine.swagger.DispatchLevel
function dispatch.level(holder, here, noted)
  local value, below = holder[dispatch.FIELD], place.below(here, dispatch.FIELD)
  if value == nil then
    return { value = {}, here = below }
  elseif not check_property(value, "object", below, noted) or value == json.null then
    return { value = {}, here = below }
  end
  local known = {}
  for _, name in ipairs(order.keys(value)) do
    local kind = PROPERTIES[name]
    if kind and check_property(value[name], kind, place.below(below, name), noted) then
      known[name] = value[name]
    end
  end
  for status, content in pairs(present(known["additional-response-template-content"]) or {}) do
    local at = place.below(place.below(below, "additional-response-template-content"), status)
    check_property(content, "string", at, noted)
  end
  return { value = known, here = below }
end

-- The innermost level that says anything decides; an empty text ends the search, and says nothing.
local function nearest(levels, name)
  for i = #levels, 1, -1 do
    local value = levels[i].value[name]
    if value ~= nil and value ~= json.null then
      if value == "" then
        return nil
      end
      return value
    end
  end
end

local function switch(levels, ...)
  for _, name in ipairs { ... } do
    local value = nearest(levels, name)
    if value ~= nil then
      return value
    end
  end
  return true
end

--- All levels together: the document's first, the operation's last.
---@param levels engine.swagger.DispatchLevel[]
---@return engine.swagger.Dispatch
function dispatch.combine(levels)
  local properties, request, response = {}, {}, {}
  for _, level in ipairs(levels) do
    local value = level.value
    properties = merge(properties, present(value["additional-properties"]) or {})
    table.insert(request, present(value["additional-request-template-content"]))
    for status, content in pairs(present(value["additional-response-template-content"]) or {}) do
      if type(content) == "string" then
        response[status] = (response[status] or "") .. content
      end
    end
  end
  return {
    lambda = nearest(levels, "lambda"),
    module = nearest(levels, "module"),
    function_name = nearest(levels, "function"),
    properties = properties,
    request_content = table.concat(request),
    response_content = response,
    enable_iam = switch(levels, "enable_iam"),
    enable_cors = switch(levels, "enable_cores", "enable_cors"),
  }
end

--- Whether some level says that the function's name is empty: an error, where nothing at all means
--- the service's own.
---@param levels engine.swagger.DispatchLevel[]
---@return engine.swagger.Place?
function dispatch.empty_lambda(levels)
  for i = #levels, 1, -1 do
    local value = levels[i].value.lambda
    if value == "" then
      return place.below(levels[i].here, "lambda")
    elseif type(value) == "string" then
      return nil
    end
  end
end

return dispatch
