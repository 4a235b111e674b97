--- The definition that an HTTP API's Body gives: OpenAPI 3 with API Gateway's extensions, as ImportApi
--- and ReimportApi read it. Facts: "Use OpenAPI definitions for HTTP APIs" in API Gateway's guide.
local api_definition = require "engine.local.api_definition"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local order = require "engine.order"
local security = require "engine.local.services.apigatewayv2.import_security"
local shape = require "engine.local.import_shape"
local store = require "engine.local.services.apigatewayv2.store"

local import = {}

local ANY <const> = "x-amazon-apigateway-any-method"
local CORS <const> = "x-amazon-apigateway-cors"
local INTEGRATION <const> = "x-amazon-apigateway-integration"

local VERBS <const> = {
  delete = "DELETE", get = "GET", head = "HEAD", options = "OPTIONS", patch = "PATCH",
  post = "POST", put = "PUT", [ANY] = "ANY",
}

--- A document while it is read.
---@class engine.local.services.apigatewayv2.Import
---@field api_id string
---@field body table
---@field definition engine.local.services.apigatewayv2.Definition
---@field schemes table<string, { type: string, authorizer?: string }>
local Import = {}
Import.__index = Import

--- Adds a part, whose id follows from its name, so that an update finds it.
---@param where "routes"|"integrations"|"authorizers"
---@param name string
---@param part table
---@return string id
function Import:add(where, name, part)
  local id = digest.sha256(("%s/%s/%s"):format(self.api_id, where, name)):sub(1, 10)
  self.definition[where][id] = part
  return id
end

local function complain(format, ...)
  fault.raise("BadRequestException", format:format(...))
end

local function check_version(body)
  if not tostring(body.openapi):find "^3%." then
    complain "Unable to parse API definition: an HTTP API is defined by OpenAPI 3"
  elseif type(body.paths) ~= "table" then
    complain "Unable to parse API definition: it has no paths"
  end
end

-- { "200" = { "append:header.a" = "b" } } as CloudFormation has it.
local function response_parameters(said, place)
  local by_status = {}
  for status, changes in pairs(shape.map(said, place)) do
    local list = {}
    for target, text in pairs(shape.map(changes, place .. "." .. status)) do
      table.insert(list, { Destination = target, Source = text })
    end
    by_status[status] = { ResponseParameters = list }
  end
  return by_status
end

local function read_integration(run, place, said)
  said = shape.map(api_definition.follow(run.body, said), place)
  local function text(name)
    return shape.text(said[name], place .. "." .. name)
  end
  return {
    IntegrationType = (text "type" or ""):upper(),
    IntegrationSubtype = text "integrationSubtype",
    IntegrationMethod = text "httpMethod",
    IntegrationUri = text "uri",
    ConnectionType = text "connectionType",
    ConnectionId = text "connectionId",
    CredentialsArn = text "credentials",
    PayloadFormatVersion = text "payloadFormatVersion",
    TimeoutInMillis = tonumber(tostring(said.timeoutInMillis)),
    RequestParameters = shape.map(said.requestParameters, place .. ".requestParameters"),
    ResponseParameters = response_parameters(said.responseParameters,
      place .. ".responseParameters"),
  }
end

-- "GET /tea", "$default"
local function key_of(path, verb, operation)
  local is_default = path:match "^/?%$default$" or tostring(operation.isDefaultRoute) == "true"
  if verb == "ANY" and is_default then
    return "$default"
  elseif path:sub(1, 1) ~= "/" then
    complain("Unable to parse API definition: the path '%s' does not begin with /", path)
  end
  return ("%s %s"):format(verb, path)
end

local function read_operation(run, path, word, operation)
  local place = ("paths.%s.%s"):format(path, word)
  local key = key_of(path, VERBS[word], operation)
  local route = {
    RouteKey = key,
    OperationName = shape.text(operation.operationId, place .. ".operationId"),
    AuthorizationType = "NONE",
  }
  if operation[INTEGRATION] ~= nil then
    local made = read_integration(run, place .. "." .. INTEGRATION, operation[INTEGRATION])
    route.Target = "integrations/" .. run:add("integrations", key, made)
  end
  security.apply(run, operation, route)
  run:add("routes", key, route)
end

local function read_paths(run)
  local paths = shape.map(run.body.paths, "paths")
  for _, path in ipairs(order.keys(paths)) do
    local item = path:find "^x%-" and {} or shape.map(paths[path], "paths." .. path)
    for _, word in ipairs(order.keys(item)) do
      if VERBS[word] then
        read_operation(run, path, word, shape.map(item[word], ("paths.%s.%s"):format(path, word)))
      end
    end
  end
end

local CORS_WORDS <const> = {
  allowCredentials = "AllowCredentials",
  allowHeaders = "AllowHeaders",
  allowMethods = "AllowMethods",
  allowOrigins = "AllowOrigins",
  exposeHeaders = "ExposeHeaders",
  maxAge = "MaxAge",
}

local function read_cors(said)
  local rules = {}
  for name, value in pairs(shape.map(said, CORS)) do
    if not CORS_WORDS[name] then
      complain("Unable to parse API definition: %s.%s is not known", CORS, name)
    end
    local is_list = name:find "s$" and name ~= "allowCredentials"
    rules[CORS_WORDS[name]] = is_list and shape.texts(value, CORS .. "." .. name) or value
  end
  return next(rules) and rules or nil
end

--- Reads a document in the place of all that an API is.
---@param api_id string
---@param body any
---@return engine.local.services.apigatewayv2.Definition
---@return { Name?: string, Version?: string, Description?: string, CorsConfiguration?: table } said
---  what the document says of the API itself
function import.read(api_id, body)
  if type(body) ~= "table" then
    complain "Unable to parse API definition: it is not a JSON object"
  end
  check_version(body)
  local definition = store.new(api_id).definition
  local run = setmetatable({ api_id = api_id, body = body, definition = definition }, Import)
  run.schemes = security.read(run)
  read_paths(run)
  local info = shape.map(body.info, "info")
  return definition, {
    Name = shape.text(info.title, "info.title"),
    Version = shape.text(info.version, "info.version"),
    Description = shape.text(info.description, "info.description"),
    CorsConfiguration = read_cors(body[CORS]),
  }
end

return import
