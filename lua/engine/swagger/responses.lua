--- What processing adds to an operation beside its integration: the responses that it can give, who
--- may call it, and the answer to a browser that asks beforehand.
local integration = require "engine.swagger.integration"
local json = require "host.json"
local reference = require "engine.swagger.reference"
local security_rules = require "engine.swagger.security_rules"
local twin = require "engine.twin"

local responses = {}

local ERROR <const> = "Error"
local EMPTY <const> = "EmptyResponse"
local ORIGIN <const> = "Access-Control-Allow-Origin"

local DESCRIPTIONS <const> = {
  ["400"] = "Response when a client error occurs.",
  ["403"] = "Response when access is not allowed.",
  ["404"] = "Response when a resource is not found.",
  ["500"] = "Response when an internal service error occurs.",
}

-- Named as what is sent is named.
local function error_schema()
  return {
    type = "object",
    properties = { errorMessage = { type = "string" }, errorType = { type = "string" } },
    required = json.array { "errorMessage", "errorType" },
  }
end

--- Adds the responses of failures that the operation does not describe itself.
---@param document table
---@param way engine.swagger.Dialect
---@param operation table
function responses.add_errors(document, way, operation)
  local added = false
  for status, description in pairs(DESCRIPTIONS) do
    if operation.responses[status] == nil then
      operation.responses[status] = way.response(description, ERROR)
      added = true
    end
  end
  if added then
    way.define_schema(document, ERROR, error_schema())
  end
end

--- Lets the responses of an operation say that anyone's pages may read them. A response that is
--- shared becomes the operation's own.
---@param document table
---@param way engine.swagger.Dialect
---@param operation table
function responses.add_origin(document, way, operation)
  for _, status in ipairs { "200", "400", "403", "404", "500" } do
    local response = operation.responses[status]
    if response == nil then
      response = { description = "A successful service response." }
    elseif reference.is(response) then
      response = twin.deep(reference.follow(document, response))
    end
    response.headers = response.headers or {}
    response.headers[ORIGIN] = response.headers[ORIGIN] or way.header()
    operation.responses[status] = response
  end
end

--- Lets only callers in who sign their requests, unless the operation says who may call it.
---@param document table
---@param way engine.swagger.Dialect
---@param operation table
function responses.add_security(document, way, operation)
  if operation.security ~= nil then
    return
  end
  operation.security = json.array { { [security_rules.OWN] = json.array {} } }
  way.define_security(document, security_rules.OWN, {
    type = "apiKey",
    name = "Authorization",
    ["in"] = "header",
    ["x-amazon-apigateway-authtype"] = "awsSigv4",
  })
end

local function declared_at_path(document, item)
  local names = {}
  for _, entry in ipairs(item.parameters or {}) do
    local parameter = reference.follow(document, entry)
    if parameter["in"] == "path" then
      names[parameter.name] = true
    end
  end
  return names
end

--- Adds the answer to a browser's question beforehand, unless the path has one.
---@param document table
---@param way engine.swagger.Dialect
---@param path string
---@param item table
function responses.add_preflight(document, way, path, item)
  if item.options ~= nil then
    return
  end
  local answer = way.response("Response to a preflight request.", EMPTY)
  answer.headers = {}
  for _, name in ipairs(integration.PREFLIGHT_HEADERS) do
    answer.headers[name] = way.header()
  end
  local declared, parameters = declared_at_path(document, item), json.array {}
  for segment in path:gmatch "[^/]+" do
    local name = segment:match "^{([^{}]+)}$"
    name = name and name:gsub("%+$", "")
    if name and not declared[name] then
      table.insert(parameters, way.path_parameter(name))
    end
  end
  item.options = {
    parameters = #parameters > 0 and parameters or nil,
    responses = { ["200"] = answer },
    security = document.security and json.array {} or nil,
    [integration.FIELD] = integration.of_preflight(),
  }
  way.define_schema(document, EMPTY, {})
end

return responses
